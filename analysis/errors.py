"""What all errors of the engine have in common."""

import math
from collections.abc import Mapping
from numbers import Integral
from typing import Any, get_args

LARGEST = 1e50
"""Beyond this no number is an answer or a count; up to it a float holds the products of squares."""


class AnalysisError(Exception):
    """The engine cannot work with what it was given: the message says where, what, and what to do next.

    Its families: ColumnError (a column or formula), DesignError (how the sample was drawn, and models under
    it) and CalibrationError (weighting).
    """


class OptionError(AnalysisError):
    """An option with a value that it cannot have."""


def refuse_other(what: str, given: object, choices: Any) -> None:
    """Raise OptionError when something is none of the choices, which are those of a Literal."""
    known = get_args(choices)
    if given not in known:
        raise OptionError(f"There is no {what} {given!r}. Choose from: {', '.join(known)}.")


def refuse_no_share(what: str, given: float) -> None:
    """Raise OptionError when something that lies between 0 and 1, such as a confidence, does not."""
    if not 0 < given < 1:
        raise OptionError(f"The {what} is {given!r}. It is a number between 0 and 1, such as 0.95.")


def number(what: str, given: Any, error: type[AnalysisError] = OptionError) -> float:
    """Something that has to be a number as one; a text, nothing, nan or what is endless raises `error`."""
    try:
        found = math.nan if isinstance(given, str) else float(given)
    except (TypeError, ValueError):
        found = math.nan
    if not abs(found) <= LARGEST:
        raise error(f"{what} is no number: {given!r}. Correct it.")
    return found


def refuse_no_mapping(what: str, given: Any, error: type[AnalysisError]) -> None:
    """Raise `error` when something that gives numbers by name does not."""
    if not isinstance(given, Mapping):
        raise error(f"{what} are {given!r:.60}. Give them by name, such as {{'old': 400, 'young': 600}}.")


def refuse_no_whole(what: str, given: Any) -> None:
    """Raise OptionError when something is no whole number from 0."""
    if isinstance(given, bool) or not isinstance(given, Integral) or given < 0:
        raise OptionError(f"{what} is {given!r}. Give a whole number from 0.")
