"""The approval of a report by somebody who did not write it: a file beside the plan that names what was read.

It is a record and no lock: who can change the plan can write it too. It is void as soon as anything differs.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from analysis.reporting.documents import Noted, Review
from analysis.reporting.manifest import Manifest, differences
from analysis.reporting.phrases import Phrases
from analysis.reporting.plan_checks import letters


class ApprovalError(Exception):
    """The report cannot be approved, or the file of an approval cannot be read."""


class Approval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who approved what, and on which day; `of` is what the draft was made from."""

    format: Literal[1] = 1
    name: str
    date: str
    of: Manifest

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
