"""What is wrong with a value from outside, in words for whoever sent it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXT = "It has to be text"
_WHOLE = "It has to be a whole number"
_NUMBER = "It has to be a number"
_TRUTH = "It has to be true or false"
_ID = "This is not an id"
_DATE = "It has to be a date, such as 2026-12-31"
_MOMENT = "It has to be a date and a time, such as 2026-12-31T19:30:00Z"
_LIST = "It has to be a list"
_OBJECT = "It has to be an object"
# by pydantic's names of errors, with what it says beside them
_WORDS = {
    "missing": "It is missing",
    "extra_forbidden": "There is no such field here",
    "string_type": _TEXT,
    "string_pattern_mismatch": "It is not written as it has to be; the API's description has an example",
    "string_too_short": "It is too short: {min_length} characters at least",
    "string_too_long": "It is too long: {max_length} characters at most",
    "string_unicode": "It holds what is no character",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "This number is too large",
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_places": "It has to have {decimal_places} decimal places at most",
    "finite_number": "It has to be a finite number",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "greater_than": "It has to be more than {gt}",
    "greater_than_equal": "It has to be {ge} at least",
    "less_than": "It has to be less than {lt}",
    "less_than_equal": "It has to be {le} at most",
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": "Its offset from UTC is missing, such as the Z in 2026-12-31T19:30:00Z",
    "enum": "It has to be {expected}",
    "literal_error": "It has to be {expected}",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": "It has too few entries: {min_length} at least",
    "too_long": "It has too many entries: {max_length} at most",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "value_error": "{error}",
}


def in_words(fault: Mapping[str, Any]) -> str:
    """`fault` is one of `ValidationError.errors()`. A sentence without its full stop."""
    words, beside = _WORDS.get(fault["type"]), fault.get("ctx", {})
    if beside.get("min_length") == 1:
        return "It is empty"
    return str(fault["msg"]) if words is None else words.format_map(beside)


def where(fault: Mapping[str, Any]) -> str:
    """The field, such as `places.0.count`; a rule about several fields begins with the one it means."""
    path = [str(part) for part in fault["loc"]]
    if path[:1] == ["body"]:
        named, colon, _ = in_words(fault).partition(": ")
        path = path[1:] or [named if colon and named.isidentifier() else "body"]
    elif len(path) > 1:
        path = path[1:]  # without "query" or "path"
    return ".".join(path)
