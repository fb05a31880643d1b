"""Bytes to typed values, with every fault and its place: the first stage of parsing.

msgspec stops at the first fault, so a value is decoded field by field; msgspec still decides about
each single value.
"""

import re
import tomllib
from datetime import date
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from survey.questionnaires.problems import Findings

Shape = TypeVar("Shape", bound=Struct)

FAULT = object()
"""Stands for a value that could not be decoded; its problem has been reported."""

_MEANINGS = {
    "matching regex '^[a-z][a-z0-9_]{0,31}$'": "of lower-case letters, digits and _, starting with a letter, "
    "at most 32 characters",
    r"matching regex '^[^/\\\\:.~][^/\\\\:]*$'": "that names a file in the same folder",
    r"matching regex '\\S'": "that says something: write it, or leave it out",
    "matching regex '^[a-z][a-z0-9-]{0,62}$'": "of lower-case letters, digits and -, starting with a letter",
}

_KINDS = {
    "str": "text",
    "int": "a whole number",
    "bool": "true or false",
    "float": "a number with decimals",
    "array": "a list",
    "object": "a table",
}

_TOML_FAULTS = {
    "Cannot overwrite a value": "the same key stands here a second time",
    "Cannot declare": "the same table stands here a second time",
    "Duplicate inline table key": "the same key stands twice between these braces",
    "Illegal character '\\n'": "a text is not closed. Put a straight quotation mark behind it",
    "Unterminated string": "a text is not closed. Put a straight quotation mark behind it",
    "Unclosed array": "a list is not closed, or a comma is missing between its parts",
    "Unclosed inline table": "braces are not closed, or a comma is missing between them",
    "Unescaped '\\'": "a backslash in a text must be written twice",
    "Invalid value": 'a value is a text between straight quotation marks ("like this"), a number, '
    "true, false or a list. Look also at the line before: a list there may not be closed",
    "Expected '=' after a key": "an equals sign is missing between a key and its value",
    "Expected newline or end of document": "something stands behind the value. "
    "Begin a new line for the next key",
}
"""What the messages of tomllib mean to somebody who does not program, by how they begin."""


def decode_text(data: bytes, findings: Findings) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        findings.error("WP002", f"line {line}", "This file is not UTF-8. Save it again as UTF-8.")
        return None


def decode_toml(data: bytes, findings: Findings) -> dict[str, Any] | None:
    """The table in a TOML file; a fault of form or a key written twice is reported with its line."""
    text = decode_text(data, findings)
    if text is None:
        return None
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        what, line = _toml_fault(str(error), text)
        findings.error("WP003", f"line {line}", f"This is not valid TOML: {what}. Correct this line.")
    except RecursionError:
        findings.error("WP003", "line 1", "This TOML is nested too deeply.")
    return None


def _toml_fault(message: str, text: str) -> tuple[str, int]:
    found = message.split(" (at ", maxsplit=1)[0]
    what = next((meaning for start, meaning in _TOML_FAULTS.items() if found.startswith(start)), found)
    line = re.search(r"\(at line (\d+)", message)
    return what, int(line[1]) if line else len(text.splitlines())


def decode(shape: type[Shape], written: object, place: str, findings: Findings) -> Shape | None:
    """`written` as a `shape`, or None after reporting every fault in it.

    An unknown field is reported, but does not stand in the way of the rest.
    """
    values = decode_fields(shape, written, place, findings)
    return None if FAULT in values.values() else shape(**values)


def decode_fields(shape: type[Struct], written: object, place: str, findings: Findings) -> dict[str, Any]:
    """The fields of a `shape` by name; FAULT stands where a field is missing or wrong."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    if not isinstance(written, dict):
        findings.error("WP104", place, "A table is expected here.")
        return {field.name: FAULT for field in fields.values()}
    _refuse_unknown(written, list(fields), place, findings)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in written:
            values[field.name] = _decode_value(field.type, written[name], inside(place, name), findings)
        elif field.required:
            findings.error("WP103", place, f"`{name}` is missing. Add it.")
            values[field.name] = FAULT
    return values


def inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _refuse_unknown(written: dict[str, Any], known: list[str], place: str, findings: Findings) -> None:
    for name in written:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            possible = f"Possible here: {', '.join(known)}." if known else "There are none here: remove it."
            hint = f"Did you mean `{near[0]}`?" if near else possible
            findings.error("WP101", inside(place, name), f"`{name}` is not a known field. {hint}")


def _decode_value(kind: Any, value: object, place: str, findings: Findings) -> Any:
    if get_origin(kind) in (Union, UnionType):
        tagged = _tagged(kind)
        if tagged:
            return _decode_tagged(tagged, value, place, findings)
        kind = _member(kind, value)
    if get_origin(kind) is tuple:
        return _decode_list(get_args(kind)[0], value, place, findings)
    if get_origin(kind) is dict:
        return _decode_table(get_args(kind), value, place, findings)
    if isinstance(kind, type) and issubclass(kind, Struct):
        decoded = decode(kind, value, place, findings)
        return FAULT if decoded is None else decoded
    if kind is str and isinstance(value, date):  # TOML has dates of its own
        value = value.isoformat()
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        possible = get_args(kind) if get_origin(kind) is Literal else ()
        what = f"Write one of: {', '.join(map(str, possible))}" if possible else _plain(str(error))
        findings.error("WP104", place, f"{what}.")
        return FAULT


def _member(union: Any, value: object) -> Any:
    """The member of a union that the value is meant for: the struct for a table, else the other."""
    members = [member for member in get_args(union) if member is not NoneType]
    structs = [member for member in members if isinstance(member, type) and issubclass(member, Struct)]
    others = [member for member in members if member not in structs]
    return structs[0] if structs and (isinstance(value, dict) or not others) else others[0]


def _tagged(union: Any) -> dict[str, type[Struct]]:
    """The structs of a union that a field tells apart, by what it must say; empty for other unions."""
    structs = [kind for kind in get_args(union) if isinstance(kind, type) and issubclass(kind, Struct)]
    if len(structs) < 2 or any(kind.__struct_config__.tag is None for kind in structs):
        return {}
    return {str(kind.__struct_config__.tag): kind for kind in structs}


def _decode_tagged(tagged: dict[str, type[Struct]], value: object, place: str, findings: Findings) -> Any:
    field = next(iter(tagged.values())).__struct_config__.tag_field or "type"
    if not isinstance(value, dict):
        findings.error("WP104", place, "A table is expected here.")
        return FAULT
    kind = tagged.get(str(value.get(field)))
    if kind is None:
        findings.error("WP104", inside(place, field), f"Write one of: {', '.join(tagged)}.")
        return FAULT
    return _decode_value(kind, {name: part for name, part in value.items() if name != field}, place, findings)


def _decode_list(kind: Any, value: object, place: str, findings: Findings) -> Any:
    if not isinstance(value, list):
        findings.error("WP104", place, "A list is expected here.")
        return FAULT
    decoded = [_decode_value(kind, part, f"{place}[{n}]", findings) for n, part in enumerate(value)]
    return FAULT if FAULT in decoded else tuple(decoded)


def _decode_table(kinds: tuple[Any, Any], value: object, place: str, findings: Findings) -> Any:
    if not isinstance(value, dict):
        findings.error("WP104", place, "A table is expected here.")
        return FAULT
    decoded = {
        _decode_value(kinds[0], name, inside(place, name), findings): _decode_value(
            kinds[1], part, inside(place, name), findings
        )
        for name, part in value.items()
    }
    return FAULT if FAULT in (*decoded, *decoded.values()) else decoded


def _plain(message: str) -> str:
    message = message.split(" - at ", maxsplit=1)[0]
    for pattern, meaning in _MEANINGS.items():
        message = message.replace(pattern, meaning)
    for kind, words in _KINDS.items():
        message = message.replace(f"`{kind}`", words)
    return message


def is_date(text: str) -> bool:
    """Whether a text is a calendar date written as 2026-11-23."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
