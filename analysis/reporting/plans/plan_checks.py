"""What the parts of a plan check alike: names that must exist, and names that may stand there once."""

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from typing import Annotated

from msgspec import Meta

from survey.questionnaires.problems import Findings

Words = Annotated[str, Meta(pattern=r"\S")]
"""A text that is printed: an empty one would leave a hole in a sentence."""

LISTED = 12
"""A message lists what there is when it is no more than this."""


def letters(name: str) -> str:
    """A name without what people write differently: capitals, spaces, full stops."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def suggestion(name: str, known: Iterable[str]) -> str:
    """A sentence with the name that was probably meant; empty when none is like it."""
    near = get_close_matches(name, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def refuse_unknown(  # noqa: PLR0913, PLR0917 - what, of what, and where to say so
    names: Iterable[str], known: Collection[str], what: str, code: str, place: str, findings: Findings
) -> None:
    """Report every name that is no `what`, with the one that was probably meant or all that there are."""
    for name in names:
        if name not in known:
            hint = suggestion(name, known) or (
                f" There are: {', '.join(known)}." if len(known) <= LISTED else " Correct the name."
            )
            findings.error(code, place, f"{name} is no {what}.{hint}")


def refuse_repeats(names: Sequence[str], place: str, findings: Findings) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        findings.error("WA211", place, f"{name} stands here twice. Remove one.")


def check_variable(
    variable: str,
    listed: Iterable[int],
    place: str,
    codes: dict[str, frozenset[int]],
    findings: Findings,
) -> None:
    """Report a variable that the questionnaire does not have, or codes that its question does not have."""
    if variable not in codes:
        findings.error(
            "WA207",
            f"{place}.variable",
            f"The questionnaire has no closed question {variable}.{suggestion(variable, codes)}",
        )
        return
    unknown = sorted(set(listed) - codes[variable])
    if unknown:
        findings.error(
            "WA208",
            place,
            f"{variable} has no code {', '.join(map(str, unknown))}. "
            f"It has: {', '.join(map(str, sorted(codes[variable])))}.",
        )
