"""A part of a file (RFC 9110, section 14): an iPhone plays a recording only when it may fetch it in parts."""

import re

ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


class OutsideError(Exception):
    """The part that is asked for lies outside the file."""


def part_of(asked: str, length: int) -> range | None:
    """The bytes that a Range header asks of a file of this length; None when it asks for no one part.

    What a server does not understand, or several parts at once, it may answer with the whole file. Raises
    OutsideError.
    """
    found = ONE_RANGE.fullmatch(asked.replace(" ", ""))
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, length - int(last)), length
    else:
        start, end = int(first), min(int(last) + 1, length) if last else length
        if last and int(last) < start:
            return None
    if start >= length or start >= end:
        raise OutsideError
    return range(start, end)
