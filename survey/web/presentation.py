"""A step, a journey or a questionnaire turned into what a template prints. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby

from msgspec import Struct

from survey.questionnaires.answers import Answer, AnswerError, may_skip, neighbourhoods, offered, options_of
from survey.questionnaires.model import (
    SKIPPED,
    Neighbourhood,
    Number,
    OpenText,
    Option,
    Place,
    Questionnaire,
    Step,
    Text,
)
from survey.questionnaires.routing import Journey, steps
from survey.questionnaires.wording import answer_texts
from survey.web.views import (
    AnswerField,
    AreaLink,
    CheckBlock,
    CheckPage,
    CheckRow,
    Choice,
    ChoiceField,
    ChoiceGroup,
    ConsentTick,
    Fault,
    MapEntry,
    MapNeed,
    NumberField,
    PostcodeField,
    QuestionPage,
    Shown,
    SocialMap,
    TextField,
)
from survey.web.wording import Wording, said


class Attempt(Struct, frozen=True, kw_only=True):
    """An answer that was posted and not kept: refused, or not whole when another language was chosen.

    `refused`: the code of the fault when an answer is well formed but not taken.
    """

    posted: tuple[str, ...]
    errors: tuple[AnswerError, ...] = ()
    refused: str | None = None


def question_page(
    step: Step,
    journey: Journey,
    wording: Wording,
    *,
    action: str,
    attempt: Attempt | None = None,
) -> QuestionPage:
    """The page of a step, filled with the answer so far or with what was posted and refused."""
    question = step.question
    answer = journey.counting.get(step.variable)
    chosen = _written(answer) if attempt is None else attempt.posted
    reasons = _choices(((str(reason.code), reason.label) for reason in question.reasons), chosen, wording)
    typed = next((text for text in chosen if all(text != reason.value for reason in reasons)), "")
    answer_field = _field(step, journey, wording, chosen, typed)
    target = _target(answer_field)
    faults = () if attempt is None else _faults(attempt, target, step, wording, journey)
    asks_place = step.kind == "neighbourhood"
    return QuestionPage(
        kind=step.kind,
        variable=step.variable,
        action=action,
        block=wording(step.block.title, journey),
        question=wording(_label(step), journey),
        statement=None if step.item is None else wording(step.item.label, journey),
        hint=wording.maybe(_hint(step), journey),
        field=answer_field,
        reasons=reasons,
        may_skip=may_skip(question),
        helped=journey.helped and not _asks_who_fills_in(step),
        earlier=wording.area(journey.area) if asks_place and isinstance(answer, str) else None,
        faults=faults,
    )


def _asks_who_fills_in(step: Step) -> bool:
    return any(option.helper for option in options_of(step.question))


def _label(step: Step) -> Text:
    if step.kind == "neighbourhood" and isinstance(step.question, Place):
        return step.question.neighbourhood_label
    return step.question.label


def _label_to_check(step: Step) -> Text:
    """Of a neighbourhood only the area is kept, which does not answer the question as it was asked."""
    return step.question.short if step.kind == "neighbourhood" else step.question.label


def _hint(step: Step) -> Text | None:
    if step.kind == "neighbourhood" and isinstance(step.question, Place):
        return step.question.neighbourhood_hint
    return step.question.hint


def _written(answer: Answer | None) -> tuple[str, ...]:
    """An answer as the values of form fields."""
    if answer is None or answer == SKIPPED:
        return ()
    return tuple(str(code) for code in answer) if isinstance(answer, tuple) else (str(answer),)


def _field(
    step: Step, journey: Journey, wording: Wording, chosen: tuple[str, ...], typed: str
) -> AnswerField:
    question, municipality = step.question, wording.questionnaire.municipality
    if step.kind == "postcode":
        example = min(municipality.postcodes, default="")
        return PostcodeField(digits=len(example), example=example, typed=typed)
    if step.kind == "neighbourhood":
        postcode = journey.counting.get(f"{step.variable}_postcode")
        return _neighbourhood_field(neighbourhoods(municipality, postcode), wording, chosen)
    if isinstance(question, Number):
        return _number_field(question, wording, chosen, typed)
    if isinstance(question, OpenText):
        warning = wording.maybe(question.warning, journey)
        return TextField(maximum_length=question.maximum_length, warning=warning, typed=typed)
    groups = _option_groups(offered(step, journey.area), wording, journey, chosen)
    return ChoiceField(groups=groups, several=step.kind == "multiple")


CARDS_AT_MOST = 11
"""A number with more values than 0 to 10 is typed instead of chosen."""


def _number_field(question: Number, wording: Wording, chosen: tuple[str, ...], typed: str) -> NumberField:
    values = range(question.minimum, question.maximum + 1)
    cards = values if len(values) <= CARDS_AT_MOST else ()
    return NumberField(
        minimum=question.minimum,
        maximum=question.maximum,
        low=wording.maybe(question.low),
        high=wording.maybe(question.high),
        choices=tuple(
            Choice(value=str(value), label=Shown(text=str(value)), chosen=str(value) in chosen)
            for value in cards
        ),
        typed=typed,
    )


def _neighbourhood_field(
    places: Sequence[Neighbourhood], wording: Wording, chosen: tuple[str, ...]
) -> ChoiceField:
    by_area = [(code, list(group)) for code, group in groupby(sorted(places, key=_area), key=_area)]
    return ChoiceField(
        groups=tuple(
            ChoiceGroup(
                heading=wording.area(code) if len(by_area) > 1 else None,
                choices=tuple(
                    Choice(value=place.code, label=wording.name(place.name), chosen=place.code in chosen)
                    for place in sorted(group, key=lambda place: place.name)
                ),
            )
            for code, group in by_area
        ),
        several=False,
    )


def _area(place: Neighbourhood) -> str:
    return place.area


def _option_groups(
    options: Sequence[Option], wording: Wording, journey: Journey, chosen: tuple[str, ...]
) -> tuple[ChoiceGroup, ...]:
    """Options under their headings, in the researcher's order; exclusive ones last, in a group apart."""
    ordered = sorted(options, key=lambda option: option.exclusive)
    grouped = groupby(ordered, key=lambda option: (option.exclusive, option.group))
    return tuple(
        ChoiceGroup(
            heading=wording.maybe(heading, journey),
            choices=tuple(
                Choice(
                    value=str(option.code),
                    label=wording(option.label, journey),
                    chosen=str(option.code) in chosen,
                    exclusive=option.exclusive,
                    pictogram=option.pictogram,
                )
                for option in group
            ),
        )
        for (_, heading), group in grouped
    )


def _choices(
    labels: Iterable[tuple[str, Text]], chosen: tuple[str, ...], wording: Wording
) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, label=wording(label), chosen=value in chosen) for value, label in labels)


def _target(answer_field: AnswerField) -> str:
    """The `id` of the first thing that can be filled in."""
    choices: tuple[Choice, ...] = ()
    if isinstance(answer_field, ChoiceField):
        choices = tuple(choice for group in answer_field.groups for choice in group.choices)
    elif isinstance(answer_field, NumberField):
        choices = answer_field.choices
    return f"answer-{choices[0].value}" if choices else "answer"


def _faults(
    attempt: Attempt, target: str, step: Step, wording: Wording, journey: Journey
) -> tuple[Fault, ...]:
    if attempt.refused is not None:
        return (Fault(target=target, code=attempt.refused),)
    return tuple(_fault(error, target, step, wording, journey) for error in attempt.errors)


def _fault(error: AnswerError, target: str, step: Step, wording: Wording, journey: Journey) -> Fault:
    values: dict[str, int | str] = dict(error.parameters)
    if "option" in error.parameters:
        labels = answer_texts(step, error.parameters["option"])
        values["option"] = "".join(wording(label, journey).text for label in labels)
    return Fault(target=target, code=error.code, values=values)


def check_page(journey: Journey, wording: Wording, *, home: str) -> CheckPage:
    blocks = groupby(journey.steps, key=lambda step: step.block.key)
    return CheckPage(
        action=f"{home}/submit",
        blocks=tuple(_check_block(list(group), journey, wording, home) for _, group in blocks),
    )


def _check_block(group: Sequence[Step], journey: Journey, wording: Wording, home: str) -> CheckBlock:
    rows = tuple(
        CheckRow(
            question=wording(_label_to_check(step), journey),
            statement=None if step.item is None else wording(step.item.label, journey),
            answers=said(step, journey.counting[step.variable], wording, journey),
            change=f"{home}/page/{step.variable}?from=check",
        )
        for step in group
        if step.variable in journey.counting
    )
    return CheckBlock(title=wording(group[0].block.title, journey), rows=rows)


def consent_ticks(wording: Wording, chosen: frozenset[str]) -> tuple[ConsentTick, ...]:
    return tuple(
        ConsentTick(
            key=purpose.key,
            label=wording(purpose.label),
            explanation=wording(purpose.explanation),
            required=purpose.required,
            chosen=purpose.key in chosen,
        )
        for purpose in wording.questionnaire.purposes
    )


def social_map(wording: Wording, area: str | None, *, home: str) -> SocialMap:
    """The entries of an area and those that serve every area; without an area, the areas to choose from."""
    municipality = wording.questionnaire.municipality
    name = wording.area(area)
    lang = (
        None
        if wording.tag == wording.questionnaire.source_language
        else wording.questionnaire.source_language
    )
    needs = tuple(
        MapNeed(
            heading=wording(need),
            entries=tuple(
                MapEntry(
                    name=entry.name,
                    place=entry.place,
                    address=entry.address,
                    opening_hours=entry.opening_hours,
                    contact=entry.contact,
                    checked_on=entry.checked_on,
                    example=entry.example,
                    lang=lang,
                )
                for entry in municipality.social_map
                if entry.need == need.source and entry.area in {"", area}
            ),
        )
        for need in municipality.needs
    )
    return SocialMap(
        area=name,
        needs=tuple(need for need in needs if need.entries) if name else (),
        areas=tuple(
            AreaLink(
                name=wording.name(other.name),
                href=f"{home}/social-map/{other.code}",
                current=other.code == area,
            )
            for other in municipality.areas
        ),
    )


SECONDS_A_PAGE = {"statement": 6, "open": 40}
"""Reading and answering at an easy pace; other kinds take `SECONDS_OTHERWISE`. An estimate of our own,
to be replaced by what a trial with residents shows."""
SECONDS_OTHERWISE = 10


def minutes(questionnaire: Questionnaire) -> int:
    """How long taking part takes on the longest route, in whole minutes."""
    seconds = sum(SECONDS_A_PAGE.get(step.kind, SECONDS_OTHERWISE) for step in steps(questionnaire))
    return max(1, round(seconds / 60))


def is_open(until: str | None, today: date) -> bool:
    """Whether something may still be done: up to and including the day `until` (ISO 8601), or always."""
    return until is None or today <= date.fromisoformat(until)


def may_finish(closes: str | None, today: date) -> bool:
    """Whether who has begun may go on: a day longer than others may begin; midnight cuts nobody off."""
    return is_open(closes, today - timedelta(days=1))
