"""The body of a posted form to its fields; nothing in it is trusted."""

from urllib.parse import parse_qsl

from survey.web.situations import Malformed

Form = dict[str, list[str]]

LARGEST_BODY = 128 * 1024
"""Bytes: an open answer of 5000 characters of up to twelve bytes each (`%F0%9F%98%80`), and room to spare."""

MOST_FIELDS = 200


def parse_fields(body: bytes) -> Form:
    """The values of each field, in order. Raises Malformed when there are too many."""
    try:
        text = body.decode("ascii", "replace")
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Malformed from error
    fields: Form = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def first(fields: Form, name: str) -> str:
    """The first value of a field, without spaces around it; empty when it is not there."""
    values = fields.get(name)
    return values[0].strip() if values else ""
