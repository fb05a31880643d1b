"""The body of a posted form to its fields; nothing in it is trusted."""

from urllib.parse import parse_qsl

from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import Receive

from survey.questionnaires.answers import clean
from survey.web.situations import Malformed, NotAForm

Form = dict[str, list[str]]

MOST_TYPED = 10_000
"""What a field of our pages takes, in UTF-16 units as browsers count: more than any answer may be, so that
who writes too much still reads how much is too much."""

LARGEST_BODY = 128 * 1024
"""Bytes: a field that is as full as can be, at up to nine bytes a unit (`%E2%82%AC`), and room to spare."""

MOST_FIELDS = 200

MEDIA_TYPE = "application/x-www-form-urlencoded"


def check_media_type(header: str) -> None:
    """Raises NotAForm for a body that says to be anything else than what our forms send."""
    if header.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise NotAForm


async def read_body(receive: Receive, largest: int = LARGEST_BODY) -> bytes:
    """The whole body, several times quicker than by the framework's own reader.

    Raises RequestEntityTooLarge above `largest` bytes, and Malformed when the sender went away halfway:
    half a text is not an answer.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Malformed
        body += message["body"]
        if len(body) > largest:
            raise RequestEntityTooLarge
        if not message["more_body"]:
            return body


def parse_fields(body: bytes) -> Form:
    """The values of each field, cleaned and in order. Raises Malformed when there are too many."""
    try:
        text = body.decode("ascii", "replace")
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Malformed from error
    fields: Form = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(clean(value))
    return fields


def first(fields: Form, name: str) -> str:
    """The first value of a field; empty when it is not there."""
    values = fields.get(name)
    return values[0] if values else ""
