"""What messages say: every kind, in every language, plain and as HTML, nothing left out, nothing smuggled in."""

from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

import central
from central.accounts.one_time_codes import Purpose
from central.anomalies import rules
from central.notifications import letters
from central.notifications.kinds import KINDS
from central.notifications.telling import House

_CENTRAL = Path(central.__file__).parent
ROYAL = House("Royal", "1 High Street")
SENDER = "Royal", "tickets@royal.example"
# what telling.py makes of a booking and of an event, and what details name by themselves
_EVENT = {"event": "The Cherry Orchard", "starts": "20:00", "doors": "19:00", "venue": "Theatre Royal"}
_BOOKING = {**_EVENT, "places": "Stalls A 1", "order": "K7QF", "total": "€ 50", "has_refund": True}
_MADE_OF: dict[str, dict[str, Any]] = {
    "booking": _BOOKING,
    "eventId": _EVENT,
    "places": {"places": "Stalls A 1"},
    "tickets": {"tickets": "1"},
    "refundMinor": {"refund": "€ 25", "has_refund": True},
    "amountMinor": {"amount": "€ 50"},
    "minutes": {"lasts": "30 minutes"},
    "bookUntil": {"until": "21:00"},
    "since": {"since": "yesterday"},
    "before": {"before": "yesterday"},
    "formats": {"days": "yesterday"},
    "freeUntil": {"free_until": "tomorrow"},
}
_ANOMALY = ("anomaly", "concerns", "measured")
_JOB = ("job", "reason")
_ALL = frozenset({"words", "code", "url", "said", "subject", "issuer", "why", "because", *_JOB, *_ANOMALY, *_MADE_OF})
_NOT_TEXT = {"book", "entry", "currency", *_MADE_OF}
_BY_THE_DATABASE = {"job_completed": {"jobId", "job"}, "job_failed": {"jobId", "job", "reason"}}  # see test_telling.py


def everywhere() -> Iterator[tuple[str, frozenset[str], str]]:
    """Each place that writes a message: its kind, the keys of its detail, and where it is."""
    yield from ((kind, frozenset(keys), "tell_of_jobs") for kind, keys in _BY_THE_DATABASE.items())
    for path in sorted(_CENTRAL.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) in (
                    "messages.write",
                    "messages.write_to",
                ):
                    yield from _written(call, function, _constants(tree), f"{path.name}:{call.lineno}")
                elif ast.unparse(call.func) == "tell" and path.parent.name == "house":  # everybody with a booking
                    detail = call.args[3]
                    keys = _keys(_assigned(detail.id, function) if isinstance(detail, ast.Name) else detail)
                    kind = _constants(tree)[ast.unparse(call.args[1])]
                    yield kind, keys | {"booking", "eventId"}, f"{path.name}:{call.lineno}"


def _written(
    call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef, constants: Mapping[str, str], where: str
) -> Iterator[tuple[str, frozenset[str], str]]:
    """The arguments may come in a starred tuple, the detail by name or in a variable of the function."""
    given = [
        part
        for argument in call.args
        for part in (argument.value.elts if isinstance(argument, ast.Starred) else [argument])  # type: ignore[attr-defined]
    ]
    kind = given[1 if ast.unparse(call.func) == "messages.write" else 2]
    detail = next((keyword.value for keyword in call.keywords if keyword.arg == "detail"), given[-1])
    if isinstance(detail, ast.Name):
        detail = _assigned(detail.id, function)
    keys = _keys(detail)
    if isinstance(kind, ast.Constant):
        yield str(kind.value), keys, where
    elif ast.unparse(kind) in constants:
        yield constants[ast.unparse(kind)], keys, where
    else:
        assert ast.unparse(kind) == "str(purpose)", f"{where}: the kind is not written there"
        yield from ((str(purpose), keys, where) for purpose in Purpose)


def _keys(detail: ast.expr) -> frozenset[str]:
    """Without those that are there only sometimes."""
    assert isinstance(detail, ast.Dict), f"{ast.unparse(detail)} is no plain dictionary"
    return frozenset(str(key.value) for key in detail.keys if isinstance(key, ast.Constant))


def _constants(tree: ast.Module) -> dict[str, str]:
    """Of the module, that are text."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            [target] = node.targets
            pairs = (
                zip(target.elts, node.value.elts, strict=True)
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                else [(target, node.value)]
            )
            found |= {
                name.id: value.value
                for name, value in pairs
                if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str)
            }
    return found


def _assigned(name: str, function: ast.AST) -> ast.expr:
    for node in ast.walk(function):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value is not None:
            return node.value
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    return node.value
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    for part, value in zip(target.elts, node.value.elts, strict=True):
                        if isinstance(part, ast.Name) and part.id == name:
                            return value
    raise AssertionError(f"{name} is not assigned where it is used")


def values(keys: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"has_refund": False}
    for key in keys:
        found |= _MADE_OF.get(key, {} if key in _NOT_TEXT else {key: f"a {key}"})
    return found


def test_every_kind_that_is_written_has_words_for_all_it_says() -> None:
    places = list(everywhere())
    assert len({kind for kind, _, _ in places}) > 12
    wrong = []
    for kind, keys, where in places:
        for language in letters.LANGUAGES:
            try:
                letters.write(kind, language, values(keys), ROYAL)
                if KINDS[kind].topic is not None:
                    letters.write_sms(kind, language, values(keys), ROYAL)
            except (KeyError, UndefinedError) as error:
                wrong.append(f"{where}: {kind} in {language}: {error}")
    assert wrong == []


def test_languages_have_the_same_words() -> None:
    assert {"ar", "de", "en", "es", "fr"} == set(letters.LANGUAGES)
    folder = _CENTRAL / "notifications" / "words"
    shapes = {
        language: {
            name: sorted(part) if isinstance(part, dict) else ""
            for name, part in tomllib.loads((folder / f"{language}.toml").read_text("utf-8")).items()
        }
        for language in letters.LANGUAGES
    }
    assert set(shapes["en"]) == {"footer", "unsubscribe", "topics", "facts", "anomalies", *KINDS}
    assert set(shapes["en"]["anomalies"]) == set(rules.KINDS)
    assert all(shape == shapes["en"] for shape in shapes.values())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_value_that_is_missing_is_an_error_and_not_a_gap(kind: str) -> None:
    everything = values(_ALL)
    used = [name for name in everything if _differs(kind, name, everything)]
    for name in used:
        less = {key: value for key, value in everything.items() if key != name}
        with pytest.raises((KeyError, UndefinedError)):
            letters.write(kind, "en", less, ROYAL)


def _differs(kind: str, name: str, everything: Mapping[str, Any]) -> bool:
    one, other = (
        letters.write(kind, "en", {**everything, name: value}, ROYAL).text for value in (everything[name], "another")
    )
    return one != other


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", letters.LANGUAGES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_people_wrote_is_text_and_no_mark_up(kind: str, language: str) -> None:
    nasty = "<img src=x onerror=alert(1)> & {{ 7 * 7 }}"
    everything = values(_ALL)
    letter = letters.write(
        kind, language, dict.fromkeys(everything, nasty), House(nasty, nasty), "https://u.example/?a&b"
    )
    tags = _Tags()
    tags.feed(letter.html)
    assert tags.open == []
    assert "img" not in {tag for tag, _ in tags.found}
    assert "49" not in letter.html.replace("#B949", "")
    [page] = [attributes for tag, attributes in tags.found if tag == "html"]
    assert page == {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}
    assert [attributes["href"] for tag, attributes in tags.found if tag == "a"] == ["https://u.example/?a&b"]


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_no_value_can_add_a_header(break_: str) -> None:
    nasty = f"A dog{break_}Bcc: everybody@example.org{break_}{break_}<b>"
    letter = letters.write("query_answered", "en", {"subject": nasty, "words": nasty}, ROYAL, "https://u.example")
    sent = letters.mime(letter, (nasty, SENDER[1]), "ada@example.org", "key", datetime(2026, 11, 14, tzinfo=UTC))
    read = message_from_bytes(sent.as_bytes(), policy=default)
    assert read["Bcc"] is None
    assert read["Subject"] == "Re: A dog Bcc: everybody@example.org <b>"
    assert [address.addr_spec for address in read["From"].addresses] == [SENDER[1]]
    assert read["To"] == "ada@example.org"


@pytest.mark.parametrize("address", ["ada@example.org\r\nBcc: x@example.org", "a@b.example, c@d.example"])
def test_an_address_is_one_address(address: str) -> None:
    letter = letters.write("password_changed", "en", {}, ROYAL)
    with pytest.raises((HeaderParseError, ValueError), match=r"[Ii]nvalid|CR or LF|one address"):
        letters.mime(letter, SENDER, address, "key", datetime(2026, 11, 14, tzinfo=UTC))


def test_a_value_keeps_its_direction_in_arabic() -> None:
    letter = letters.write("event_reminder", "ar", values(frozenset({"eventId"})), ROYAL)
    assert "\u2068The Cherry Orchard\u2069" in letter.text
    assert "<bdi>The Cherry Orchard</bdi>" in letter.html
    assert not set(letter.subject) & {"\u2068", "\u2069"}


def test_an_sms_is_short_and_on_one_line() -> None:
    for language in letters.LANGUAGES:
        for kind in ("event_reminder", "review_invitation", "verify_phone"):
            text = letters.write_sms(
                kind, language, {**_EVENT, "event": string.ascii_letters * 30, "code": "123456", "lasts": "x"}, ROYAL
            )
            assert len(text) <= 459
            assert "\n" not in text
