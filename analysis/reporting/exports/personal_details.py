"""What in a text may tell who wrote it, or about whom: a hint for whoever reads it, and no proof of none."""

import re

_TITLES = (
    "mevrouw|mevr|mw|meneer|mijnheer|dhr|de heer|dokter|juf|juffrouw|meester|buurman|buurvrouw|tante|oom"
    "|dr|mr|mrs|ms|miss|pan|pani|pana|panią|пан|пані"
)
_STREETS = (
    "straat|laan|weg|plein|kade|gracht|singel|hof|dijk|pad|steeg|plantsoen|dreef|markt|wal|baan|ring|veste?"
)

_PATTERNS = {
    "e-mailadres": r"[^\s@]{1,64}@[^\s@]{1,255}\.\w+",
    "internetadres": r"(?i:https?://|\bwww\.)\S+",
    "rekeningnummer": r"\b[A-Z]{2}\d{2}(?: ?[A-Z]{4}| ?\d{4})(?: ?\d{2,4}){2,}",
    "telefoonnummer": r"(?<!\w)\+?\d(?:[ .()/\u2011-]*\d){8,14}\b",
    "postcode": r"\b[1-9]\d{3}(?: ?[A-Z]{2}|[a-z]{2})\b",
    "huisnummer": rf"\b(?i:\w*(?:{_STREETS})|(?:huis)?nummer|nr\.?)\s*\d+\s?[a-z]?\b",
    "naam": (
        rf"\b(?i:{_TITLES})\b\.?\s+(?:(?:van|de|den|der|ten|ter|el|al)\s+)*[^\W\d_a-zà-ÿа-яєії]\w*"
        r"|\b(?i:ik heet|mijn naam is|my name is)\s+\w+"
        r"|\b\w+\s+(?:Bey|Hanım)\b"
        r"|(?:السيدة?|الأستاذة?)\s+\w+"
    ),
}
"""By what it is called, how a detail is mostly written. `\\d` and `\\w` are those of every script."""

_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}


def personal_details(text: str) -> tuple[str, ...]:
    """In Dutch, the kinds of details that the text seems to hold: ("telefoonnummer", "naam")."""
    return tuple(name for name, pattern in _COMPILED.items() if pattern.search(text))
