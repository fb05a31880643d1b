"""The approval of a report by somebody who did not write it: a file beside the plan that names what was read.

It is a record and no lock: who can change the plan can write it too. It is void as soon as anything differs.
It also keeps of whose answers the reports were that were approved before: two reports that differ by a few
people tell, set beside each other, what these answered.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct

from analysis.reporting.chapters.documents import Noted, Review
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.files.manifest import Manifest, differences
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.plan_checks import letters


class ApprovalError(Exception):
    """The report cannot be approved, or the file of an approval cannot be read."""


FEWEST_APART = 10
"""So many people at least who came, went or answered otherwise, wherever two reports differ at all."""

Answered = Mapping[str, Mapping[str, str]]
"""By who is reported on together (survey, channel, area): of every response a digest of what it says."""


class Reported(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose answers a report was of that was approved on this day."""

    date: str
    answered: Answered


class Approval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who approved what, and on which day; `of` is what the draft was made from.

    `reported`: this report and those that were approved before and may have been published.
    """

    format: Literal[1] = 1
    name: str
    date: str
    of: Manifest
    reported: tuple[Reported, ...] = ()

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    def sentence(self, phrases: Phrases, authors: Sequence[str]) -> str:
        """In the report: who wrote it and who approved it."""
        return phrases.say(
            "Dit rapport is geschreven door {authors}. {name} heeft het nagelezen en vrijgegeven op {day}.",
            authors=phrases.names(authors),
            name=self.name,
            day=phrases.day(self.date),
        )


def file_of(plan: Path) -> Path:
    """Where the approval of a plan's report stands."""
    return plan.with_name(f"{plan.stem}-akkoord.json")


def decoded(data: bytes, name: str) -> Approval:
    """Raises ApprovalError."""
    try:
        return msgspec.json.decode(data, type=Approval)
    except msgspec.DecodeError as error:
        raise ApprovalError(
            f"{name} is no approval ({error}). Remove it, and approve the report again."
        ) from error


def changes(approval: Approval, here: Manifest) -> list[str]:
    """In words, what is different from what was approved; the approval is void when anything is."""
    return [*differences(approval.of, here)]


def answered(people: Dataset, *, together: bool = False) -> Answered:
    """Of whom these answers are, by channel and area, for each has figures of its own; or all `together`.

    A digest tells whether a response is there and says the same, to whoever has the export, and nothing else.
    """
    answers = np.column_stack([people.codes[name] for name in sorted(people.codes)]).astype("<i4")
    places = [
        people.export.survey if together else f"{people.export.survey}, {channel}, {area or '-'}"
        for channel, area in zip(people.texts["channel"], people.texts["area"], strict=True)
    ]
    found: dict[str, dict[str, str]] = {}
    for place, response, row in zip(places, people.texts["response"], answers, strict=True):
        # The random number of the response is in both, so that nobody without it can guess at answers.
        who = str(response).encode()
        found.setdefault(place, {})[_short(who)] = _short(who + row.tobytes())
    return found


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def too_alike(reported: Iterable[Reported], now: Answered) -> list[str]:
    """In words, where this report differs by a few people from one that may have been published."""
    found = [
        f"- {place}: since the report of {before.date} {moved} came or went, {changed} changed answers"
        for before in reported
        for place in sorted(before.answered.keys() | now.keys())
        for moved, changed in [_apart(before.answered.get(place, {}), now.get(place, {}))]
        if 0 < moved < FEWEST_APART or 0 < changed < FEWEST_APART
    ]
    return [_TOO_ALIKE, *found, _WHAT_TO_DO] if found else []


def _apart(then: Mapping[str, str], now: Mapping[str, str]) -> tuple[int, int]:
    """How many responses are in one of the two only, and how many are in both and say something else."""
    return len(then.keys() ^ now.keys()), sum(then[each] != now[each] for each in then.keys() & now.keys())


_TOO_ALIKE = (
    "A report that was approved before differs from this one by a few people. Set beside each other, the two "
    "tell what these answered:"
)
_WHAT_TO_DO = (
    f"Do not publish it. Wait until {FEWEST_APART} or more differ in each of these, or keep to the export "
    "that was approved. If nothing of the earlier report left your hands, approve this with --unpublished."
)


def refuse(name: str, authors: Sequence[str], review: Review) -> None:
    """Raises ApprovalError when this person may not approve, or there is something left to do."""
    if not authors:
        raise ApprovalError(
            "The plan does not say who wrote the report, so nobody can tell that somebody else approves it. "
            'Write authors = ["..."] under [report].'
        )
    if not letters(name):
        raise ApprovalError("Who approves has a name. Give it after --name.")
    if letters(name) in {letters(author) for author in authors}:
        raise ApprovalError(f"{name} wrote the report. Somebody else approves it.")
    left = [_line(note) for note in review.of("comment", "block", "withheld")]
    if left:
        raise ApprovalError("\n".join(("The report is not ready to be approved:", *left)))


_LEFT = {
    "comment": "an open comment ({}). Deal with it and remove it.",
    "block": "a building block ({}). Edit it and remove its mark, or remove it all.",
    "withheld": "{{{{ {} }}}} is withheld: too few answers. Write the sentence without it.",
}


def _line(note: Noted) -> str:
    text = note.remark.text
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return f"{note.file.name}: line {note.remark.line}: {_LEFT[note.remark.kind].format(short)}"


def listing(review: Review) -> Iterator[str]:
    """What whoever approves should know: sections without a text, and numbers that were typed."""
    yield from _listed("No text of your own", [file.title for file in review.missing])
    yield from _listed(
        "Numbers typed by hand",
        [f"{note.remark.text} ({note.file.name}, line {note.remark.line})" for note in review.of("typed")],
    )


def _listed(what: str, found: Iterable[str]) -> Iterator[str]:
    together = ", ".join(found)
    if together:
        yield f"{what}: {together}"
