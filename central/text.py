"""Text from outside: normalised, without what cannot be seen or would change how the rest is read.

`Line` and `Paragraph` are bounded where they are used: `Annotated[Line, Field(min_length=1, max_length=100)]` counts
what is left after stripping.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

# C0 and C1 controls, line and paragraph separators, marks that turn the reading direction of what follows
_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_UNSEEN_BUT_BREAKS = r"\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_IN_LINE = re.compile(f"[{_UNSEEN}]")
_IN_PARAGRAPH = re.compile(f"[{_UNSEEN_BUT_BREAKS}]")
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})+")
_MOST_LOCAL = 64
MOST_EMAIL = 254  # RFC 5321 leaves this many for an address


def _pattern(unseen: str) -> str:
    """ECMA 262, for the API's description: no space around it, nothing unseen in it."""
    return f"^(?:[^\\s{unseen}](?:[^{unseen}]*[^\\s{unseen}])?)?$"


def _line(text: str) -> str:
    cleaned = unicodedata.normalize("NFC", text).strip()
    if _IN_LINE.search(cleaned):
        raise PydanticCustomError("text", "It holds a control character; write it on one line")
    return cleaned


def _paragraph(text: str) -> str:
    cleaned = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " ")).strip()
    if _IN_PARAGRAPH.search(cleaned):
        raise PydanticCustomError("text", "It holds a control character")
    return cleaned


def _email(text: str) -> str:
    """The domain in small letters; the part before it as its owner writes it. Compare with SQL's lower()."""
    local, _, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    address = f"{local}@{domain}"
    if len(local) > _MOST_LOCAL or len(address) > MOST_EMAIL or not _EMAIL.fullmatch(address):
        raise PydanticCustomError("email", "This is not an e-mail address")
    return address


@cache  # it looks through the folders of the system
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _time_zone(name: str) -> str:
    if name not in _time_zones():
        raise PydanticCustomError("timezone", "This is no IANA time zone, such as Europe/London")
    return name


Line = Annotated[str, AfterValidator(_line), Field(json_schema_extra={"pattern": _pattern(_UNSEEN)})]
Paragraph = Annotated[
    str, AfterValidator(_paragraph), Field(json_schema_extra={"pattern": _pattern(_UNSEEN_BUT_BREAKS)})
]
Email = Annotated[
    str,
    Field(max_length=MOST_EMAIL),
    AfterValidator(_email),
    Field(
        examples=["ada@example.org"],
        json_schema_extra={"format": "email", "pattern": r"^[a-z0-9]{1,20}@[a-z0-9]{1,20}\.[a-z]{2,10}$"},
    ),
]
Language = Annotated[str, Field(pattern="^[a-z]{2}$", examples=["en"])]
TimeZone = Annotated[str, Field(max_length=64, examples=["Europe/London"]), AfterValidator(_time_zone)]
