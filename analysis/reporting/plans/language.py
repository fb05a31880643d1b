"""The words of a report, in one language: its sentences, what the plan calls things, what was asked.

A plan and a questionnaire are put into it before anything is counted, so whatever takes a label from them has
it in that language, and a report cannot be half in another one: a text that is missing is refused by name.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting.exports.dataset import Dataset, InputError
from analysis.reporting.phrases import SOURCE_LANGUAGE, Phrases, phrases
from analysis.reporting.plans.plan import AnalysisPlan, ReportPlan
from survey.questionnaires.model import Catalogue, Question, Questionnaire, Text
from survey.questionnaires.problems import Findings
from survey.questionnaires.routing import walk
from survey.questionnaires.translations import reachable_texts, texts
from survey.questionnaires.wording import word


def phrases_of(plan: AnalysisPlan) -> Phrases:
    """The report's own sentences; a plan without a report is about Dutch ones."""
    return phrases()[SOURCE_LANGUAGE if plan.report is None else plan.report.language]


# --- what the plan calls things -------------------------------------------------------------------


def spoken(plan: AnalysisPlan, questionnaire: Questionnaire, name: str) -> AnalysisPlan:
    """The plan with its names and labels in the language of the report; `name` is that of its file.

    Raises InputError with every text of which the plan gives no translation, and every translation of no
    text. What the questionnaire calls its instruments counts with them: see `in_language`.
    """
    report = plan.report
    if report is None or report.language == SOURCE_LANGUAGE:
        return plan
    words = report.translations.get(report.language, {})
    said: set[str] = set()

    def translated(text: str) -> str:
        said.add(text)
        return words.get(text, text)

    found = _in_words(plan, translated)
    _from_instruments(questionnaire, translated)
    findings, table = Findings(name), f"report.translations.{report.language}"
    for text in sorted(said - words.keys()):
        findings.error("WA260", table, f'"{text}" has no translation. Add under [{table}]: "{text}" = "...".')
    for text in sorted(words.keys() - said):
        findings.error("WA261", table, f'The plan does not say "{text}". Correct it, or remove this line.')
    if list(findings):
        raise InputError(findings)
    return found


def _in_words(plan: AnalysisPlan, say: Callable[[str], str]) -> AnalysisPlan:
    """The plan, in which every text that a report prints is what `say` makes of it; empty ones stay."""
    labelled = tuple(
        replace(each, label=say(each.label), of_whom=say(each.of_whom) if each.of_whom else "")
        for each in plan.indicators
    )
    variants = tuple(replace(each, name=say(each.name)) for each in plan.sensitivity)
    report = None if plan.report is None else _report_in_words(plan.report, say)
    return replace(plan, title=say(plan.title), indicators=labelled, sensitivity=variants, report=report)


def _report_in_words(report: ReportPlan, say: Callable[[str], str]) -> ReportPlan:
    return replace(
        report,
        subtitle=say(report.subtitle),
        population=say(report.population),
        principles={code: say(name) for code, name in report.principles.items()},
        margins={
            key: replace(
                names,
                label=say(names.label),
                categories={category: say(text) for category, text in names.categories.items()},
            )
            for key, names in report.margins.items()
        },
        companions=tuple(replace(each, name=say(each.name)) for each in report.companions),
        groups=tuple(
            replace(each, name=say(each.name), gap=say(each.gap) if each.gap else each.gap)
            for each in report.groups
        ),
        follow_up=tuple(replace(each, text=say(each.text)) for each in report.follow_up),
        events=tuple(replace(each, text=say(each.text), source=say(each.source)) for each in report.events),
        theme_chapters=tuple(
            replace(
                each, title=say(each.title), themes={code: say(name) for code, name in each.themes.items()}
            )
            for each in report.theme_chapters
        ),
        glossary={say(word): say(meaning) for word, meaning in report.glossary.items()},
        remarks={key: say(text) for key, text in report.remarks.items()},
        study=replace(report.study, **{name: say(text) for name, text in report.study.texts.items()}),
    )


# --- what was asked -------------------------------------------------------------------------------


def for_readers(questionnaire: Questionnaire) -> Questionnaire:
    """The questionnaire with inserts filled in, in every language: as for somebody of an unknown area.

    `{house}` becomes "het Huis van de Buurt", and an earlier answer, of which there is none, an ellipsis.
    """
    nobody = walk(questionnaire, {}, purposes=frozenset(), area=None)

    def filled(sentences: Mapping[str, str], tag: str) -> dict[str, str]:
        return {
            key: word(questionnaire, Text(key=key, source=sentence), tag, nobody)[0]
            for key, sentence in sentences.items()
        }

    source = {text.key: text.source for text in texts(questionnaire)}
    found: Questionnaire = replace(
        _worded(questionnaire, filled(source, questionnaire.source_language)),
        catalogues=tuple(
            replace(each, sentences=filled(each.sentences, each.tag)) for each in questionnaire.catalogues
        ),
    )
    return found


def in_language(dataset: Dataset, plan: AnalysisPlan) -> Dataset:
    """The data set, with its questionnaire in the language of the report. Raises InputError.

    Instruments are named by the translations of the plan: a catalogue holds only what residents read.
    """
    report = plan.report
    if report is None or report.language == dataset.questionnaire.source_language:
        return dataset
    words = report.translations.get(report.language, {})
    questionnaire = worded(dataset.questionnaire, report.language)
    return replace(
        dataset, questionnaire=_from_instruments(questionnaire, lambda name: words.get(name, name))
    )


def worded(questionnaire: Questionnaire, tag: str) -> Questionnaire:
    """The questionnaire as it reads in another language, which takes the place of its source language.

    That one becomes a translation, so that whatever is in other languages (the summaries) stays. Raises
    InputError when there is no whole translation; a prepared one will do.
    """
    catalogue = next((each for each in questionnaire.catalogues if each.tag == tag), None)
    sentences = {} if catalogue is None else catalogue.sentences
    missing = [text for text in reachable_texts(questionnaire) if text.key not in sentences]
    if missing:
        findings = Findings(f"{questionnaire.key}/{tag}.po")
        findings.error(
            "WA262",
            missing[0].key,
            f"{len(missing)} texts of the questionnaire have no translation, of which this is the first: "
            f"no report can be in this language. Write the file with `python -m survey translations "
            f"{questionnaire.key} {tag}`, translate it, and export again.",
        )
        raise InputError(findings)
    source = Catalogue(
        tag=questionnaire.source_language,
        state="reviewed",
        sentences={text.key: text.source for text in reachable_texts(questionnaire)},
    )
    found: Questionnaire = replace(
        _worded(questionnaire, sentences),
        source_language=tag,
        catalogues=(*questionnaire.catalogues, source),
    )
    return found


def _from_instruments(questionnaire: Questionnaire, say: Callable[[str], str]) -> Questionnaire:
    """The questionnaire, in which the name of every instrument is what `say` makes of it."""

    def asked(question: Question) -> Question:
        about = question.provenance
        if about.instrument is None:
            return question
        return replace(question, provenance=replace(about, instrument=say(about.instrument)))

    blocks = tuple(
        replace(block, questions=tuple(asked(question) for question in block.questions))
        for block in questionnaire.blocks
    )
    found: Questionnaire = replace(questionnaire, blocks=blocks)
    return found


def _worded(part: Any, sentences: Mapping[str, str]) -> Any:
    """A part of a questionnaire with its texts replaced; texts that nobody meets stay as they are."""
    if isinstance(part, Text):
        return replace(part, source=sentences.get(part.key, part.source))
    if isinstance(part, Struct):
        fields = {name: _worded(getattr(part, name), sentences) for name in part.__struct_fields__}
        return replace(part, **fields)
    if isinstance(part, tuple):
        return tuple(_worded(member, sentences) for member in part)
    if isinstance(part, dict):
        return {key: _worded(member, sentences) for key, member in part.items()}
    return part
