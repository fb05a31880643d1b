"""Forms as data: what a kiosk takes and refuses without a network. Pure.

`survey/web/static/kiosk/forms.js` reads by this table as `answers.parse_form` does; a test in a browser holds
the two against each other over generated forms.
"""

from msgspec import Struct

from survey.questionnaires.answers import may_skip, options_of
from survey.questionnaires.forms import parents_questions
from survey.questionnaires.model import AreaCode, MultipleChoice, Number, OpenText, Questionnaire, Step
from survey.questionnaires.routing import steps


class FormRules(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What decides about the form of one step.

    `codes` are those of its options, `reasons` those of the ways not to answer; each of `alone` excludes the
    others. `limits` are the smallest and largest number, `longest` how many characters may be typed. Who
    chooses one of `helpers` is reminded whose opinion counts.
    """

    kind: str
    opening: bool = False
    may_skip: bool = False
    codes: tuple[int, ...] = ()
    reasons: tuple[int, ...] = ()
    alone: tuple[int, ...] = ()
    limits: tuple[int, int] | None = None
    longest: int | None = None
    helpers: tuple[int, ...] = ()


class FormTable(Struct, frozen=True, kw_only=True):
    """The forms by variable; the areas that each postcode touches, and the area of each neighbourhood.

    Who comes along one of `parents` needs the code of a letter.
    """

    forms: dict[str, FormRules]
    postcodes: dict[str, tuple[AreaCode, ...]]
    neighbourhoods: dict[str, AreaCode]
    parents: tuple[str, ...]


def form_table(questionnaire: Questionnaire) -> FormTable:
    municipality = questionnaire.municipality
    return FormTable(
        forms={step.variable: form_rules(step) for step in steps(questionnaire)},
        postcodes=dict(municipality.postcodes),
        neighbourhoods={place.code: place.area for place in municipality.neighbourhoods},
        parents=tuple(sorted(parents_questions(questionnaire.blocks))),
    )


def form_rules(step: Step) -> FormRules:
    question = step.question
    reasons = tuple(reason.code for reason in question.reasons)
    exclusive = tuple(option.code for option in options_of(question) if option.exclusive)
    return FormRules(
        kind=step.kind,
        opening=step.block.opening,
        may_skip=may_skip(question),
        codes=tuple(option.code for option in options_of(question)),
        reasons=reasons,
        alone=(*exclusive, *reasons) if isinstance(question, MultipleChoice) else reasons,
        limits=(question.minimum, question.maximum) if isinstance(question, Number) else None,
        longest=question.maximum_length if isinstance(question, OpenText) else None,
        helpers=tuple(option.code for option in options_of(question) if option.helper),
    )
