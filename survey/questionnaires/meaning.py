"""What the parts of a questionnaire mean together: the second stage of parsing."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from survey.questionnaires.answers import options_of
from survey.questionnaires.decoding import inside, is_date
from survey.questionnaires.model import (
    MISSING_CODES,
    SKIPPED,
    Address,
    AllOf,
    Answered,
    AnyOf,
    Battery,
    Block,
    Condition,
    Fieldwork,
    InArea,
    Insert,
    MultipleChoice,
    Not,
    Number,
    OpenText,
    Place,
    Purpose,
    Question,
    ShortForm,
    SingleChoice,
    Text,
)
from survey.questionnaires.problems import Findings
from survey.questionnaires.translations import AREA_UNKNOWN, LANGUAGE_TAG, MARKUP, PLACEHOLDER, texts

LONGEST_NAME = 32

RESERVED_VARIABLES = frozenset(
    {"response", "version", "language", "channel", "sampled_area", "area", "week", "disposition"}
)
"""Columns of an export that are not questions. (`mode` is the answer to a question of that name.)"""

SPSS_WORDS = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})
"""Words of the language of SPSS, which no variable can be named after."""

RESERVED_KEYS = frozenset({"title", "fieldwork", "purpose", "insert", "block", "scale", "reason", "need"})
"""First words of text keys that are not questions."""


ADDRESSES = frozenset({"audio", "health", "kiosk", "static", "theme", "toegankelijkheid"})
"""First parts of addresses of the program itself, where a survey has its key."""


class PlacedQuestion(NamedTuple):
    place: str
    question: Question


class PlacedBlock(NamedTuple):
    place: str
    block: Block
    questions: tuple[PlacedQuestion, ...]


class Layout(NamedTuple):
    """The parts whose shape is right, each with its place in the file.

    A part whose shape is wrong is None. `areas` is None when the municipality could not be read; `broken`
    are the keys of questions whose shape is wrong: nothing is said about references to them. `unused` are
    the places of scales and reasons that no question refers to.
    """

    key: str | None
    source_language: str | None
    municipality: str | None
    title: Text | None
    introduction: Text | None
    fieldwork: Fieldwork | None
    purposes: tuple[Purpose, ...] | None
    address: Address
    practice: bool
    principles: tuple[str, ...]
    themes: tuple[str, ...]
    short_form: ShortForm | None
    inserts: tuple[Insert, ...]
    blocks: tuple[PlacedBlock, ...]
    areas: frozenset[str] | None
    broken: frozenset[str]
    unused: tuple[str, ...]

    @property
    def questions(self) -> Iterator[PlacedQuestion]:
        for block in self.blocks:
            yield from block.questions

    def is_broken(self, variable: str) -> bool:
        """Whether the variable belongs to a question whose shape is wrong."""
        return any(variable == key or variable.startswith(f"{key}_") for key in self.broken)


def check_meaning(layout: Layout, findings: Findings) -> None:
    """Report everything that the parts get wrong together."""
    _check_language(layout, findings)
    _check_what_for(layout, findings)
    _check_keys(layout, findings)
    _check_variables(layout, findings)
    _check_blocks(layout, findings)
    _check_opening(layout, findings)
    _check_purposes(layout, findings)
    _check_fieldwork(layout, findings)
    _check_areas(layout, findings)
    _check_place(layout, findings)
    _check_inserts(layout, findings)
    _Texts(layout, findings).check()
    _advise_unused(layout, findings)
    earlier: dict[str, Question] = {}
    for place, question in layout.questions:
        _check_question(place, question, findings)
        if question.when is not None:
            _Conditions(layout, earlier, findings).check(question.when, inside(place, "when"))
        earlier.update(dict.fromkeys(condition_names(question), question))


def condition_names(question: Question) -> tuple[str, ...]:
    """The variables of a question that residents answer, as conditions and inserts name them."""
    if isinstance(question, Battery):
        return tuple(f"{question.key}_{item.key}" for item in question.items)
    return (question.key,)


def column_names(question: Question) -> tuple[str, ...]:
    """The columns that a question has in an export, and the names used while it is asked."""
    key = question.key
    match question:
        case MultipleChoice(options=options):
            return (key, *(f"{key}_{option.code}" for option in options))
        case OpenText():
            return (key, f"{key}_text")
        case Place():
            return (key, f"{key}_postcode")
    return condition_names(question)


def _check_language(layout: Layout, findings: Findings) -> None:
    tag = layout.source_language
    if tag is not None and not re.fullmatch(LANGUAGE_TAG, tag):
        findings.error("WP255", "source_language", f"`{tag}` is not a language tag. Write for instance nl.")


def _check_what_for(layout: Layout, findings: Findings) -> None:
    """A questionnaire that lists its principles or themes has no others on its questions."""
    for place, question in layout.questions:
        about = question.provenance
        for code, name, listed, there in (
            ("WP256", "principles", layout.principles, about.principles),
            ("WP257", "themes", layout.themes, about.themes),
        ):
            for each in there if listed else ():
                if each not in listed:
                    where = f"{place}.meta.{name}"
                    findings.error(code, where, f"`{each}` is not one of {_names(listed)}.")


def _check_keys(layout: Layout, findings: Findings) -> None:
    if layout.key in ADDRESSES:
        findings.error(
            "WP204", "key", f"/{layout.key} is an address of the program itself. Choose another key."
        )
    blocks = [(block.place, block.block.key) for block in layout.blocks]
    questions = [(place, question.key) for place, question in layout.questions]
    purposes = [(f"purposes[{n}]", purpose.key) for n, purpose in enumerate(layout.purposes or ())]
    for what, placed in (("block", blocks), ("question", questions), ("purpose", purposes)):
        for place, key in _repeated(placed):
            findings.error(
                "WP201", inside(place, "key"), f"`{key}` is the key of an earlier {what}. Choose another."
            )
    for place, key in questions:
        if key in RESERVED_KEYS:
            findings.error("WP204", inside(place, "key"), f"`{key}` is a reserved word. Choose another key.")


def _repeated(placed: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for place, key in placed:
        if key in seen:
            yield place, key
        seen.add(key)


def _check_variables(layout: Layout, findings: Findings) -> None:
    owners: dict[str, str] = {}
    for place, question in layout.questions:
        for name in dict.fromkeys(column_names(question)):
            if len(name) > LONGEST_NAME:
                findings.error(
                    "WP203",
                    inside(place, "key"),
                    f"Variable `{name}` is longer than {LONGEST_NAME}; shorten the key.",
                )
            if name in RESERVED_VARIABLES or name.startswith("consent_"):
                findings.error(
                    "WP204",
                    inside(place, "key"),
                    f"Variable `{name}` is a column of its own in every export.",
                )
            if name in SPSS_WORDS:
                findings.error(
                    "WP204", inside(place, "key"), f"SPSS has no variable `{name}`. Choose another key."
                )
            if owners.setdefault(name, question.key) != question.key:
                findings.error(
                    "WP202",
                    inside(place, "key"),
                    f"Variable `{name}` would also belong to question `{owners[name]}`. Choose another key.",
                )


def _check_blocks(layout: Layout, findings: Findings) -> None:
    if not layout.blocks and not layout.broken:
        findings.error("WP232", "blocks", "There are no questions. Add a block.")
    for place, _, questions in layout.blocks:
        if not questions and not layout.broken:
            findings.error("WP232", place, "This block has no questions. Add them, or remove the block.")


def _check_opening(layout: Layout, findings: Findings) -> None:
    for n, (place, block, questions) in enumerate(layout.blocks):
        if block.opening and n > 0:
            findings.error(
                "WP240", inside(place, "opening"), "Only the first block can be the opening block."
            )
        for where, question in questions:
            for n_option, option in enumerate(options_of(question)):
                if option.stop and not (block.opening and isinstance(question, SingleChoice)):
                    findings.error(
                        "WP241",
                        f"{where}.options[{n_option}].stop",
                        "An option can only stop the survey in a single choice of the opening block, "
                        "because nothing may have been kept by then.",
                    )


def _check_purposes(layout: Layout, findings: Findings) -> None:
    if layout.purposes is None:
        return
    if not any(purpose.required for purpose in layout.purposes):
        findings.error(
            "WP250",
            "purposes",
            "No purpose has `required = true`: nobody would consent to taking part. Add one.",
        )
    known = {purpose.key for purpose in layout.purposes}
    for place, question in layout.questions:
        if question.purpose is not None and question.purpose not in known:
            findings.error(
                "WP251",
                inside(place, "purpose"),
                f"`{question.purpose}` is not one of the purposes: {_names(known)}.",
            )


def _check_fieldwork(layout: Layout, findings: Findings) -> None:
    if layout.fieldwork is None:
        return
    closes, until = layout.fieldwork.closes, layout.fieldwork.withdrawal_until
    for name, date in (("closes", closes), ("withdrawal_until", until)):
        if date is not None and not is_date(date):
            findings.error("WP252", f"fieldwork.{name}", f"`{date}` is not a date. Write it as 2027-05-01.")
    if closes and until and is_date(closes) and is_date(until) and until < closes:
        findings.error(
            "WP253",
            "fieldwork.withdrawal_until",
            "Residents must be able to withdraw until the closing date or later.",
        )


def _check_areas(layout: Layout, findings: Findings) -> None:
    if layout.areas is None:
        return
    for insert in layout.inserts:
        for area in insert.areas:
            _check_area(area, f"inserts.{insert.key}.areas", layout.areas, findings)
    for place, question in layout.questions:
        for area in question.areas:
            _check_area(area, inside(place, "areas"), layout.areas, findings)
        for n, option in enumerate(options_of(question)):
            for area in option.areas:
                _check_area(area, f"{place}.options[{n}].areas", layout.areas, findings)


def _check_area(area: str, place: str, known: Collection[str], findings: Findings) -> None:
    if area not in known:
        findings.error("WP225", place, f"`{area}` is not an area of the municipality: {_names(known)}.")


def _check_place(layout: Layout, findings: Findings) -> None:
    """One place question at most, and nothing that depends on the area before it."""
    placed = list(layout.questions)
    asked = [n for n, (_, question) in enumerate(placed) if isinstance(question, Place)]
    for n in asked[1:]:
        findings.error(
            "WP242", inside(placed[n].place, "kind"), "There is a place question already. Keep one."
        )
    for place, question in placed[: asked[0] + 1] if asked else ():
        if (
            question.areas
            or any(option.areas for option in options_of(question))
            or _looks_at_area(question.when)
        ):
            findings.error(
                "WP243",
                place,
                "This depends on the area, but stands before or in the place question. Move it behind.",
            )


def _looks_at_area(condition: Condition | None) -> bool:
    match condition:
        case InArea():
            return True
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            return any(_looks_at_area(part) for part in parts)
        case Not(condition=part):
            return _looks_at_area(part)
    return False


def _check_question(place: str, question: Question, findings: Findings) -> None:
    match question:
        case Number(minimum=minimum, maximum=maximum) if minimum >= maximum:
            findings.error("WP231", inside(place, "maximum"), "`maximum` must be more than `minimum`.")
        case Battery(items=items):
            _check_items([item.key for item in items], place, findings)
    if isinstance(question, SingleChoice | MultipleChoice | Battery):
        _check_options(place, question, findings)
    reasons = [reason.code for reason in question.reasons]
    if len(set(reasons)) < len(reasons):
        findings.error("WP206", inside(place, "also"), "The same reason stands here twice. Keep one.")


def _check_items(keys: list[str], place: str, findings: Findings) -> None:
    if not keys:
        findings.error("WP232", inside(place, "items"), "A battery needs statements. Add them.")
    for key, times in Counter(keys).items():
        if times > 1:
            findings.error(
                "WP205", inside(place, "items"), f"`{key}` is the key of {times} statements. Change one."
            )


def _check_options(place: str, question: SingleChoice | MultipleChoice | Battery, findings: Findings) -> None:
    where = inside(place, "options")
    for code, times in Counter(option.code for option in question.options).items():
        if times > 1:
            findings.error("WP206", where, f"Code {code} is used for {times} options. Give each its own.")
    for label, times in Counter(option.label.source for option in question.options).items():
        if times > 1:
            findings.error("WP207", where, f"{times} options are called `{label}`. Name them apart.")
    if len(question.options) < 2:
        findings.error("WP232", where, "A choice needs two options or more. Add them.")
    exclusive = [option for option in question.options if option.exclusive]
    if exclusive and not isinstance(question, MultipleChoice):
        findings.error(
            "WP230", where, "`exclusive` only makes sense when more than one option can be chosen."
        )
    elif exclusive and len(exclusive) == len(question.options):
        findings.error("WP230", where, "Every option is exclusive; make this a single choice.")


class _Conditions:
    """Checks the condition of one question against what was asked earlier."""

    def __init__(self, layout: Layout, earlier: dict[str, Question], findings: Findings) -> None:
        self._layout = layout
        self._earlier = earlier
        self._findings = findings

    def check(self, condition: Condition, place: str) -> None:
        match condition:
            case Answered():
                self._check_answered(condition, place)
            case InArea(areas=areas):
                if not areas:
                    self._findings.error("WP215", place, "`areas` is empty; this could never hold.")
                for area in areas if self._layout.areas is not None else ():
                    _check_area(area, inside(place, "areas"), self._layout.areas or (), self._findings)
            case AllOf(conditions=parts) | AnyOf(conditions=parts):
                name = "all" if isinstance(condition, AllOf) else "any"
                if not parts:
                    self._findings.error("WP215", place, f"`{name}` is empty. Put conditions in it.")
                for n, part in enumerate(parts):
                    self.check(part, f"{place}.{name}[{n}]")
            case Not(condition=part):
                self.check(part, inside(place, "not"))

    def _check_answered(self, condition: Answered, place: str) -> None:
        variable = condition.variable
        where = inside(place, "variable")
        question = self._earlier.get(variable)
        if question is None:
            self._explain_unknown(variable, where)
        elif isinstance(question, OpenText | Place):
            self._findings.error(
                "WP213",
                where,
                f"`{variable}` is not a choice or number. For where someone lives, use `areas`.",
            )
        else:
            self._check_codes(condition, question, inside(place, "codes"))

    def _explain_unknown(self, variable: str, where: str) -> None:
        if self._layout.is_broken(variable):
            return
        batteries = {q.key: q for _, q in self._layout.questions if isinstance(q, Battery)}
        later = {name for _, question in self._layout.questions for name in condition_names(question)}
        if variable in later:
            self._findings.error(
                "WP212", where, f"`{variable}` is not asked before this question. Conditions look back only."
            )
        elif variable in batteries:
            names = _names(condition_names(batteries[variable]))
            self._findings.error(
                "WP213", where, f"`{variable}` is a battery; name one of its statements: {names}."
            )
        else:
            self._findings.error(
                "WP211", where, f"There is no variable `{variable}`. {_suggest(variable, later)}"
            )

    def _check_codes(self, condition: Answered, question: Question, where: str) -> None:
        if not condition.codes:
            self._findings.error("WP215", where, "`codes` is empty; this could never hold.")
        for code in condition.codes:
            if not _has_code(question, code):
                self._findings.error(
                    "WP214",
                    where,
                    f"`{condition.variable}` has no code {code}. Possible: {_possible(question)}.",
                )


def _has_code(question: Question, code: int) -> bool:
    if code in MISSING_CODES:
        return code == SKIPPED or code in {reason.code for reason in question.reasons}
    if isinstance(question, Number):
        impossible = question.minimum >= question.maximum  # reported where it stands
        return impossible or question.minimum <= code <= question.maximum
    return code in {option.code for option in options_of(question)}


def _possible(question: Question) -> str:
    reasons = [str(reason.code) for reason in question.reasons]
    if isinstance(question, Number):
        return ", ".join([f"{question.minimum} to {question.maximum}", *reasons, str(SKIPPED)])
    return ", ".join([*(str(option.code) for option in options_of(question)), *reasons, str(SKIPPED)])


def _check_inserts(layout: Layout, findings: Findings) -> None:
    for insert in layout.inserts:
        place = f"inserts.{insert.key}"
        if insert.key in {"area", "answer"}:
            findings.error("WP229", place, f"`{insert.key}` is built in. Choose another name.")
        allowed = set() if insert.key == AREA_UNKNOWN else {"area"}
        for text in texts(insert):
            if not set(PLACEHOLDER.findall(text.source)) <= allowed:
                findings.error("WP229", place, "The text of an insert can hold no other insert but {area}.")


def _advise_unused(layout: Layout, findings: Findings) -> None:
    if layout.broken:
        return
    read = (layout.title, layout.introduction, layout.fieldwork, layout.purposes, layout.inserts)
    asked = tuple(
        (block.block.title, *(question for _, question in block.questions)) for block in layout.blocks
    )
    used = {name for text in texts((*read, *asked)) for name in PLACEHOLDER.findall(text.source)}
    idle = [
        f"inserts.{insert.key}"
        for insert in layout.inserts
        if insert.key not in used and not (insert.key == AREA_UNKNOWN and "area" in used)
    ]
    for place in (*layout.unused, *idle):
        findings.advise("WP260", place, "Nothing uses this. Remove it, or it will puzzle the next reader.")


class _Texts:
    """Checks the texts of a questionnaire in reading order: plain, with inserts that exist by then."""

    def __init__(self, layout: Layout, findings: Findings) -> None:
        self._layout = layout
        self._findings = findings
        self._inserts = {"area", *(insert.key for insert in layout.inserts)}
        self._earlier: set[str] = set()

    def check(self) -> None:
        layout = self._layout
        self._check_part(layout.title, "title")
        self._check_part(layout.introduction, "introduction")
        self._check_part(layout.fieldwork, "fieldwork")
        for n, purpose in enumerate(layout.purposes or ()):
            self._check_part(purpose, f"purposes[{n}]")
        for block in layout.blocks:
            self._check_part(block.block.title, inside(block.place, "title"))
            for place, question in block.questions:
                self._check_part(question, place)
                self._earlier.update(condition_names(question))

    def _check_part(self, part: object, place: str) -> None:
        for text in dict.fromkeys(texts(part)):
            rest = PLACEHOLDER.sub("", text.source)
            if "{" in rest or "}" in rest:
                self._findings.error(
                    "WP228", place, f"A brace is open in `{text.key}`. Write inserts as {{area}}."
                )
            if MARKUP.search(text.source):
                self._findings.error(
                    "WP254", place, f"`{text.key}` holds HTML, which residents would see. Use plain text."
                )
            for name in PLACEHOLDER.findall(text.source):
                self._check_insert(name, text, place)

    def _check_insert(self, name: str, text: Text, place: str) -> None:
        if name.startswith("answer."):
            self._check_repeated_answer(name.removeprefix("answer."), text, place)
        elif name not in self._inserts:
            hint = _suggest(name, self._inserts)
            self._findings.error("WP226", place, f"`{text.key}` uses {{{name}}}, which is no insert. {hint}")
        elif name == "area" and AREA_UNKNOWN not in self._inserts:
            self._findings.error(
                "WP227",
                place,
                f"`{text.key}` uses {{area}}; add [inserts.{AREA_UNKNOWN}] for residents of an unknown area.",
            )

    def _check_repeated_answer(self, variable: str, text: Text, place: str) -> None:
        if variable not in self._earlier and not self._layout.is_broken(variable):
            self._findings.error(
                "WP226",
                place,
                f"`{text.key}` repeats the answer to `{variable}`, which is not asked before it.",
            )


def _names(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def _suggest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"Did you mean `{near[0]}`?" if near else f"Possible: {_names(known)}."
