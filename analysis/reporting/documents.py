"""What a report consists of: the values that the templates print, and nothing else."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from analysis.reporting import wording
from analysis.reporting.figures import Figure
from analysis.reporting.outcomes import Outcome, Outcomes
from analysis.reporting.plan import AnalysisPlan, ReportPlan
from survey.questionnaires.model import Area


class KeyNumber(Struct, frozen=True, kw_only=True):
    """A large number with what it is and its margin; `few` when it cannot be given."""

    value: str
    what: str
    margin: str
    few: bool = False


class Conclusion(Struct, frozen=True, kw_only=True):
    title: str
    sentences: tuple[str, ...]


class Chapter(Struct, frozen=True, kw_only=True):
    """`running` stands at the foot of the pages; `paragraphs` come between the lead and the figures."""

    anchor: str
    kicker: str
    title: str
    running: str
    lead: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()


class MainReport(Struct, frozen=True, kw_only=True):
    """Everything that templates/report/main.html prints."""

    title: str
    subtitle: str
    sender: str
    month: str
    status: str
    cover: Markup
    guide: Markup
    attribution: str
    lead: str
    numbers: tuple[KeyNumber, ...]
    numbers_note: str
    conclusions: tuple[Conclusion, ...]
    method: Chapter
    chapters: tuple[Chapter, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for chapter in (self.method, *self.chapters) for figure in chapter.figures)


class Profile(Struct, frozen=True, kw_only=True):
    """Everything that templates/report/profile.html prints, for one area."""

    area: Area
    title: str
    status: str
    month: str
    locator: Markup | None
    attribution: str
    sentences: tuple[str, ...]
    facts: tuple[KeyNumber, ...]
    facts_note: str
    shares: Figure
    means: Figure | None
    reasons: Figure
    questions: tuple[str, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for figure in (self.shares, self.means, self.reasons) if figure is not None)


_MANY_CHARACTERS = 2400


class SummaryNumber(Struct, frozen=True, kw_only=True):
    """A headline figure on a summary: what was asked, the answers it counts, its margin and base in words.

    `picture` (SVG) shows the figure and `caption` says what it shows; `few` when it cannot be given.
    """

    value: str
    question: str
    counted: str
    details: tuple[str, ...] = ()
    picture: str = ""
    caption: str = ""
    few: bool = False


class Remark(Struct, frozen=True, kw_only=True):
    """A few sentences beside a pictogram (SVG); findings have no title."""

    pictogram: str
    sentences: tuple[str, ...]
    title: str = ""


class Summary(Struct, frozen=True, kw_only=True):
    """Everything that templates/report/summary.html prints: one page in one language.

    `warnings` are about the page as a whole: that answers are simulated, that a translation is a draft.
    """

    tag: str
    direction: str
    title: str
    kicker: str
    lead: str
    warnings: tuple[str, ...]
    numbers_title: str
    numbers: tuple[SummaryNumber, ...]
    findings_title: str
    findings: tuple[Remark, ...]
    account: tuple[Remark, ...]
    note: str

    @property
    def dense(self) -> bool:
        """Whether there are so many words that they must be smaller to stay on one page."""
        figures = (text for each in self.numbers for text in (each.question, each.counted, *each.details))
        remarks = (text for each in (*self.findings, *self.account) for text in (each.title, *each.sentences))
        return sum(map(len, (self.lead, *self.warnings, *figures, *remarks))) > _MANY_CHARACTERS


class NoReportPlan(Exception):
    """The plan does not say what stands where in the reports."""


def report_plan(plan: AnalysisPlan) -> ReportPlan:
    """Raises NoReportPlan."""
    if plan.report is None:
        raise NoReportPlan(
            "The plan has no part [report], which says what stands where in the reports. "
            "docs/guide-evaluators.md tells what to write in it."
        )
    return plan.report


def status_of(outcomes: Outcomes) -> str:
    return wording.SIMULATED if outcomes.dataset.export.simulated else ""


def indicators_named(outcomes: Outcomes, keys: Sequence[str]) -> tuple[Outcome, ...]:
    by_key = {outcome.indicator.key: outcome for outcome in outcomes.indicators}
    return tuple(by_key[key] for key in keys)


def margin_name(margin: str, report: ReportPlan) -> str:
    names = report.margins.get(margin)
    return margin if names is None else names.label


def category_name(margin: str, category: str, report: ReportPlan) -> str:
    names = report.margins.get(margin)
    return category if names is None else names.categories.get(category, category)
