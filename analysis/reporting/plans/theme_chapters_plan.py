"""What a plan says of the themes that questions are ordered by beside the principles."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from analysis.reporting.plans.plan_checks import Words, refuse_repeats
from survey.questionnaires.model import Key
from survey.questionnaires.problems import Findings


class ThemeChapter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chapter with a section for each of its `themes`: a code from the questions' metadata, and its name.

    `definitions`: with what every figure of the chapter counts.
    """

    key: Key
    title: Words
    themes: dict[str, Words]
    definitions: bool = False


def check_theme_chapters(
    chapters: Sequence[ThemeChapter], principles: Collection[str], advice: Sequence[str], findings: Findings
) -> None:
    """`advice` are the themes that pieces of earlier advice are said to belong to; empty for none."""
    place = "report.theme_chapters"
    codes = [code for chapter in chapters for code in chapter.themes]
    refuse_repeats([chapter.key for chapter in chapters], place, findings)
    refuse_repeats(codes, place, findings)
    for code in codes:
        if code in principles:
            findings.error("WA278", place, f"{code} is a principle of this report. Leave it out here.")
    for number, theme in enumerate(advice):
        if theme and theme not in codes:
            findings.error(
                "WA277",
                f"report.follow_up[{number}].theme",
                f"No chapter under [[report.theme_chapters]] has {theme}. Correct it, or leave it out.",
            )
