"""Quotes: words that may be printed, because who wrote them agreed and two people read them.

No message names a word of an answer: only sheets, rows and columns.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from analysis.reporting.coding.coding_sheets import (
    CODER,
    LANGUAGE,
    NO,
    QUOTE,
    QUOTED,
    RELEASED,
    TRANSLATED,
    YES,
    AnswerRow,
    OpenAnswer,
)
from analysis.reporting.exports.personal_details import personal_details
from analysis.reporting.plans.coding_plan import CodingPlan
from analysis.reporting.plans.plan import ReportLanguage
from analysis.reporting.plans.plan_checks import letters
from survey.questionnaires.problems import Findings
from survey.questionnaires.wording import locale_of

_BRACKETED = re.compile(r"\[[^\[\]]*\]")
_SAME_SIGNS = str.maketrans("‘’‚‛“”„‟", "''''\"\"\"\"")
_UNSEEN = {"Cc", "Cf", "Zs"}
"""Ends of lines, joiners and spaces have no shape of their own."""


class Quote(Struct, frozen=True, kw_only=True):
    """Released words of an answer. `language` is their tag; `translation` is empty where none is needed.

    `principle`: that of the first topic of the answer that is about one, or nothing.
    """

    text: str
    language: str
    translation: str
    principle: str


def released(  # noqa: PLR0913, PLR0917 - what is quoted, from what, and what may be printed
    rows: Sequence[AnswerRow],
    answers: Mapping[str, OpenAnswer],
    principles: Mapping[str, str],
    plan: CodingPlan,
    language: ReportLanguage,
    drawn: Collection[str],
    findings: Findings,
) -> Iterator[Quote]:
    """The quotes among the rows, in their order; each that is marked and not ready is reported.

    `answers`: those of the export by their ids. `principles`: by the keys of topics. `language`: of the
    report, and `drawn` the signs that it can print.
    """
    for row in rows:
        if row.quoted not in {"", YES, NO}:
            findings.error("WA273", row.place, f"'{QUOTED}' is neither {YES} nor {NO}.")
        if row.quoted != YES or row.id not in answers:
            continue
        answer = answers[row.id]
        if not answer.consented:
            findings.error(
                "WA272", row.place, f"Who wrote this did not agree to be quoted. Put {NO} under '{QUOTED}'."
            )
        elif not row.quote:
            findings.error(
                "WA273",
                row.place,
                f"'{QUOTE}' is empty. Write what is printed, or put {NO} under '{QUOTED}'.",
            )
        else:
            for fault in _faults(row, plan, language, drawn):
                findings.error("WA273", row.place, fault)
            if not is_quoted_from(row.quote, answer.text):
                findings.error(
                    "WA274",
                    row.place,
                    f"'{QUOTE}' has words that are not in the answer in this order. Put what you changed or "
                    "left out between square brackets: [naam], [...].",
                )
        yield Quote(
            text=row.quote,
            language=row.language,
            translation=row.translations[language] if _is_foreign(row.language, language) else "",
            principle=next(filter(None, (principles.get(topic) for topic in row.topics)), ""),
        )


def is_quoted_from(quote: str, answer: str) -> bool:
    """Whether the words outside square brackets are the answer's, in its order; signs and capitals aside."""
    parts = [part for part in map(_plain, _BRACKETED.split(quote)) if part]
    start, text = 0, _plain(answer)
    for part in parts:
        found = text.find(part, start)
        if found < 0:
            return False
        start = found + len(part)
    return bool(parts)


def _plain(text: str) -> str:
    return " ".join(text.translate(_SAME_SIGNS).replace("…", "...").casefold().split())


def _faults(
    row: AnswerRow, plan: CodingPlan, language: ReportLanguage, drawn: Collection[str]
) -> Iterator[str]:
    """Why a quote is not ready to be printed."""
    coder, reader = letters(row.coder), letters(row.released_by)
    if not coder or not reader:
        yield f"A quote needs initials under '{CODER}' and, of a second reader, under '{RELEASED}'."
    elif coder == reader:
        yield f"'{RELEASED}' has the initials of the coder. Somebody else reads it and releases it."
    if len(row.quote) > plan.longest_quote:
        yield (
            f"The quote has {len(row.quote)} characters, and at most {plan.longest_quote} are printed "
            "(longest_quote in the plan). Leave something out, with [...] in its place."
        )
    column = TRANSLATED[language]
    foreign = _is_foreign(row.language, language)
    if locale_of(row.language) is None:
        yield f"'{LANGUAGE}' is no code of a language, such as nl, ar or pl."
    elif foreign and not row.translations[language]:
        yield f"The quote is not in the language of the report. Write its translation under '{column}'."
    for name, text in ((QUOTE, row.quote), (column, row.translations[language] if foreign else "")):
        if kinds := personal_details(text):
            yield (
                f"'{name}' may tell who it is about ({', '.join(kinds)}). Put words between square brackets "
                "in its place: [naam]."
            )
        if not all(sign in drawn or unicodedata.category(sign) in _UNSEEN for sign in text):
            yield (
                f"'{name}' has signs that the report cannot draw, such as an emoji. Leave them out, with "
                "[...] in their place."
            )


def _is_foreign(language: str, reader: ReportLanguage) -> bool:
    return language.partition("-")[0] != reader
