"""A researcher's files (as bytes) to a Questionnaire, or all its problems at once.

Two stages: the shape of each part (`decoding`), then what the parts mean together (`meaning`). A part
whose shape is wrong is left out of the second stage, with every reference to it, so that one fault
does not raise others.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from survey.questionnaires.decoding import FAULT, decode, decode_fields, decode_toml, inside
from survey.questionnaires.forms import check_forms, shortened, with_parents
from survey.questionnaires.meaning import Layout, PlacedBlock, PlacedQuestion, check_meaning
from survey.questionnaires.model import (
    DONT_KNOW,
    NOT_APPLICABLE,
    RATHER_NOT_SAY,
    AllOf,
    Answered,
    AnyOf,
    Battery,
    Block,
    Catalogue,
    Condition,
    Fieldwork,
    InArea,
    Insert,
    Item,
    MultipleChoice,
    Municipality,
    Not,
    Number,
    OpenText,
    Option,
    Place,
    Purpose,
    Question,
    Questionnaire,
    Reason,
    SingleChoice,
    Text,
)
from survey.questionnaires.municipality import FOLDER, parse_municipality
from survey.questionnaires.problems import Findings, Problem, QuestionnaireError
from survey.questionnaires.shapes import (
    KINDS,
    WrittenAsked,
    WrittenBattery,
    WrittenBlock,
    WrittenChoice,
    WrittenCondition,
    WrittenFieldwork,
    WrittenInsert,
    WrittenItem,
    WrittenNumber,
    WrittenOpen,
    WrittenOption,
    WrittenPlace,
    WrittenPurpose,
    WrittenQuestion,
    WrittenQuestionnaire,
    WrittenReason,
    WrittenScale,
)
from survey.questionnaires.translations import parse_catalogue

REASON_CODES: dict[str, Literal[-7, -8, -9]] = {
    "dont_know": DONT_KNOW,
    "rather_not_say": RATHER_NOT_SAY,
    "not_applicable": NOT_APPLICABLE,
}

DEFINITION = "questionnaire.toml"

_ALSO_READ = ("municipality.toml", "areas.csv", "postcodes.csv", "social_map.csv")


class Reading(NamedTuple):
    """What came of reading the files: a questionnaire unless there are errors, and all problems.

    `layout` holds the parts whose shape is right, also when there are errors elsewhere; None when the
    definition could not be read at all.
    """

    questionnaire: Questionnaire | None
    problems: tuple[Problem, ...]
    layout: Layout | None


def parse(files: Mapping[str, bytes]) -> Questionnaire:
    """The questionnaire in the files of a folder (see `folder.read_folder`).

    Raises QuestionnaireError with every error; advice (a missing translation) does not stand in the way.
    """
    reading = read(files)
    if reading.questionnaire is None:
        raise QuestionnaireError(problem for problem in reading.problems if problem.severity == "error")
    return reading.questionnaire


def read(files: Mapping[str, bytes]) -> Reading:
    """Read everything and report everything: errors, and advice about translations."""
    findings = Findings(DEFINITION)
    municipality, about_municipality = _read_municipality(files)
    areas = None if municipality is None else frozenset(area.code for area in municipality.areas)
    layout = _read_definition(files, areas, findings)
    if layout is not None:
        _check_municipality(layout, municipality, files, findings)
    questionnaire = None
    if layout is not None and municipality is not None and not _has_errors((*findings, *about_municipality)):
        questionnaire = _assemble(layout, municipality, version_of(files))
    catalogues, about_catalogues = _read_catalogues(files, questionnaire)
    problems = (*findings, *about_municipality, *about_catalogues)
    if questionnaire is None or _has_errors(problems):
        return Reading(None, problems, layout)
    return Reading(msgspec.structs.replace(questionnaire, catalogues=catalogues), problems, layout)


def _has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _read_municipality(files: Mapping[str, bytes]) -> tuple[Municipality | None, tuple[Problem, ...]]:
    """As parse_municipality; when the whole folder is missing, that is one problem (of the definition)."""
    if any(name.startswith(FOLDER) for name in files):
        return parse_municipality(files)
    return None, ()


def _check_municipality(
    layout: Layout, municipality: Municipality | None, files: Mapping[str, bytes], findings: Findings
) -> None:
    name = layout.municipality
    if name is not None and not any(file.startswith(FOLDER) for file in files):
        findings.error(
            "WP004",
            "municipality",
            f"There is no folder municipalities/{name} beside this questionnaire or above it.",
        )
    if municipality is not None and name not in {None, municipality.key}:
        findings.error(
            "WP005",
            "municipality",
            f"The municipality.toml of `{name}` has the key `{municipality.key}`. Make them equal.",
        )


def version_of(files: Mapping[str, bytes]) -> str:
    """16 hexadecimal digits over the names and bytes of the files that residents see something of.

    Population figures and maps are not among them: better figures do not make another questionnaire.
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        if name == DEFINITION or name.endswith(".po") or name.removeprefix(FOLDER) in _ALSO_READ:
            digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()[:16]


def _read_definition(
    files: Mapping[str, bytes], areas: frozenset[str] | None, findings: Findings
) -> Layout | None:
    """The parts of the definition, checked on their own and together."""
    data = files.get(DEFINITION)
    if data is None:
        findings.error("WP001", "", "This file is missing. A questionnaire is a folder with this file in it.")
        return None
    table = decode_toml(data, findings)
    if table is None:
        return None
    findings.questions = _question_keys(table)
    try:
        written = decode_fields(WrittenQuestionnaire, table, "", findings)
        sound = {name: value for name, value in written.items() if value is not FAULT}
        layout = _lay_out(sound, areas, findings)
        check_meaning(layout, findings)
        check_forms(layout, findings)
    except RecursionError:
        findings.error("WP003", "blocks", "A condition is nested too deeply. Make it simpler.")
        return None
    return layout


def _question_keys(table: dict[str, Any]) -> dict[str, str]:
    """The key of each question by its place, as far as they are written down."""
    blocks = table.get("blocks")
    return {
        f"blocks[{n}].questions[{m}]": question["key"]
        for n, block in enumerate(blocks if isinstance(blocks, list) else ())
        if isinstance(block, dict) and isinstance(block.get("questions"), list)
        for m, question in enumerate(block["questions"])
        if isinstance(question, dict) and isinstance(question.get("key"), str)
    }


def _lay_out(written: dict[str, Any], areas: frozenset[str] | None, findings: Findings) -> Layout:
    """The parts of a questionnaire from the fields whose shape is right."""
    scales, reasons = written.get("scales", {}), written.get("reasons", {})
    builder = _Builder(scales, reasons, findings)
    blocks = tuple(builder.blocks(written.get("blocks", ())))
    shared = {*(f"scales.{name}" for name in scales), *(f"reasons.{name}" for name in reasons)}
    return Layout(
        key=written.get("key"),
        source_language=written.get("source_language"),
        municipality=written.get("municipality"),
        title=_text("title", written.get("title")),
        introduction=_text("introduction", written.get("introduction")),
        fieldwork=_fieldwork(written["fieldwork"]) if "fieldwork" in written else None,
        purposes=tuple(map(_purpose, written["purposes"])) if "purposes" in written else None,
        address=written.get("address", "formal"),
        practice=written.get("practice", True),
        principles=written.get("principles", ()),
        themes=written.get("themes", ()),
        short_form=written.get("short_form"),
        inserts=tuple(_insert(key, insert) for key, insert in written.get("inserts", {}).items()),
        blocks=blocks,
        areas=areas,
        broken=frozenset(builder.broken),
        unused=tuple(sorted(shared - builder.used)),
    )


def _assemble(layout: Layout, municipality: Municipality, version: str) -> Questionnaire:
    """The questionnaire of a layout without errors: no part of it is None."""
    parts: dict[str, Any] = {
        name: getattr(layout, name)
        for name in (
            "key",
            "source_language",
            "title",
            "introduction",
            "fieldwork",
            "purposes",
            "address",
            "practice",
            "principles",
            "themes",
            "short_form",
            "inserts",
        )
    }
    blocks = tuple(placed.block for placed in layout.blocks)
    if layout.short_form is not None:
        blocks = shortened(blocks, layout.short_form)
    if layout.fieldwork is not None and layout.fieldwork.parental_consent:
        blocks = with_parents(blocks)
    return Questionnaire(**parts, blocks=blocks, municipality=municipality, version=version)


def _fieldwork(written: WrittenFieldwork) -> Fieldwork:
    return Fieldwork(
        sender=Text(key="fieldwork.sender", source=written.sender),
        closes=written.closes,
        withdrawal_until=written.withdrawal_until,
        ethics_approval=written.ethics_approval,
        contact=_text("fieldwork.contact", written.contact),
        parental_consent=written.parental_consent,
    )


def _purpose(written: WrittenPurpose) -> Purpose:
    return Purpose(
        key=written.key,
        label=Text(key=f"purpose.{written.key}.label", source=written.label),
        explanation=Text(key=f"purpose.{written.key}.explanation", source=written.explanation),
        required=written.required,
    )


def _insert(key: str, written: WrittenInsert) -> Insert:
    return Insert(
        key=key,
        default=Text(key=f"insert.{key}.default", source=written.default),
        areas={
            area: Text(key=f"insert.{key}.{area}", source=source) for area, source in written.areas.items()
        },
    )


def _text(key: str, source: str | None) -> Text | None:
    return None if source is None else Text(key=key, source=source)


class _BrokenReferenceError(Exception):
    """A part that refers to something that does not exist; the problem has been reported."""


class _Builder:
    """Builds blocks and questions from their tables, with the scales and reasons that they share."""

    def __init__(
        self, scales: Mapping[str, WrittenScale], reasons: Mapping[str, str], findings: Findings
    ) -> None:
        self.broken: set[str] = set()
        self.used: set[str] = set()
        self._scales = scales
        self._reasons = reasons
        self._findings = findings

    def blocks(self, tables: Iterable[dict[str, object]]) -> Iterator[PlacedBlock]:
        for n, table in enumerate(tables):
            place = f"blocks[{n}]"
            values = decode_fields(WrittenBlock, table, place, self._findings)
            listed = values["questions"] if values["questions"] is not FAULT else ()
            questions = tuple(self._questions(listed, place))
            key = values["key"] if values["key"] is not FAULT else f"block_{n}"
            title = values["title"] if values["title"] is not FAULT else key
            block = Block(
                key=key,
                title=Text(key=f"block.{key}.title", source=title),
                questions=tuple(placed.question for placed in questions),
                opening=values.get("opening", False) is True,
            )
            yield PlacedBlock(place, block, questions)

    def _questions(self, tables: Iterable[dict[str, object]], place: str) -> Iterator[PlacedQuestion]:
        for n, table in enumerate(tables):
            where = f"{place}.questions[{n}]"
            question = self._question(table, where)
            if question is not None:
                yield PlacedQuestion(where, question)
            elif isinstance(table.get("key"), str):
                self.broken.add(str(table["key"]))

    def _question(self, table: dict[str, object], place: str) -> Question | None:
        kind = table.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            self._findings.error(
                "WP102", inside(place, "kind"), f"`kind` must be one of: {', '.join(KINDS)}."
            )
            return None
        written = decode(KINDS[kind], table, place, self._findings)
        if written is None:
            return None
        try:
            return self._built(written, place)
        except _BrokenReferenceError:
            return None

    def _built(self, written: WrittenQuestion, place: str) -> Question:
        shared = self._shared(written, place)
        key = written.key
        match written:
            case WrittenChoice():
                options = self._options(written, place)
                kind = SingleChoice if written.kind == "single" else MultipleChoice
                return kind(**shared, options=options)
            case WrittenBattery():
                items = tuple(_item(key, item) for item in written.items)
                return Battery(**shared, items=items, options=self._options(written, place))
            case WrittenNumber(minimum=minimum, maximum=maximum):
                low, high = _text(f"{key}.low", written.low), _text(f"{key}.high", written.high)
                return Number(**shared, minimum=minimum, maximum=maximum, low=low, high=high)
            case WrittenOpen(maximum_length=longest, warning=warning):
                return OpenText(**shared, maximum_length=longest, warning=_text(f"{key}.warning", warning))
            case WrittenPlace(neighbourhood_label=label, neighbourhood_hint=hint):
                return Place(
                    **shared,
                    neighbourhood_label=Text(key=f"{key}.neighbourhood_label", source=label),
                    neighbourhood_hint=_text(f"{key}.neighbourhood_hint", hint),
                )

    def _shared(self, written: WrittenAsked, place: str) -> dict[str, Any]:
        """What every kind of question has (the fields of `Asked`)."""
        when = None
        if written.when is not None:
            when = self._condition(written.when, inside(place, "when"))
        return {
            "key": written.key,
            "label": Text(key=f"{written.key}.label", source=written.label),
            "short": Text(key=f"{written.key}.short", source=written.short),
            "provenance": written.meta,
            "hint": _text(f"{written.key}.hint", written.hint),
            "when": when,
            "areas": written.areas,
            "purpose": written.purpose,
            "reasons": tuple(
                self._reason(written.key, also, f"{place}.also[{n}]") for n, also in enumerate(written.also)
            ),
        }

    def _condition(self, written: WrittenCondition, place: str) -> Condition:
        given = {name for name in written.__struct_fields__ if getattr(written, name) is not None}
        if given == {"variable", "codes"}:
            return Answered(variable=written.variable or "", codes=written.codes or ())
        if given == {"areas"}:
            return InArea(areas=written.areas or ())
        if given == {"all_of"}:
            return AllOf(conditions=self._conditions(written.all_of or (), inside(place, "all")))
        if given == {"any_of"}:
            return AnyOf(conditions=self._conditions(written.any_of or (), inside(place, "any")))
        if given == {"negated"} and written.negated is not None:
            return Not(condition=self._condition(written.negated, inside(place, "not")))
        self._findings.error(
            "WP210",
            place,
            "Write one of: `variable` with `codes`; `areas`; `all`; `any`; `not`. Not more in one table.",
        )
        raise _BrokenReferenceError

    def _conditions(self, parts: tuple[WrittenCondition, ...], place: str) -> tuple[Condition, ...]:
        return tuple(self._condition(part, f"{place}[{n}]") for n, part in enumerate(parts))

    def _reason(self, key: str, also: str | WrittenReason, place: str) -> Reason:
        name = also if isinstance(also, str) else also.reason
        if name not in REASON_CODES:
            self._findings.error(
                "WP222", place, f"`{name}` is not a reason. Possible: {', '.join(REASON_CODES)}."
            )
            raise _BrokenReferenceError
        self.used.add(f"reasons.{name}")
        if isinstance(also, WrittenReason):
            return Reason(code=REASON_CODES[name], label=Text(key=f"{key}.reason.{name}", source=also.label))
        if name not in self._reasons:
            self._findings.error("WP223", place, f"`{name}` has no label. Add it under [reasons].")
            raise _BrokenReferenceError
        return Reason(code=REASON_CODES[name], label=Text(key=f"reason.{name}", source=self._reasons[name]))

    def _options(self, written: WrittenChoice | WrittenBattery, place: str) -> tuple[Option, ...]:
        if (written.options is None) == (written.scale is None):
            self._findings.error("WP221", place, "Give either `options` or the name of a `scale`.")
            raise _BrokenReferenceError
        if written.options is not None:
            return _options(written.key, f"{written.key}.option", written.options)
        self.used.add(f"scales.{written.scale}")
        scale = self._scales.get(written.scale or "")
        if scale is None:
            known = ", ".join(sorted(self._scales)) or "none yet"
            self._findings.error(
                "WP220", inside(place, "scale"), f"There is no scale `{written.scale}`. Known: {known}."
            )
            raise _BrokenReferenceError
        return _options(written.key, f"scale.{written.scale}", scale.options)


def _options(key: str, prefix: str, written: tuple[WrittenOption, ...]) -> tuple[Option, ...]:
    headings = list(dict.fromkeys(option.group for option in written if option.group is not None))
    groups = {heading: Text(key=f"{key}.group.{n}", source=heading) for n, heading in enumerate(headings, 1)}
    return tuple(
        Option(
            code=option.code,
            label=Text(key=f"{prefix}.{option.code}", source=option.label),
            exclusive=option.exclusive,
            group=None if option.group is None else groups[option.group],
            areas=option.areas,
            stop=_text(f"{prefix}.{option.code}.stop", option.stop),
            parent=option.parent,
            helper=option.helper,
            pictogram=option.pictogram,
        )
        for option in written
    )


def _item(key: str, written: WrittenItem) -> Item:
    label = Text(key=f"{key}.item.{written.key}", source=written.label)
    return Item(key=written.key, label=label, reversed=written.reversed)


def _read_catalogues(
    files: Mapping[str, bytes], questionnaire: Questionnaire | None
) -> tuple[tuple[Catalogue, ...], tuple[Problem, ...]]:
    catalogues: list[Catalogue] = []
    problems: list[Problem] = []
    for name in sorted(name for name in files if name.endswith(".po") and "/" not in name):
        findings = Findings(name)
        catalogue = parse_catalogue(name.removesuffix(".po"), files[name], questionnaire, findings)
        if catalogue is not None:
            catalogues.append(catalogue)
        problems.extend(findings)
    return tuple(catalogues), tuple(problems)
