"""Messages put into words, plain and as HTML, in one of the languages there are words for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from central.notifications.kinds import KINDS, Topic
from central.notifications.telling import House

_HERE = Path(__file__).parent
LANGUAGES = tuple(sorted(path.stem for path in (_HERE / "words").glob("*.toml")))
_FALLBACK = "en"
# what would end a header line or turn the reading direction of what follows it
_UNSEEN = re.compile(r"[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_SPACES = re.compile(" {2,}")  # those that keep an amount on one line stay
_ISOLATED = "\u2068", "\u2069"  # a value keeps its own direction inside words of another
_MOST_SUBJECT = 200
_MOST_SMS = 459  # characters: three parts


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    type: str  # such as application/pdf
    body: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    unsubscribe_url: str = ""

    def with_attachments(self, attachments: tuple[Attachment, ...]) -> Letter:
        return replace(self, attachments=attachments)


def language_of(wished: str) -> str:
    """The one that words are in."""
    return wished if wished in LANGUAGES else _FALLBACK


def write(kind: str, language: str, values: Mapping[str, Any], by: House, unsubscribe_url: str = "") -> Letter:
    """Raises jinja2.UndefinedError for a value that the words want and the message does not have."""
    shape, words = KINDS[kind], _words(language)
    mine, values = words[kind], {**values, "seller": by.name}
    if "anomaly" in values:
        values["anomaly"] = words["anomalies"].get(values["anomaly"], values["anomaly"])
    direction = _direction(language)
    is_turned = direction == "rtl"
    missing = [name for name in shape.facts if name not in values]
    if missing or (shape.has_code and "code" not in values):
        raise KeyError(f"{kind} lacks {', '.join(missing) or 'code'}")
    common = {
        "language": language,
        "direction": direction,
        "subject": _subject(mine["subject"], values),
        "heading": mine["heading"],
        "facts": [(words["facts"][name], _line(values[name])) for name in shape.facts if values[name]],
        "code": values["code"] if shape.has_code else "",
        "quote": values[shape.quote] if shape.quote else "",
        "seller": by.name,
        "seller_address": by.address,
        "footer": words["footer"],
        "unsubscribe": words["unsubscribe"],
        "unsubscribe_url": unsubscribe_url,
    }
    plain = [_filled(words_, values, is_html=False, is_turned=is_turned) for words_ in mine["text"]]
    marked = [Markup(_filled(words_, values, is_html=True, is_turned=is_turned)) for words_ in mine["text"]]
    text = _layouts(is_html=False).get_template("letter.txt")
    html = _layouts(is_html=True).get_template("letter.html")
    return Letter(
        common["subject"],
        text.render({**common, "text": [words_ for words_ in plain if words_]}),
        html.render({**common, "text": [words_ for words_ in marked if words_]}),
        unsubscribe_url=unsubscribe_url,
    )


def write_sms(kind: str, language: str, values: Mapping[str, Any], by: House) -> str:
    """Raises as `write` does."""
    text = _filled(_words(language)[kind]["sms"], {**values, "seller": by.name}, is_html=False, is_turned=False)
    return _line(text)[:_MOST_SMS]


def unsubscribe_page(language: str, topic: Topic, token: str, *, is_done: bool) -> str:
    words = _words(language)
    page = _layouts(is_html=True).get_template("unsubscribe.html")
    return page.render(
        **words["topics"][topic],
        unsubscribe=words["unsubscribe"],
        language=language,
        direction=_direction(language),
        token=token,
        is_done=is_done,
    )


def mime(letter: Letter, sender: tuple[str, str], address: str, key: str, now: datetime) -> EmailMessage:
    """`sender`: name and address. `key` names the message: a server that gets it twice can tell."""
    message = EmailMessage(policy=SMTP)
    name, from_address = sender
    message["From"] = Address(_line(name), addr_spec=from_address)
    message["To"] = Address(addr_spec=address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{key}@{from_address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    for attached in letter.attachments:
        main, _, sub = attached.type.partition("/")
        message.add_attachment(
            attached.body, maintype=main, subtype=sub, filename=attached.name, params=dict(attached.parameters)
        )
    return message


def _direction(language: str) -> str:
    return "rtl" if Locale(language).character_order == "right-to-left" else "ltr"


def _subject(words: str, values: Mapping[str, Any]) -> str:
    filled = _filled(words, values, is_html=False, is_turned=False)
    return _line(filled)[:_MOST_SUBJECT]


def _line(text: str) -> str:
    return _SPACES.sub(" ", _UNSEEN.sub(" ", text)).strip()


def _filled(words: str, values: Mapping[str, Any], *, is_html: bool, is_turned: bool) -> str:
    filled: str = _sentence(words, is_html, is_turned).render(values)
    return filled.strip()


@lru_cache(maxsize=1024)
def _sentence(words: str, is_html: bool, is_turned: bool) -> Any:
    return _sentences(is_html, is_turned).from_string(words)


@lru_cache(maxsize=4)
def _sentences(is_html: bool, is_turned: bool) -> Environment:
    def value(found: object) -> object:
        if not is_turned:
            return found
        return Markup("<bdi>{}</bdi>").format(found) if is_html else found_between(found)

    def found_between(found: object) -> str:
        return f"{_ISOLATED[0]}{found}{_ISOLATED[1]}"

    return Environment(autoescape=is_html, undefined=StrictUndefined, finalize=value)


@lru_cache(maxsize=2)
def _layouts(*, is_html: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "layouts"),
        autoescape=is_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@lru_cache(maxsize=len(LANGUAGES) or 1)
def _words(language: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / "words" / f"{language}.toml").read_text("utf-8"))
