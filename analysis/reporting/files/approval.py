"""The approval of a report by somebody who did not write it: a file beside the plan that names what was read.

It is a record and no lock: who can change the plan can write it too. It is void as soon as anything differs.
It also keeps marks of the people behind the figures of reports that were approved before: two reports that
differ by a few people tell, set beside each other, what these answered.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting.chapters.documents import Noted, Review
from analysis.reporting.files.likeness import (
    FEWEST_APART,
    Marks,
    few_across,
    few_apart,
    replaced,
    shares_people,
    survey_of,
    turned,
)
from analysis.reporting.files.manifest import Manifest, differences
from analysis.reporting.findings.bases import ALL_ANSWERS, Across
from analysis.reporting.findings.withheld import Withheld
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.plan_checks import letters


class ApprovalError(Exception):
    """The report cannot be approved, or the file of an approval cannot be read."""


class Reported(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of whom the figures were of a report that was approved on this day, as marks.

    `people`: by place everybody's four bytes (`known_by`). `withheld`: the figures that it did not show.
    `defined`: by survey and name, what the names of its figures stood for (`definitions.defined`).
    `times`: how often in a row a report of just these people was approved, each of which may be out.
    """

    date: str
    marks: Marks
    people: Mapping[str, bytes]
    withheld: tuple[Withheld, ...]
    defined: Mapping[str, str]
    times: int = 1


class Approval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who approved what, and on which day; `of` is what the draft was made from.

    `reported`: this report and those that were approved before and may have been published. Earlier forms
    held digests (1), named figures by words of one language (2), or not what was withheld (3) or what areas
    consist of (4).
    """

    format: Literal[5] = 5
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
    return plan.with_name(f"{plan.stem}{_END}")


def files_beside(plan: Path) -> list[Path]:
    """The other approvals in the folder of a plan: one that got another name has its earlier one there."""
    return sorted({*plan.parent.glob(f"*{_END}")} - {file_of(plan)})


_END = "-akkoord.json"


def of_same_people(given: Approval, now: Mapping[str, bytes]) -> tuple[Reported, ...]:
    """The reports of an approval that have people in common with one of now, as far as these surveys go.

    `now`: the people of this report by place. Reports of other residents may be of the same employees.
    """
    return tuple(found for each in given.reported if (found := _of_the_same(each, now)).people)


def _of_the_same(before: Reported, now: Mapping[str, bytes]) -> Reported:
    shared = {
        survey_of(place)
        for place, who in now.items()
        if place in before.people and shares_people(before.people[place], who)
    }
    return replace(
        before,
        marks={place: each for place, each in before.marks.items() if survey_of(place) in shared},
        people={place: each for place, each in before.people.items() if survey_of(place) in shared},
        withheld=tuple(each for each in before.withheld if survey_of(each.place) in shared),
        defined={name: what for name, what in before.defined.items() if survey_of(name) in shared},
    )


def earlier_name(place: str) -> str:
    """The name of a place, or of a figure, in the earlier wave: both waves may have one name."""
    return f"earlier wave: {place}"


def as_earlier(given: Approval) -> Approval:
    """The approval of an earlier wave, under the names that its figures have where they are printed again."""
    return replace(given, reported=tuple(_renamed(each) for each in given.reported))


def with_earlier(now: Reported, again: Reported) -> Reported:
    """A report together with what it prints again of the earlier wave."""
    earlier = _renamed(again)
    return replace(
        now,
        marks={**now.marks, **earlier.marks},
        people={**now.people, **earlier.people},
        withheld=(*now.withheld, *earlier.withheld),
        defined={**now.defined, **earlier.defined},
    )


def _renamed(reported: Reported) -> Reported:
    return replace(
        reported,
        marks={earlier_name(place): each for place, each in reported.marks.items()},
        people={earlier_name(place): each for place, each in reported.people.items()},
        withheld=tuple(replace(each, place=earlier_name(each.place)) for each in reported.withheld),
        defined={earlier_name(name): what for name, what in reported.defined.items()},
    )


def with_one_more(reported: Sequence[Reported], now: Reported) -> tuple[Reported, ...]:
    """With a report that is approved now. None of before is lost: each may have been published."""
    if reported and replace(now, date=reported[-1].date, times=reported[-1].times) == reported[-1]:
        return (*reported[:-1], replace(reported[-1], times=reported[-1].times + 1))
    return (*reported, now)


def without_last(reported: Sequence[Reported], number: int) -> tuple[Reported, ...]:
    """Without so many reports that were approved last, of which nothing was published."""
    found = [*reported]
    for _ in range(min(number, sum(each.times for each in reported))):
        last = found.pop()
        if last.times > 1:
            found.append(replace(last, times=last.times - 1))
    return tuple(found)


def decoded(data: bytes, name: str) -> Approval:
    """Raises ApprovalError."""
    try:
        if msgspec.json.decode(data, type=_Form).format in {1, 2, 3, 4}:
            raise ApprovalError(f"{name} is an approval of an earlier version of the program. {_LOST}")
        return msgspec.json.decode(data, type=Approval)
    except msgspec.DecodeError as error:
        raise ApprovalError(f"{name} is no approval ({error}). {_LOST}") from error


class _Form(Struct, frozen=True):
    format: int = 0


_LOST = (
    "Of whom the reports were that it approved, or what they withheld, cannot be read, so nothing would "
    "compare the next one with these. If one of them was published, publish no other of the same survey. If "
    "none was, remove the file, and approve the report again."
)


def changes(approval: Approval, here: Manifest) -> list[str]:
    """In words, what is different from what was approved; the approval is void when anything is."""
    return [*differences(approval.of, here)]


def too_alike(reported: Sequence[Reported], now: Reported, across: Across | None = None) -> list[str]:
    """In words, where this report differs by a few people from one that may have been published.

    Of companions, whose answers are counted: where it differs at all. And where that cannot be told, because
    something has another name or a name stands for something else, or where one of the two shows what the
    other withholds. `across`: of whom sums of figures are, which are looked at where every figure by itself
    differs enough.
    """
    # Of what is something else now nearly everybody changed answers: first it gets its name back.
    comparable = [before for before in reported if not _otherwise(before, now)]
    few = [line for before in comparable for line in _few(before, now, across)]
    counted = [line for before in reported for line in _counted(before, now)]
    gone = [line for before in reported for line in _replaced(before, now.marks)]
    other = [line for before in reported for line in _redefined(before, now)]
    shown = [line for before in reported for line in _turned(before, now)]
    return [
        *((_TOO_ALIKE, *few, _WHAT_TO_DO) if few else ()),
        *((_COUNTED, *counted, _SAME_EXPORT) if counted else ()),
        *((_REPLACED, *gone, _KEEP_THE_NAMES) if gone else ()),
        *((_REDEFINED, *other, _KEEP_THE_NAMES) if other else ()),
        *((_TURNED, *shown, _SAME_PLAN) if shown else ()),
    ]


def read_too(files: Iterable[str]) -> str:
    """In words, which approvals under other names were compared with."""
    return (
        f"Compared with this report were also {', '.join(files)}, which approve reports of the same people. "
        "If nothing of a report that was approved under another name left your hands, remove its file."
    )


def _few(before: Reported, now: Reported, across: Across | None) -> Iterator[str]:
    """One line for every level of a division at which a few differ, or one for all divisions together.

    None of people who may not differ at all: of these `_counted` tells. Who differs together in several
    divisions may be one person: of these no level is named, and of nobody how few they are. The line is read
    by others than those who may read answers.
    """
    counted = _counted_anew(before, now)
    few = (each for each in few_apart(before.marks, now.marks) if survey_of(each.place) not in counted)
    found = sorted(few, key=lambda each: (each.place, each.level, each.figure))
    for (place, level), group in groupby(found, key=lambda each: (each.place, each.level)):
        there = _some([each.figure for each in group])
        yield (
            f"- {f'{place}: {level}' if level else place}: since the report of {before.date} fewer than "
            f"{FEWEST_APART} people came, went or changed answers (in {there})"
        )
    if found or across is None or across.place not in before.people:
        return
    together = few_across(before.people[across.place], across, before.marks)
    if figures := sorted({each.figure for each in together}):
        yield (
            f"- {across.place}: since the report of {before.date} a few people who are alike in several "
            f"divisions came, went or changed answers (in {_some(figures)})"
        )


def _counted(before: Reported, now: Reported) -> Iterator[str]:
    for survey in _counted_anew(before, now):
        yield f"- {survey}: since the report of {before.date} people came, went or changed answers"


def _counted_anew(before: Reported, now: Reported) -> list[str]:
    """Surveys of companions of which both tell of people in common, and not just the same answers.

    What is counted and not weighted is exact, so there ten are no cover for each other. The place of these
    people is that of their survey; residents have a channel.
    """
    both = before.people.keys() & now.people.keys()
    return sorted(
        place
        for place in both
        if place == survey_of(place)
        and shares_people(before.people[place], now.people[place])
        and before.marks[place][ALL_ANSWERS] != now.marks[place][ALL_ANSWERS]
    )


def _replaced(before: Reported, now: Marks) -> Iterator[str]:
    for place, group in groupby(replaced(before.marks, now), key=itemgetter(0)):
        yield f"- {place}: {_some([figure for _, figure in group])}, in the report of {before.date}"


def _redefined(before: Reported, now: Reported) -> Iterator[str]:
    for name in _otherwise(before, now):
        then, this = before.defined[name], now.defined[name]
        yield f"- {name}: {then}, in the report of {before.date}; {this}, in this one"


def _otherwise(before: Reported, now: Reported) -> list[str]:
    """The names that both have, for something else."""
    both = before.defined.keys() & now.defined.keys()
    return sorted(name for name in both if before.defined[name] != now.defined[name])


def _turned(before: Reported, now: Reported) -> Iterator[str]:
    for each in turned(before.marks, before.withheld, now.marks, now.withheld):
        figure = f"{each.figure}, {each.what}" if each.what else each.figure
        did, does = ("showed", "withholds") if each in now.withheld else ("withheld", "shows")
        yield (
            f"- {each.place}: {each.level} ({figure}): the report of {before.date} {did} it, "
            f"this one {does} it"
        )


def _some(figures: Sequence[str]) -> str:
    more = f" and {len(figures) - _NAMED} more" if len(figures) > _NAMED else ""
    return f"{', '.join(figures[:_NAMED])}{more}"


_NAMED = 3
"""So many figures are named, of one group of people."""

_TOO_ALIKE = (
    "A report that was approved before differs from this one by a few people. Set beside each other, the two "
    "tell what these answered:"
)
_WHAT_TO_DO = (
    f"Do not publish it. Wait until {FEWEST_APART} or more differ in each of these, or keep to the export "
    "that was approved. If nothing of the earlier report left your hands, approve this with --unpublished."
)
_COUNTED = (
    "Answers of employees, partners and young people are counted and not weighted, so what is printed of "
    "them is exact. A report that was approved before is of some of the same people. Set beside each other, "
    "the two tell what those answered who came, went or changed answers, however many they are:"
)
_SAME_EXPORT = (
    "Do not publish it. Give the export of this group that the approved report was made from, or leave the "
    "group out of this report. If nothing of the earlier report left your hands, approve this with "
    "--unpublished."
)
_REPLACED = (
    "A report that was approved before had figures that were renamed or removed, and this one has new ones. "
    "Whether these differ by a few people cannot be told:"
)
_REDEFINED = (
    "In a report that was approved before, names of this one stood for something else. Set beside each "
    "other, the two may tell of a few people, and that cannot be told:"
)
_KEEP_THE_NAMES = (
    "Keep these in the plan under the names that they had, and areas as they were; what is new may stand "
    "beside them under a name of its own. If nothing of the earlier report left your hands, approve this "
    "with --unpublished."
)
_TURNED = (
    "A report of nearly the same people that was approved before withheld figures that this one shows, or "
    "the other way round. Set beside each other, the two tell what is protected in each:"
)
_SAME_PLAN = (
    "Which figures are withheld depends on all that the plan publishes: its indicators, groups, tables and "
    "tests. Put back what was left out since and take out what was added, or wait until "
    f"{FEWEST_APART} or more answers differ in each of these. If nothing of the earlier report left your "
    "hands, approve this with --unpublished."
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
    "withheld": "{{{{ {} }}}} is withheld. Write the sentence without it.",
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
