"""One resident's taking part: what a draft holds while it lasts, and the response that comes of it."""

from datetime import date
from typing import Literal

from msgspec import Struct

from survey.questionnaires.answers import Answer
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.routing import walk

Channel = Literal["invited", "slip", "kiosk", "open"]
"""With the code of a letter or of a slip, wherever it was typed; without, at a kiosk or by the open link."""


class Participation(Struct, frozen=True, kw_only=True):
    """What is known of a resident who is taking part; travels and rests sealed only.

    `code_hash`, `slip` (whether the code stands on one) and `invited_area` come from the ledger when the
    code is entered. `receipt` is the word code for withdrawal, random and made when the draft is. Whether
    somebody helps is the answer to the question `mode`.
    """

    language: str
    purposes: frozenset[str] = frozenset()
    answers: dict[str, Answer] = {}
    code_hash: bytes | None = None
    slip: bool = False
    invited_area: str | None = None
    receipt: str | None = None

    @property
    def channel(self) -> Channel:
        if self.code_hash is None:
            return "open"
        return "slip" if self.slip else "invited"


class Response(Struct, frozen=True, kw_only=True):
    """One resident's answers, with nothing that says who: no code, no id, no time but the week.

    `sampled_area` is the stratum: what the invitation was drawn for, or the area of the slip or kiosk (None:
    open link); `week` is an ISO
    week, `2026-W48`; `answers` holds the answers that count.
    """

    survey: str
    version: str
    language: str
    channel: Channel
    sampled_area: str | None
    week: str
    purposes: frozenset[str]
    answers: dict[str, Answer]
    receipt_hash: bytes


def iso_week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def respond(
    participation: Participation, questionnaire: Questionnaire, *, week: str, receipt_hash: bytes
) -> Response:
    """The response of a resident who submits: answers off the path and the postcode are left behind."""
    area = participation.invited_area
    journey = walk(questionnaire, participation.answers, purposes=participation.purposes, area=area)
    passed = {step.variable for step in journey.steps if step.kind != "postcode"}
    return Response(
        survey=questionnaire.key,
        version=questionnaire.version,
        language=participation.language,
        channel=participation.channel,
        sampled_area=None if participation.channel == "open" else area,
        week=week,
        purposes=participation.purposes,
        answers={variable: answer for variable, answer in journey.counting.items() if variable in passed},
        receipt_hash=receipt_hash,
    )
