"""Who is invited, who takes part, and who comes through the open link.

Invited residents are a simple random sample without replacement within each area, one code each, as letters
from the population register would be. Taking part is a draw without replacement with odds that depend on
who someone is (the largest log odds plus Gumbel noise first), so a seed fixes exactly who comes.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from survey.simulate.model import AREA, Simulation, SimulationError, Willingness
from survey.simulate.persons import Persons, Places, effect, gumbel, random


class Participant(Struct, frozen=True, kw_only=True):
    """A person who visits the survey, with the code of the letter or through the open link (`None`)."""

    person: int
    code: str | None


def draw_participants(
    persons: Persons,
    simulation: Simulation,
    codes: Mapping[str, Sequence[str]],
    number: int,
    open_share: float,
) -> tuple[Participant, ...]:
    """`number` participants, of whom `open_share` without a code; `codes` are those issued per area.

    Raises SimulationError when fewer people are invited than should take part.
    """
    through_link = round(number * open_share)
    invited = _invite(persons, codes)
    if len(invited) < number - through_link:
        raise SimulationError(
            f"{len(invited)} codes are too few for {number - through_link} invited respondents. "
            "Give more files with --codes, or fewer --respondents."
        )
    letters = np.array(sorted(invited), dtype=np.intp)
    willing = _willing(persons, letters, simulation.response, number - through_link, "response")
    others = np.setdiff1d(np.arange(persons.size), letters)
    selected = _willing(persons, others, simulation.open_link, through_link, "open_link")
    coming = [Participant(person=int(who), code=invited[int(who)]) for who in willing]
    coming += [Participant(person=int(who), code=None) for who in selected]
    order = random(persons.seed, "order").permutation(len(coming))
    return tuple(coming[place] for place in order)


def _invite(persons: Persons, codes: Mapping[str, Sequence[str]]) -> dict[int, str]:
    names, places = persons.traits[AREA]
    invited: dict[int, str] = {}
    for area, letters in sorted(codes.items()):
        if area not in names:
            raise SimulationError(f"There are codes for the area {area!r}, which population.csv has not.")
        people = np.flatnonzero(places == names.index(area))
        if len(letters) > len(people):
            raise SimulationError(f"{len(letters)} codes for {area}, where {len(people)} adults live.")
        drawn = random(persons.seed, f"invited:{area}").choice(people, size=len(letters), replace=False)
        invited |= dict(zip(drawn.tolist(), letters, strict=True))
    return invited


def _willing(
    persons: Persons, candidates: Places, willingness: Willingness, number: int, name: str
) -> Places:
    odds = effect(persons, willingness.effects, name)[candidates]
    keys = odds + gumbel(random(persons.seed, f"willing:{name}"), odds.shape)
    chosen: Places = candidates[np.argsort(-keys, kind="stable")[:number]]
    return chosen
