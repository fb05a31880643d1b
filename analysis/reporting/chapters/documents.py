"""What a report consists of: the values that the templates print, and nothing else."""

from collections.abc import Sequence
from typing import Literal

from markupsafe import Markup
from msgspec import Struct

from analysis.reporting import wording
from analysis.reporting.chapters.prose import Kind, Prose, TextRemark
from analysis.reporting.figures.making import Figure, PrintedQuote
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import AnalysisPlan, FollowUp, ReportPlan
from survey.questionnaires.model import Area


class KeyNumber(Struct, frozen=True, kw_only=True):
    """A large number with what it is and its margin; `few` when it cannot be given.

    `asked`: the question that it is of, where there is room for it.
    """

    value: str
    what: str
    margin: str
    few: bool = False
    asked: str = ""


class Conclusion(Struct, frozen=True, kw_only=True):
    title: str
    sentences: tuple[str, ...]


class Section(Struct, frozen=True, kw_only=True):
    """A part of a chapter under a heading of its own, or when it is one sentence in a list with others."""

    anchor: str
    title: str
    lead: str
    figures: tuple[Figure, ...] = ()
    quotes: tuple[PrintedQuote, ...] = ()
    text: Prose | None = None

    @property
    def short(self) -> bool:
        return not (self.figures or self.quotes or self.text)


class Chapter(Struct, frozen=True, kw_only=True):
    """`running` stands at the foot of the pages; `paragraphs` come between the lead and the figures.

    `text` is the evaluator's own, after the lead; where `own_text` is False there is none. One that stands
    `apart` begins a page. `others` is the heading of the sections that are one sentence each.
    """

    anchor: str
    kicker: str
    title: str
    running: str
    lead: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    quotes: tuple[PrintedQuote, ...] = ()
    sections: tuple[Section, ...] = ()
    text: Prose | None = None
    own_text: bool = True
    apart: bool = False
    others: str = ""

    @property
    def parts(self) -> tuple["Chapter | Section", ...]:
        """The chapter itself and its sections."""
        return (self, *self.sections)

    @property
    def headed(self) -> tuple[Section, ...]:
        """The sections that stand under a heading of their own."""
        return tuple(each for each in self.sections if not each.short)

    @property
    def listed(self) -> tuple[Section, ...]:
        """The sections that are one sentence each: a list below the others."""
        return tuple(each for each in self.sections if each.short)


class TextFile(Struct, frozen=True, kw_only=True):
    """Of the evaluator's own text for a section of the main report; `name` is the file's, beside the plan."""

    anchor: str
    title: str
    name: str


class Noted(Struct, frozen=True, kw_only=True):
    """A remark on a text, with the file that it is in."""

    file: TextFile
    remark: TextRemark


class Review(Struct, frozen=True, kw_only=True):
    """What is left to do before the report is final; `missing` are sections without a text."""

    missing: tuple[TextFile, ...] = ()
    notes: tuple[Noted, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Noted, ...]:
        return tuple(note for note in self.notes if note.remark.kind in kinds)


class MainReport(Struct, frozen=True, kw_only=True):
    """Everything that templates/report/main.html prints, and annexes.html.

    `chapters` are for whom the report is for, `annexes` for who checks it. `review`: what is left to do, in a
    draft; `approval`: by whom it was approved, when it is none.
    """

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
    chapters: tuple[Chapter, ...]
    annexes: tuple[Chapter, ...]
    review: Review | None = None
    approval: str = ""

    @property
    def whole(self) -> tuple[Chapter, ...]:
        """The chapters and the annexes."""
        return (*self.chapters, *self.annexes)

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for chapter in self.whole for part in chapter.parts for figure in part.figures)

    @property
    def quoted(self) -> bool:
        """Whether it holds words of residents."""
        return any(part.quotes for chapter in self.whole for part in chapter.parts)

    @property
    def draft(self) -> bool:
        return self.review is not None


class SocialMap(Struct, frozen=True, kw_only=True):
    """Where residents of an area find what there is for them: an address, and the code of it to scan."""

    address: str
    code: Markup


class Profile(Struct, frozen=True, kw_only=True):
    """Everything that templates/report/profile.html prints, for one area.

    `quoted`: whether the main report has quotes. `words` of the plan's glossary that the profile uses, and
    what they mean.
    """

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
    social_map: SocialMap | None
    quoted: bool
    words: dict[str, str]
    draft: bool = False

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for figure in (self.shares, self.means, self.reasons) if figure is not None)


def standing(report: MainReport | Profile, phrases: Phrases) -> str:
    """At the head of every page: that it is a draft, and that answers are simulated."""
    return " · ".join(
        filter(None, (phrases.say("Concept, niet publiceren") if report.draft else "", report.status))
    )


_MANY, _MOST = 2400, 3200
"""Characters of a summary from which on its letters are smaller, and smallest."""


class SummaryNumber(Struct, frozen=True, kw_only=True):
    """A headline figure on a summary: what was asked, the answers it counts, its margin and base in words.

    `help` stood below the question, with a period or a place. `picture` (SVG) shows the figure and `caption`
    says what it shows; `few` when it cannot be given.
    """

    value: str
    question: str
    help: str
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

    `warnings` are about the page as a whole: that answers are simulated, that a translation is a draft; of a
    report that nobody approved (`draft`) `unapproved` is one too, and `watermark` stands behind
    the text; where it is empty, the word of the report does.
    """

    tag: str
    direction: str
    title: str
    kicker: str
    lead: str
    warnings: tuple[str, ...]
    unapproved: str
    watermark: str
    numbers_title: str
    numbers: tuple[SummaryNumber, ...]
    findings_title: str
    findings: tuple[Remark, ...]
    account: tuple[Remark, ...]
    note: str
    draft: bool = False

    @property
    def density(self) -> Literal["", "dense", "densest"]:
        """Whether there are so many words that they must be smaller to stay on one page."""
        figures = (
            text for each in self.numbers for text in (each.question, each.help, each.counted, *each.details)
        )
        remarks = (text for each in (*self.findings, *self.account) for text in (each.title, *each.sentences))
        characters = sum(map(len, (self.lead, self.unapproved, *self.warnings, *figures, *remarks)))
        return "densest" if characters > _MOST else "dense" if characters > _MANY else ""


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


def status_of(outcomes: Outcomes, phrases: Phrases) -> str:
    return phrases.say(wording.SIMULATED) if outcomes.dataset.export.simulated else ""


def indicators_named(outcomes: Outcomes, keys: Sequence[str]) -> tuple[Outcome, ...]:
    by_key = {outcome.indicator.key: outcome for outcome in outcomes.indicators}
    return tuple(by_key[key] for key in keys)


def of_whom(phrases: Phrases, outcome: Outcome) -> str:
    """About whom an outcome is, when not about everybody."""
    return wording.among(phrases, outcome.question, outcome.indicator.of_whom, for_some=outcome.for_some)


def figures_of(question: str, figures: Sequence[Figure]) -> list[str]:
    """What the figures with the answers to a question are called in a sentence; `question` is its key."""
    return [figure.name.lower() for figure in figures if question in figure.questions]


def compared_by_area(outcomes: Outcomes, report: ReportPlan) -> tuple[Outcome, ...]:
    """All outcomes of the chapter on areas, those with most marks first."""
    keys = dict.fromkeys((*report.profile, *report.headline, report.map))
    found = indicators_named(outcomes, [*keys])
    return tuple(sorted(found, key=lambda each: -marked_areas(each)))


def marked_areas(outcome: Outcome) -> int:
    """How many areas differ from the rest of the municipality."""
    return sum(area.mark in {"higher", "lower"} for area in outcome.areas)


_ADVICE = {"recommendation": later("aanbeveling"), "suggestion": later("suggestie")}


def advice_name(phrases: Phrases, report: ReportPlan, advice: FollowUp) -> str:
    """What a piece of earlier advice is called: "aanbeveling 2"."""
    alike = [each.key for each in report.follow_up if each.kind == advice.kind]
    return f"{phrases.say(_ADVICE[advice.kind])} {alike.index(advice.key) + 1}"


def margin_name(margin: str, report: ReportPlan) -> str:
    names = report.margins.get(margin)
    return margin if names is None else names.label


def category_name(margin: str, category: str, report: ReportPlan) -> str:
    names = report.margins.get(margin)
    return category if names is None else names.categories.get(category, category)
