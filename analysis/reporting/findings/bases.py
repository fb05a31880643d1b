"""Of whom the figures of a report are: what two reports of one survey are compared by.

Two reports that differ by one response tell, set beside each other, what it says. They differ in every figure
that the response is behind: of an area, a group, a table, a question, a model. So of each of these stands
here who is behind it, and what they said of it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting.coding.topics import topics_given
from analysis.reporting.exports.dataset import Dataset, Texts
from analysis.reporting.exports.questions import closed_questions, variables_of
from analysis.reporting.findings import indicators
from analysis.reporting.findings.companions import NETWORK_BASE, counted_people
from analysis.reporting.findings.divisions import divisions
from analysis.reporting.findings.groups import areas_of
from analysis.reporting.findings.hypotheses import compared_in
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.findings.sensitivity import Choice, choices, people_of
from analysis.reporting.findings.waves import Waves
from analysis.reporting.plans.coding_plan import CodingPlan
from analysis.reporting.plans.companion_plan import CompanionPlan, NetworkPlan
from analysis.reporting.plans.plan import AnalysisPlan
from analysis.reporting.plans.weighting_plan import AREA
from analysis.reporting.weighting.margins import categories_of
from survey.questionnaires.model import MultipleChoice

Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.uint64]

ALL_ANSWERS = "all answers"
EVERYBODY = "everybody"
OTHERS = ""
"""The level of everybody who is at no level of a division that is published."""


class Base(Struct, frozen=True, kw_only=True, eq=False):
    """The people behind one figure, by the `levels` of a division; together the levels hold all of them.

    Place, figure and levels are named by codes and keys, never by words: a report in another language, or in
    which an answer is put in other words, has the same.

    `level`: of every person a place in `levels`; `who`: the random number of the response, as text; `said`:
    a number that stands for what it says, as far as the figure is about it. All three have shape (people,).
    """

    place: str
    figure: str
    levels: tuple[str, ...]
    level: Codes
    who: Texts
    said: Numbers


class Divided(Struct, frozen=True, kw_only=True, eq=False):
    """The level of everybody, as a place in `levels`, of which OTHERS is the last."""

    levels: tuple[str, ...]
    level: Codes


class Across(Struct, frozen=True, kw_only=True, eq=False):
    """Residents at the levels of all divisions together: what sums of figures of several divisions are of.

    `who` as in a Base. `levels`: by name who is at every level that is published, everybody first; `figures`:
    of every indicator who answered it, and its levels. `bases`: those of the divisions, as in `bases`.
    """

    place: str
    who: Texts
    levels: Mapping[str, Mask]
    figures: Mapping[str, tuple[Mask, tuple[str, ...]]]
    bases: tuple[Base, ...] = ()


class People:
    """Responses of a survey, and numbers that stand for each."""

    def __init__(self, dataset: Dataset, *place: str) -> None:
        self.dataset = dataset
        self.place = ", ".join((dataset.export.survey, *place))
        self.who = dataset.texts["response"]

    def base(self, figure: str, said: npt.NDArray[np.generic], rows: Mask, by: Divided, of: str = "") -> Base:
        """The people in `rows`, and what they said, at the levels of a division, whose name is `of`."""
        return Base(
            place=f"{self.place}, {of}" if of else self.place,
            figure=figure,
            levels=by.levels,
            level=by.level[rows],
            who=self.who[rows],
            said=_stood_for(said[rows]),
        )

    def of_codes(self, column: str, by: Divided, of: str = "") -> Base:
        """Those who answered what stands in a column."""
        answers = self.dataset.codes[column]
        return self.base(column, answers, answers >= 0, by, of)

    def of_all(self, by: Divided, of: str = "") -> Base:
        """Everybody, and everything they said."""
        said = together(self.dataset.codes[name] for name in sorted(self.dataset.codes))
        return self.base(ALL_ANSWERS, said, np.full(self.dataset.size, True), by, of)

    @property
    def undivided(self) -> Divided:
        return Divided(levels=(OTHERS,), level=np.zeros(self.dataset.size, dtype=np.intp))

    @property
    def areas(self) -> Divided:
        codes, areas = areas_of(self.dataset)
        return Divided(levels=(*areas, OTHERS), level=codes)


def bases(outcomes: Outcomes, sheets: Mapping[str, bytes]) -> Iterator[Base]:
    """Those of the figures on residents: of the report, and of the tables and tests of its plan.

    `sheets`: the coding sheets by their names. Raises InputError.
    """
    dataset, plan = outcomes.dataset, outcomes.plan
    invited, opened = (
        dataset.usable(channel, plan.weighting.dispositions) for channel in ("invited", "open")
    )
    sample, others = People(dataset.take(invited), "invited"), People(dataset.take(opened), "open")
    yield sample.of_all(sample.areas, AREA)
    yield others.of_all(others.areas, AREA)
    yield from _participation(People(dataset.take(invited | opened)))
    yield from _questions(sample)
    yield from _answers_by_area(sample)
    yield from _divided(sample, plan)
    yield from _short_form(sample, plan)
    yield from _tests(sample, outcomes)
    yield from _indicators(others, plan)
    if plan.report is not None:
        yield from _topics(sheets, sample, plan.report.open_answers)
    for name, people in _of_variants(dataset, plan):
        yield from _indicators(People(dataset.take(people), name), plan)


def people(outcomes: Outcomes) -> dict[str, Texts]:
    """The responses of residents whose answers count, by place."""
    dataset, dispositions = outcomes.dataset, outcomes.plan.weighting.dispositions
    found = (People(dataset.take(dataset.usable(each, dispositions)), each) for each in ("invited", "open"))
    return {each.place: each.who for each in found}


def people_beside(dataset: Dataset) -> dict[str, Texts]:
    """The same of employees, partners or young people."""
    found = People(counted_people(dataset))
    return {found.place: found.who}


def across(outcomes: Outcomes) -> Across:
    """Of the figures on residents by area, group and table."""
    dataset, plan = outcomes.dataset, outcomes.plan
    sample = People(dataset.take(dataset.usable("invited", plan.weighting.dispositions)), "invited")
    parts = [*divisions(sample.dataset, plan)]
    levels = {EVERYBODY: np.full(sample.dataset.size, True)}
    names: dict[str, tuple[str, ...]] = {}
    for part in parts:
        own = {
            f"{part.key}: {level}": part.codes == n
            for n, level in enumerate(part.levels)
            if level in part.published
        }
        levels |= own
        names[part.key] = tuple(own)
    figures = {}
    for indicator in plan.indicators:
        its = [name for part in parts if indicator.key in part.of for name in names[part.key]]
        answered = ~np.isnan(indicators.values(sample.dataset, indicator))
        figures[indicator.key] = answered, (EVERYBODY, *its)
    return Across(
        place=sample.place,
        who=sample.who,
        levels=levels,
        figures=figures,
        bases=tuple(_divided(sample, plan)),
    )


def bases_beside(dataset: Dataset, plan: CompanionPlan, sheets: Mapping[str, bytes]) -> Iterator[Base]:
    """Those of the figures on employees, partners or young people. Raises InputError."""
    people = People(counted_people(dataset))
    yield people.of_all(people.undivided)
    yield from _questions(people)
    yield from _topics(sheets, people, plan.open_answers)
    if plan.network is not None:
        yield from _ties(people, plan.network)


def bases_before(earlier: Outcomes, waves: Waves) -> Iterator[Base]:
    """Those of the figures of an earlier wave that are printed again, under the names that they had there."""
    dataset, plan = earlier.dataset, earlier.plan
    sample = People(dataset.take(dataset.usable("invited", plan.weighting.dispositions)), "invited")
    everybody = sample.of_all(sample.areas, AREA)
    yield everybody
    compared = {each.indicator.key for each in waves.changes}
    for base in _divided(sample, plan):
        if base.place == everybody.place and base.figure in compared:
            yield base


# --- of residents ---------------------------------------------------------------------------------


def _participation(everybody: People) -> Iterator[Base]:
    dataset = everybody.dataset
    every = np.full(dataset.size, True)
    yield everybody.base("language", dataset.texts["language"], every, everybody.undivided)
    for purpose in dataset.questionnaire.purposes:
        yield everybody.of_codes(f"consent_{purpose.key}", everybody.undivided)


def _questions(people: People) -> Iterator[Base]:
    for question in closed_questions(people.dataset.questionnaire):
        for column in variables_of(question):
            yield people.of_codes(column, people.undivided)


def _answers_by_area(sample: People) -> Iterator[Base]:
    """The questions to which several answers may be ticked have a table of answers by area."""
    for question in closed_questions(sample.dataset.questionnaire):
        if isinstance(question, MultipleChoice):
            for column in variables_of(question):
                yield sample.of_codes(column, sample.areas, AREA)


def _indicators(people: People, plan: AnalysisPlan) -> Iterator[Base]:
    for indicator in plan.indicators:
        values = indicators.values(people.dataset, indicator)
        yield people.base(indicator.key, values, ~np.isnan(values), people.undivided)


def _of_variants(dataset: Dataset, plan: AnalysisPlan) -> Iterator[tuple[str, Mask]]:
    """Who is in the variants of the weighting, by which answers these take: other weights are no others.

    And who is in some of them only: twelve who came, and eleven of them in a variant, tell of the twelfth.
    """
    among = choices(plan, "")
    found = {}
    for choice in among[1:]:
        channels = ("invited", "open") if choice.open else ("invited",)
        found[" ".join((*channels, *sorted(choice.weighting.dispositions)))] = people_of(dataset, choice)
    yield from (found | (dict(_taken_alike(dataset, among)) if found else {})).items()


def _taken_alike(dataset: Dataset, among: Sequence[Choice]) -> Iterator[tuple[str, Mask]]:
    """By channel the people of dispositions that the same weightings take.

    Those by whom any two weightings differ are some of these together.
    """
    taken = np.logical_or.reduce([people_of(dataset, choice) for choice in among])
    for channel in ("invited", "open"):
        takes = [choice for choice in among if channel == "invited" or choice.open]
        alike: dict[tuple[bool, ...], list[str]] = {}
        for each in sorted({each for choice in takes for each in choice.weighting.dispositions}):
            alike.setdefault(tuple(each in choice.weighting.dispositions for choice in takes), []).append(
                each
            )
        for dispositions in alike.values():
            yield " ".join((channel, *dispositions)), taken & dataset.usable(channel, dispositions)


def _divided(sample: People, plan: AnalysisPlan) -> Iterator[Base]:
    for part in divisions(sample.dataset, plan):
        compared = part.published or frozenset(part.levels)  # what follows from others is as if printed
        levels = (*(level for level in part.levels if level in compared), OTHERS)
        places = [levels.index(level) if level in compared else len(levels) - 1 for level in part.levels]
        by = Divided(levels=levels, level=np.array(places, dtype=np.intp)[part.codes])
        for indicator in plan.indicators:
            if indicator.key in part.of:
                values = indicators.values(sample.dataset, indicator)
                yield sample.base(indicator.key, values, ~np.isnan(values), by, part.key)


def _short_form(sample: People, plan: AnalysisPlan) -> Iterator[Base]:
    form = sample.dataset.questionnaire.short_form
    if form is None:
        return
    for margin in plan.weighting.margins:
        levels = (*margin.categories, OTHERS)
        # Who is in no category has the place -1, which is that of the last level.
        by = Divided(levels=levels, level=categories_of(sample.dataset, margin) % len(levels))
        yield sample.of_codes(form.variable, by, margin.population)


def _tests(sample: People, outcomes: Outcomes) -> Iterator[Base]:
    for key, used, columns in compared_in(sample.dataset, outcomes.plan, outcomes.weighting.design):
        yield sample.base(key, together(columns), used, sample.undivided, "tests")


def _topics(sheets: Mapping[str, bytes], people: People, plan: CodingPlan | None) -> Iterator[Base]:
    """What was written about, and who has a coded answer: coders may give a topic another key."""
    for question, given in topics_given(sheets, people.dataset, plan) if plan is not None else ():
        said = np.array([" ".join(topics) for topics in given.values()], dtype=np.str_)
        of_topics = Base(
            place=f"{people.place}, topics",
            figure=question,
            levels=(OTHERS,),
            level=np.zeros(len(given), dtype=np.intp),
            who=np.array([*given], dtype=np.str_),
            said=_stood_for(said),
        )
        yield of_topics
        yield replace(of_topics, figure=f"coded {question}", said=np.zeros_like(of_topics.said))


# --- of others ------------------------------------------------------------------------------------


def _ties(people: People, plan: NetworkPlan) -> Iterator[Base]:
    dataset = people.dataset
    (contact,) = (each for each in closed_questions(dataset.questionnaire) if each.key == plan.contact)
    for code, organisation in plan.organisations.items():
        for column in variables_of(contact):
            answers = dataset.codes[column]
            told = (dataset.codes[plan.organisation] == int(code)) & (answers >= 0)
            if told.sum() >= NETWORK_BASE:
                yield people.base(column, answers, told, people.undivided, organisation)


# --- numbers that stand for something -------------------------------------------------------------


def together(columns: Iterable[npt.NDArray[np.generic]]) -> Numbers:
    """One number for all that stands in a row."""
    found = np.zeros(1, dtype=np.uint64)
    for column in columns:
        found = mixed(found + _stood_for(column))
    return found


def _stood_for(values: npt.NDArray[np.generic]) -> Numbers:
    """A number for every value, the same in every export."""
    if values.dtype.kind == "f":
        return values.astype(np.float64).view(np.uint64)
    if values.dtype.kind in "iu":
        return values.astype(np.int64).view(np.uint64)
    texts, place = np.unique(values.astype(np.str_), return_inverse=True)
    digests = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts.tolist()]
    numbers: Numbers = np.array(digests, dtype=np.uint64)[place]
    return numbers


def mixed(numbers: Numbers) -> Numbers:
    """Numbers of which every bit depends on every bit of these: the finaliser of SplitMix64 (Vigna 2015)."""
    found = numbers + np.uint64(0x9E3779B97F4A7C15)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: Numbers = found ^ (found >> np.uint64(31))
    return result
