"""In what language people answered and what they consented to, of all residents whose answers count.

Disclosure control has been applied to all that leaves this module.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from analysis.estimation import estimates
from analysis.estimation.estimates import Observed
from analysis.reporting.disclosure import Suppressed, hidden_cells, protect_shares
from analysis.reporting.exports.dataset import Dataset, lot_of
from survey.questionnaires.model import Purpose, Questionnaire


class LanguageUse(Struct, frozen=True, kw_only=True):
    """How many answered in a language; None when so few did, or it would tell how few chose another.

    `draft`: no native reader has approved its translation.
    """

    tag: str
    draft: bool
    respondents: int | None


class ConsentShare(Struct, frozen=True, kw_only=True):
    """The share that consented to a purpose, of those who were asked: a plain share, for it is about them."""

    purpose: Purpose
    cell: Observed | Suppressed


def languages_used(people: Sequence[Dataset]) -> tuple[LanguageUse, ...]:
    """Every language that was offered or answered in; `people` are groups without a common member."""
    questionnaire = people[0].questionnaire
    used = np.concatenate([each.texts["language"] for each in people])
    tags = sorted({*_offered(questionnaire), *used.tolist()} - {""})
    counts = np.array([[int((used == tag).sum()) for tag in tags]])
    lot = lot_of((min(each.texts["response"]) for each in people if each.size), "language")
    hidden = hidden_cells(counts, lot=lot)[0]
    drafts = {each.tag for each in questionnaire.catalogues if each.state == "draft"}
    return tuple(
        LanguageUse(tag=tag, draft=tag in drafts, respondents=None if hides else int(count))
        for tag, count, hides in zip(tags, counts[0], hidden, strict=True)
    )


def consents_given(people: Sequence[Dataset]) -> tuple[ConsentShare, ...]:
    """Every purpose that may be refused, in the order of the questionnaire."""
    optional = [purpose for purpose in people[0].questionnaire.purposes if not purpose.required]
    return tuple(_consent(people, purpose) for purpose in optional)


def _consent(people: Sequence[Dataset], purpose: Purpose) -> ConsentShare:
    codes = np.concatenate([each.codes[f"consent_{purpose.key}"] for each in people])
    ticked = np.where(codes < 0, np.nan, codes.astype(float))
    (cell,) = protect_shares([int((ticked == 1).sum())], [estimates.observed(ticked)], level="city")
    return ConsentShare(purpose=purpose, cell=cell)


def _offered(questionnaire: Questionnaire) -> set[str]:
    tags = {each.tag for each in questionnaire.offered}
    # A questionnaire that a report has put into a language has it as its source, prepared or not.
    written = {questionnaire.source_language} - {each.tag for each in questionnaire.catalogues}
    return tags | written
