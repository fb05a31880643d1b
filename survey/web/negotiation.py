"""What a browser asks for: the language to begin in."""

from collections.abc import Sequence


def preferred(accept_language: str, offered: Sequence[str]) -> str:
    """The tag in `offered` that an Accept-Language header (RFC 9110, 12.5.4) asks for first, else the first.

    `nl-BE` finds `nl` when there is no closer one.
    """
    lower = {tag.lower(): tag for tag in offered}
    for wanted in by_quality(accept_language):
        found = lower.get(wanted) or lower.get(wanted.split("-", maxsplit=1)[0])
        if found is not None:
            return found
    return offered[0]


def by_quality(header: str) -> list[str]:
    """What a header that weighs its parts asks for, such as Accept-Language, the most wanted first."""
    ranges = [_range(part) for part in header.split(",") if part.strip()]
    ranges.sort(key=lambda weighted: -weighted[1])
    return [tag for tag, quality in ranges if quality > 0]


def _range(part: str) -> tuple[str, float]:
    tag, _, parameter = part.partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        quality = float(value) if name == "q" else 1.0
    except ValueError:
        quality = 0.0
    return tag.strip().lower(), quality
