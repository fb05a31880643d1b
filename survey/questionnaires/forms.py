"""What holds for a whole questionnaire: its short form, and the consent of a parent.

Both are written once and worked into the questions, as conditions and stops: routing, export and
simulation need to know of neither.
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from survey.questionnaires.answers import options_of
from survey.questionnaires.meaning import Layout, PlacedQuestion, condition_names
from survey.questionnaires.model import (
    AllOf,
    Answered,
    AnyOf,
    Block,
    Condition,
    InArea,
    MultipleChoice,
    Not,
    Option,
    Question,
    ShortForm,
    SingleChoice,
)
from survey.questionnaires.problems import Findings
from survey.questionnaires.translations import PLACEHOLDER, texts


def shortened(blocks: tuple[Block, ...], form: ShortForm) -> tuple[Block, ...]:
    """The blocks with every question outside the short form asked only of those who did not choose it.

    The opening block is asked of everybody.
    """
    chosen = Not(condition=Answered(variable=form.variable, codes=form.codes))
    return tuple(
        block
        if block.opening
        else replace(
            block,
            questions=tuple(
                question if question.key in form.questions else _only_when(question, chosen)
                for question in block.questions
            ),
        )
        for block in blocks
    )


def with_parents(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks with nobody stopped whose parent can be asked."""
    return tuple(replace(block, questions=tuple(map(_asking_a_parent, block.questions))) for block in blocks)


def parents_questions(blocks: Iterable[Block]) -> frozenset[str]:
    """The keys of the questions that a parent answers."""
    options = (option for block in blocks for question in block.questions for option in options_of(question))
    return frozenset(option.parent for option in options if option.parent is not None)


def check_forms(layout: Layout, findings: Findings) -> None:
    """Report what the short form and the consent of a parent get wrong."""
    if layout.short_form is not None and not layout.broken:
        _check_short_form(layout, layout.short_form, findings)
    named = [*_options_with_parent(layout)]
    for placed, option in named:
        for fault in _parent_faults(layout, placed.question, option):
            findings.error("WP244", placed.place, fault)
    if layout.fieldwork is not None and layout.fieldwork.parental_consent and not (named or layout.broken):
        findings.error(
            "WP244",
            "fieldwork.parental_consent",
            "No option needs a parent. Write `parent` on the youngest ages, or take this away.",
        )


def _only_when(question: Question, condition: Condition) -> Question:
    both = condition if question.when is None else AllOf(conditions=(condition, question.when))
    return replace(question, when=both)


def _asking_a_parent(question: Question) -> Question:
    if not isinstance(question, SingleChoice):
        return question
    return replace(
        question,
        options=tuple(replace(option, stop=None) if option.parent else option for option in question.options),
    )


def _check_short_form(layout: Layout, form: ShortForm, findings: Findings) -> None:
    asked = {question.key: question for _, question in layout.questions}
    chosen = next((q for q in _opening(layout) if q.key == form.variable), None)
    if not isinstance(chosen, SingleChoice):
        findings.error(
            "WP245", "short_form.variable", f"`{form.variable}` is not a single choice of the opening block."
        )
    elif not form.codes or not set(form.codes) <= {option.code for option in chosen.options}:
        findings.error("WP245", "short_form.codes", f"Give codes of options of `{form.variable}`.")
    for key in form.questions:
        if key not in asked:
            findings.error("WP245", "short_form.questions", f"There is no question `{key}`.")
        else:
            _check_dependence(layout, asked[key], form, findings)


def _check_dependence(layout: Layout, question: Question, form: ShortForm, findings: Findings) -> None:
    """A question that looks back at one that is left out would be lost with it, or show a gap."""
    opening = {question.key for question in _opening(layout)}
    owners = {name: asked.key for _, asked in layout.questions for name in condition_names(asked)}
    for name in sorted({*_variables(question.when), *_repeated_answers(question)}):
        owner = owners.get(name)
        if owner is not None and owner not in {*form.questions, *opening}:
            findings.error(
                "WP246",
                "short_form.questions",
                f"`{question.key}` depends on `{owner}`. Put `{owner}` in the list too, "
                f"or take `{question.key}` away.",
            )


def _variables(condition: Condition | None) -> Iterator[str]:
    match condition:
        case Answered(variable=variable):
            yield variable
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            for part in parts:
                yield from _variables(part)
        case Not(condition=part):
            yield from _variables(part)
        case InArea() | None:
            return


def _repeated_answers(question: Question) -> Iterator[str]:
    for text in texts(question):
        for name in PLACEHOLDER.findall(text.source):
            if name.startswith("answer."):
                yield name.removeprefix("answer.")


def _opening(layout: Layout) -> Iterator[Question]:
    for block in layout.blocks:
        if block.block.opening:
            yield from block.block.questions


def _options_with_parent(layout: Layout) -> Iterator[tuple[PlacedQuestion, Option]]:
    for placed in layout.questions:
        for option in options_of(placed.question):
            if option.parent is not None:
                yield placed, option


def _parent_faults(layout: Layout, question: Question, option: Option) -> Iterator[str]:
    opening = [*_opening(layout)]
    if question not in opening or option.stop is None or isinstance(question, MultipleChoice):
        yield (
            "`parent` belongs to an option with `stop` in a single choice of the opening block: "
            "the stop is what is said while parents are not asked."
        )
        return
    later = {asked.key: asked for asked in opening[opening.index(question) + 1 :]}
    asked = later.get(option.parent or "")
    if not isinstance(asked, SingleChoice) or all(answer.stop is None for answer in asked.options):
        yield (
            f"`{option.parent}` must be a later single choice of the opening block, "
            "with an option that stops: a parent can say no."
        )
    elif not (
        isinstance(asked.when, Answered)
        and asked.when.variable == question.key
        and option.code in asked.when.codes
    ):
        yield (
            f"`{option.parent}` is not asked after this option. "
            f'Give it when = {{ variable = "{question.key}", codes = [{option.code}] }}.'
        )
