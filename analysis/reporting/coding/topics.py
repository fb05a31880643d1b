"""What people wrote, by topic, and the quotes that were released: all that a report says of open answers.

Disclosure control has been applied to all that leaves this module, and no text leaves it but a quote.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from msgspec import Struct

from analysis.estimation.estimates import Observed, observed
from analysis.reporting import disclosure
from analysis.reporting.coding.agreement import Agreement, agreement
from analysis.reporting.coding.coding_sheets import (
    NAMES,
    NO,
    QUOTED,
    TOPICS,
    AnswerRow,
    CodingSheet,
    OpenAnswer,
    TopicRow,
    open_answers,
    read_sheet,
)
from analysis.reporting.coding.quotes import Quote, released
from analysis.reporting.disclosure import MINIMUM_BASE, Suppressed
from analysis.reporting.exports.dataset import Dataset, InputError, lot_of
from analysis.reporting.exports.questions import is_special, open_questions
from analysis.reporting.plans.coding_plan import CodingPlan
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.plans.plan_checks import suggestion
from survey.questionnaires.model import NOT_SHOWN, OpenText
from survey.questionnaires.problems import Findings

Ids = Mapping[str, OpenAnswer]


class Writers(Struct, frozen=True, kw_only=True, eq=False):
    """Whose open answers are told: residents, or a group beside them by the `name` that the report gives it.

    `name` is empty for residents. `everybody` may be quoted, `counted` are those whom the figures are about.
    """

    plan: CodingPlan
    everybody: Dataset
    counted: Dataset
    name: str = ""


class Topic(Struct, frozen=True, kw_only=True):
    """`principle`: the code of the leading principle that it is about, or nothing."""

    key: str
    name: str
    principle: str


class TopicCount(Struct, frozen=True, kw_only=True):
    """The plain share of the coded answers of those who count that are about a topic."""

    topic: Topic
    cell: Observed | Suppressed

    @property
    def answers(self) -> int | None:
        """How many they are, or None where that is withheld."""
        cell = self.cell
        return None if isinstance(cell, Suppressed) else round(cell.value * cell.respondents)


class CodedQuestion(Struct, frozen=True, kw_only=True):
    """An open question: how many of those who count answered it, and how many of these answers were coded.

    `writers`: the name of their group, empty for residents. `others` were given by people who do not count;
    they may be quoted. `topics` is empty where nothing was coded. `agreement`: None without a second coder,
    or with too few answers in common.
    """

    question: OpenText
    written: int
    coded: int
    others: int
    topics: tuple[TopicCount, ...]
    quotes: tuple[Quote, ...]
    agreement: Agreement | None = None
    writers: str = ""


def read_coding(
    writers: Writers, files: Mapping[str, bytes], report: ReportPlan, drawn: Collection[str]
) -> tuple[CodedQuestion, ...]:
    """The open questions of the writers' plan, from the coding sheets by their names.

    `drawn`: the signs that can be printed. Raises InputError with every problem.
    """
    plan, everybody = writers.plan, writers.everybody
    questions = [each for each in open_questions(everybody.questionnaire) if each.key in plan.questions]
    given = {each.key: _by_id(everybody, each, plan.consent) for each in questions}
    findings = [Findings(name) for name in plan.files]
    sheets = [_sheet(files.get(each.file), plan.questions, each) for each in findings]
    _refuse(findings)
    first, *others = [sheet for sheet in sheets if sheet is not None]
    topics = {each.key: each for each in _topics(first.topics, report, findings[0])}
    for sheet, found in zip((first, *others), findings, strict=True):
        for key, answers in given.items():
            _check_rows(sheet.answers[key], answers, topics, found)
    principles = {each.key: each.principle for each in topics.values()}
    quotes = {
        key: (*released(first.answers[key], answers, principles, plan, report.language, drawn, findings[0]),)
        for key, answers in given.items()
    }
    for key in (key for key, found in quotes.items() if found):
        _check_group(writers, key, findings[0])
    _refuse(findings)
    return tuple(
        _coded(
            writers,
            question,
            first.answers[question.key],
            given[question.key],
            topics,
            quotes[question.key],
            agreement(first.answers[question.key], others[0].answers[question.key]) if others else None,
        )
        for question in questions
    )


def topics_given(
    files: Mapping[str, bytes], people: Dataset, plan: CodingPlan
) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
    """Every open question of the plan, and the topics of the answers of these people, by their ids.

    `files`: the coding sheets by their names. Raises InputError when the first cannot be read.
    """
    findings = Findings(plan.files[0])
    sheet = _sheet(files.get(findings.file), plan.questions, findings)
    _refuse([findings])
    for question in open_questions(people.questionnaire):
        if question.key in plan.questions and sheet is not None:
            answers = _by_id(people, question, plan.consent)
            rows = sheet.answers[question.key]
            yield question.key, {row.id: row.topics for row in rows if row.topics and row.id in answers}


def _by_id(dataset: Dataset, question: OpenText, consent: str) -> Ids:
    return {each.id: each for each in open_answers(dataset, question.key, consent)}


def _refuse(findings: Sequence[Findings]) -> None:
    problems = [*chain.from_iterable(findings)]
    if problems:
        raise InputError(problems)


# --- checks ---------------------------------------------------------------------------------------


def _sheet(data: bytes | None, questions: Sequence[str], findings: Findings) -> CodingSheet | None:
    if data is None:
        findings.error(
            "WA270", "", "This file does not lie beside the plan. Make it with `python -m analysis coding`."
        )
        return None
    return read_sheet(data, questions, findings)


def _topics(rows: Sequence[TopicRow], report: ReportPlan, findings: Findings) -> Iterator[Topic]:
    seen: set[str] = set()
    for row in rows:
        name = row.names[report.language]
        if not row.key or not name:
            findings.error(
                "WA271", row.place, f"A topic has a key and a name under '{NAMES[report.language]}'."
            )
        if row.key in seen:
            findings.error("WA271", row.place, f"{row.key} is the key of a topic above. Give it another one.")
        if row.principle and row.principle not in report.principles:
            findings.error(
                "WA271",
                row.place,
                f"{row.principle} is no principle of the plan. There are: {', '.join(report.principles)}.",
            )
        seen.add(row.key)
        yield Topic(key=row.key, name=name, principle=row.principle)


def _check_rows(
    rows: Sequence[AnswerRow], answers: Ids, topics: Mapping[str, Topic], findings: Findings
) -> None:
    """Report rows of no answer, and topics outside the list; not by name, for that may be an answer."""
    seen: set[str] = set()
    for row in rows:
        if row.id not in answers:
            findings.error(
                "WA274",
                row.place,
                "The export has no such answer: who gave it took it back, or this is another export. Remove "
                "the row, or give the export that the sheet was made from.",
            )
        elif row.id in seen:
            findings.error("WA274", row.place, "This answer stands in a row above too. Remove one.")
        seen.add(row.id)
        for topic in row.topics:
            if topic not in topics:
                hint = suggestion(topic, topics) or f" Write it on the sheet {TOPICS}, or correct it."
                findings.error("WA271", row.place, f"A topic is not in the list.{hint}")


def _check_group(writers: Writers, question: str, findings: Findings) -> None:
    """Report quotes of a small group of colleagues, who know each other by a sentence."""
    if not writers.name:
        return
    asked = int((writers.counted.codes[question] != NOT_SHOWN).sum())
    if asked < MINIMUM_BASE:
        findings.error(
            "WA280",
            question,
            f"Fewer than {MINIMUM_BASE} {writers.name} were asked this, so who knows them could tell whose "
            f"words a quote is. Put {NO} under '{QUOTED}'.",
        )


# --- counts ---------------------------------------------------------------------------------------


def _coded(  # noqa: PLR0913, PLR0917 - of whom, by whom, and what was found
    writers: Writers,
    question: OpenText,
    rows: Sequence[AnswerRow],
    answers: Ids,
    topics: Mapping[str, Topic],
    quotes: tuple[Quote, ...],
    agreed: Agreement | None,
) -> CodedQuestion:
    counted = _by_id(writers.counted, question, writers.plan.consent)
    coded = [row.topics for row in rows if row.topics and row.id in counted]
    return CodedQuestion(
        writers=writers.name,
        question=question,
        written=len(counted),
        coded=len(coded),
        others=len(answers) - len(counted),
        topics=tuple(_counts(coded, [*topics.values()], question, lot_of(counted, question.key)))
        if coded
        else (),
        quotes=quotes,
        agreement=agreed,
    )


def _counts(
    coded: Sequence[tuple[str, ...]], topics: Sequence[Topic], question: OpenText, lot: bytes
) -> Iterator[TopicCount]:
    """Per topic that came up the share of answers, protected twice.

    Where every answer has one topic the numbers add up to that of the answers, so a hidden one must not
    follow from the others; and nearly all answers with a topic tell of the few without it.
    """
    used = {key for given in coded for key in given}
    topics = [topic for topic in topics if topic.key in used]
    about = [np.array([float(topic.key in given) for given in coded]) for topic in topics]
    shares, hits = [observed(each) for each in about], [int(each.sum()) for each in about]
    sensitive = is_special(question)
    (together,) = disclosure.protect_table(
        np.array([hits]), [shares], level="city", sensitive=sensitive, lot=lot
    )
    for topic, cell, share, number in zip(topics, together, shares, hits, strict=True):
        (alone,) = disclosure.protect_shares([number], [share], level="city", sensitive=sensitive)
        yield TopicCount(topic=topic, cell=cell if isinstance(cell, Suppressed) else alone)
