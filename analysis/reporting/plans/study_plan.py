"""What a plan says of the study itself, which no export tells: who paid, who did it, whom it missed."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from analysis.reporting.plans.plan_checks import Words
from survey.questionnaires.problems import Findings

Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class StudyPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In sentences or names, as the report prints them; of what is left out it says that nobody told.

    `rationale`: why it was done, and what came before. `frame`: the list that people were drawn from, and
    whom it does not hold. `size`: why so many. `recruitment`: letters, reminders, rewards. `preparation`:
    what was done before, such as training of helpers. `quality`: how answers were checked. `funder_role`:
    what those who paid had to say in it. `interests`: of those who did it. `thanks`: to whom, for what.
    `data`: where the answers are, for how long, and who may see them. `begins` and `ends`: the fieldwork,
    as 2026-09-01. Of `ends`, `ethics` and `contact` the report takes what residents were told when the
    plan says nothing.
    """

    commissioner: Words = ""
    funder: Words = ""
    conducted_by: Words = ""
    rationale: Words = ""
    aim: Words = ""
    frame: Words = ""
    size: Words = ""
    recruitment: Words = ""
    preparation: Words = ""
    begins: Day | None = None
    ends: Day | None = None
    pretest: Words = ""
    quality: Words = ""
    ethics: Words = ""
    contact: Words = ""
    data: Words = ""
    limitations: Words = ""
    funder_role: Words = ""
    interests: Words = ""
    thanks: Words = ""

    @property
    def texts(self) -> dict[str, str]:
        """Those that were given, without the days."""
        days = {"begins", "ends"}
        return {name: text for name, text in asdict(self).items() if text and name not in days}


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def check_study(study: StudyPlan, findings: Findings) -> None:
    given = {name: day for name, day in (("begins", study.begins), ("ends", study.ends)) if day is not None}
    wrong = [name for name, day in given.items() if not is_day(day)]
    for name in wrong:
        findings.error("WA275", f"report.study.{name}", f"{given[name]} is no day of any month.")
    if not wrong and len(given) == 2 and given["ends"] < given["begins"]:
        findings.error(
            "WA275",
            "report.study.ends",
            f"{given['ends']} comes before {given['begins']}, on which the fieldwork begins. Correct one.",
        )
