"""What is told of the study: by the plan, or else by what residents were told; or that nobody told."""

from analysis.reporting import wording
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.study_plan import StudyPlan
from survey.questionnaires.model import Fieldwork


def given(phrases: Phrases, text: str) -> str:
    """For within a sentence: without its full stop."""
    return text.strip().rstrip(".") or phrases.say("niet opgegeven")


def told(phrases: Phrases, text: str) -> str:
    """As a sentence."""
    return wording.capital(f"{given(phrases, text)}.")


def ends(study: StudyPlan, fieldwork: Fieldwork) -> str:
    """The last day of the fieldwork as 2026-10-31; empty when nobody told."""
    return study.ends or fieldwork.closes or ""


def ethics(study: StudyPlan, fieldwork: Fieldwork) -> str:
    return study.ethics or fieldwork.ethics_approval or ""


def contact(study: StudyPlan, fieldwork: Fieldwork) -> str:
    return study.contact or ("" if fieldwork.contact is None else fieldwork.contact.source)
