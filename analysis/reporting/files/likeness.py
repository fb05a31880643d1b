"""Whether two reports of one survey differ by a few people anywhere, told without an answer of anybody.

Of the people behind every figure a mark is kept: what each of them said adds a number, which nobody can guess
who does not have the export, to one of its BINS. Who comes, goes or answers otherwise changes one bin. So
two marks differ in no more bins than there are people in whom they differ, and in as many when these are few.
Marks of people who have nobody in common add up to the mark of all of them.

Bin and number of a response are others in every figure: who has two marks of one person cannot tell that they
are of one person. Within a figure everybody is at one level, so there its levels tell nothing of each other.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting.disclosure import MINIMUM_BASE
from analysis.reporting.exports.dataset import Texts
from analysis.reporting.findings.bases import EVERYBODY, OTHERS, Across, Base, Numbers, mixed
from analysis.reporting.findings.withheld import Withheld
from analysis.reporting.plans.weighting_plan import AREA

Counts = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

FEWEST_APART = 10
"""So many people at least who came, went or answered otherwise, wherever two reports differ at all."""

BINS = 256
"""So many that ten people are seldom taken for nine; a few are never taken for ten."""

BYTES = np.dtype("<u2")
"""How a bin is kept, on any machine."""

ALL_OTHERS = "all others together"


class Mark(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of how many people, and two bytes for every bin."""

    people: int = 0
    bins: bytes = bytes(2 * BINS)

    def __post_init__(self) -> None:
        if len(self.bins) != 2 * BINS:
            raise ValueError(f"a mark has {2 * BINS} bytes, and this one {len(self.bins)}")


Marks = Mapping[str, Mapping[str, Mapping[str, Mark]]]
"""By place (survey, channel, division), figure and level."""

_NO_MARKS: Marks = {}


class Apart(Struct, frozen=True, kw_only=True):
    """So few people make the difference at a level, in one figure."""

    place: str
    figure: str
    level: str
    few: int


def marks(bases: Iterable[Base]) -> Marks:
    """A mark for each level of each figure."""
    found: dict[str, dict[str, dict[str, Mark]]] = {}
    for base in bases:
        found.setdefault(base.place, {})[base.figure] = _by_level(base)
    return found


def _by_level(base: Base) -> dict[str, Mark]:
    # The bin is that of the response, whatever it says. What is added is never 0: nobody comes unseen.
    place, key = _secrets(base)
    cell = base.level * BINS + (place % np.uint64(BINS)).astype(np.intp)
    added = (mixed(key ^ mixed(base.said)) >> np.uint64(49)) + np.uint64(1)
    size = len(base.levels) * BINS
    bins = np.bincount(cell, weights=added, minlength=size).reshape(-1, BINS) % 2**16
    people = np.bincount(base.level, minlength=len(base.levels))
    return {
        level: Mark(people=int(number), bins=row.astype(BYTES).tobytes())
        for level, number, row in zip(base.levels, people, bins, strict=True)
        if number
    }


def _secrets(base: Base) -> tuple[Numbers, Numbers]:
    """Two numbers of every response for this figure alone, each of shape (people,).

    They follow from the random number of the response by BLAKE2b (RFC 7693), of which nobody finds one
    output from others. The second hides what was said as a one-time pad does: it serves no other figure.
    """
    figure = hashlib.blake2b(f"{base.place}\0{base.figure}\0".encode(), digest_size=16)
    found = bytearray()
    for response in base.who.tolist():
        one = figure.copy()
        one.update(response.encode())
        found += one.digest()
    numbers = np.frombuffer(bytes(found), dtype="<u8").astype(np.uint64).reshape(-1, 2)
    return numbers[:, 0], numbers[:, 1]


def few_apart(then: Marks, now: Marks) -> Iterator[Apart]:
    """Where a few people make the difference between two reports, in figures that both may show."""
    for place in then.keys() & now.keys():
        for figure in then[place].keys() & now[place].keys():
            for level, before, after in _compared(then[place][figure], now[place][figure]):
                few = int((_bins(before) != _bins(after)).sum())
                if 0 < few < FEWEST_APART:
                    yield Apart(place=place, figure=figure, level=level, few=few)


def turned(
    then: Marks, withheld_then: Iterable[Withheld], now: Marks, withheld_now: Iterable[Withheld]
) -> Iterator[Withheld]:
    """The figures that one of two reports withheld and the other shows, of nearly the same people.

    Either way round: what the one withholds would be told by something else that it shows.
    """
    for each in sorted({*withheld_then} ^ {*withheld_now}):
        before, after = (_behind(marks, each) for marks in (then, now))
        if before is None or after is None:
            continue  # one of them has no such figure
        told = each.is_base or min(before.people, after.people) >= MINIMUM_BASE
        if told and int((_bins(before) != _bins(after)).sum()) < FEWEST_APART:
            yield each


def _behind(found: Marks, figure: Withheld) -> Mark | None:
    """The mark of the people behind a figure, None where a report has no such figure."""
    levels = found.get(figure.place, {}).get(figure.figure)
    if levels is None:
        return None
    return _together(levels.values()) if figure.level == EVERYBODY else levels.get(figure.level)


def known_by(who: Texts) -> bytes:
    """Four bytes of everybody, by which a later report can tell who of its people were not in this one.

    They follow from the random number of the response, so without an export they tell nothing but how many
    there are. In order of size, not of the export.
    """
    return np.sort(_prints(who)).astype(_PRINT).tobytes()


def shares_people(then: bytes, now: bytes) -> bool:
    """Whether anybody of an earlier report (`known_by`) is in this one: then both are of one fieldwork."""
    return bool(np.isin(np.frombuffer(now, dtype=_PRINT), np.frombuffer(then, dtype=_PRINT)).any())


_PRINT = np.dtype("<u4")


def _prints(who: Texts) -> npt.NDArray[np.uint32]:
    found = b"".join(
        hashlib.blake2b(response.encode(), digest_size=_PRINT.itemsize, person=b"people").digest()
        for response in who.tolist()
    )
    return np.frombuffer(found, dtype=_PRINT).astype(np.uint32)


def few_across(then: bytes, now: Across, marked: Marks = _NO_MARKS) -> Iterator[Apart]:
    """Where figures of several divisions, set beside those of an earlier report, tell of a few who differ.

    Of twelve who came in a district eleven are young, and of all who came elsewhere nobody is: the district
    less the young is the twelfth. So of every two levels the difference is looked at, and what everybody less
    these two is; and whether people who came and are alike on all levels follow from any number of these. Of
    those who went or changed answers it is known how many they are at each level by the marks (`marked`), and
    not which: two levels count as few apart where these may be few.
    """
    new = ~np.isin(_prints(now.who), np.frombuffer(then, dtype=_PRINT))
    left = _left(marked, now, new)
    for figure, (answered, names) in now.figures.items():
        came = new & answered
        shown = [name for name in names if int((now.levels[name] & answered).sum()) >= MINIMUM_BASE]
        gone = [left.get((figure, name), 0) for name in shown]
        if not (came.any() or any(gone)) or len(shown) < 2:
            continue
        kinds, kind = np.unique(
            np.stack([now.levels[name][came] for name in shown], axis=1), axis=0, return_inverse=True
        )
        people = np.bincount(kind.ravel(), minlength=len(kinds))
        for level, few in (*_of_two(shown, kinds, people, gone), *_of_any(shown, kinds, people)):
            yield Apart(place=now.place, figure=figure, level=level, few=few)


def _left(then: Marks, now: Across, new: Mask) -> dict[tuple[str, str], int]:
    """How many went or changed answers since, by figure and level: what differs without those who came."""
    found = {}
    for base in now.bases:
        before = then.get(base.place, {}).get(base.figure)
        if before is None:
            continue
        stayed = ~np.isin(base.who, now.who[new])
        after = _by_level(
            replace(base, level=base.level[stayed], who=base.who[stayed], said=base.said[stayed])
        )
        division = base.place.split(", ", 2)[2]
        for level in {*before, *after}:
            found[base.figure, f"{division}: {level}"] = _gone(
                before.get(level, Mark()), after.get(level, Mark())
            )
        if division == AREA:
            found[base.figure, EVERYBODY] = _gone(_together(before.values()), _together(after.values()))
    return found


def _gone(before: Mark, after: Mark) -> int:
    """Two who share a bin change it once, but not the number of people."""
    return max(int((_bins(before) != _bins(after)).sum()), before.people - after.people)


def _of_two(
    names: Sequence[str], kinds: Mask, people: Counts, gone: Sequence[int]
) -> Iterator[tuple[str, int]]:
    """Two levels of which the difference, or what is left of everybody, is or may be of a few people."""
    signs = np.where(kinds, 1, -1)
    alike = (signs.T * people) @ signs  # as many as are on both sides or on neither, less all others
    total = int(people.sum())
    for one, other in combinations(range(len(names)), 2):
        differ = (total - int(alike[one, other])) // 2
        # Of those who went as many at least are at one level only as the levels differ in, and at most all.
        least = abs(gone[one] - gone[other])
        most = max(least, min(gone[one] + gone[other], 2 * gone[0] - gone[one] - gone[other]))
        if differ + most > 0 and differ + least < FEWEST_APART:
            yield f"{names[one]} less {names[other]}", max(1, differ + least)
        elif total - differ + gone[0] - least > 0 and total - differ + gone[0] - most < FEWEST_APART:
            yield (
                f"everybody less {names[one]} and {names[other]}",
                max(1, total - differ + gone[0] - most),
            )


def _of_any(names: Sequence[str], kinds: Mask, people: Counts) -> Iterator[tuple[str, int]]:
    """Who came and are alike on every level, where their sum is one of sums of levels: a leverage of 1."""
    if not len(kinds):
        return
    left, sizes, _ = np.linalg.svd(kinds.astype(float), full_matrices=False)
    leverage = (left[:, sizes > sizes[0] * 1e-9] ** 2).sum(axis=1)
    for kind in np.flatnonzero((leverage > 1 - 1e-6) & (people < FEWEST_APART)):
        inside = [name for name, at in zip(names[1:], kinds[kind, 1:], strict=True) if at]
        yield f"those only at {' and '.join(inside)}" if inside else "those at no level", int(people[kind])


def replaced(then: Marks, now: Marks) -> Iterator[tuple[str, str]]:
    """Places and figures that are gone, of a survey of which there are new ones now.

    A new one may be of nearly the same people, under another name: a group that was renamed, or a table by
    the question that it came from. Its marks are others, so this cannot be told. What is only left out tells
    nothing.
    """
    before, after = _named(then), _named(now)
    surveys = {survey_of(place) for place, _ in after - before}
    yield from sorted((place, figure) for place, figure in before - after if survey_of(place) in surveys)


def _named(found: Marks) -> set[tuple[str, str]]:
    return {(place, figure) for place, figures in found.items() for figure in figures}


def survey_of(place: str) -> str:
    """Of which survey a place or a name is; that of an earlier wave, printed again, is one of its own."""
    return place.split(", ", 1)[0]


def _compared(then: Mapping[str, Mark], now: Mapping[str, Mark]) -> Iterator[tuple[str, Mark, Mark]]:
    """The levels that both may show, and all others together, which follow from these and from everybody."""
    nobody = Mark()
    pairs = {level: (then.get(level, nobody), now.get(level, nobody)) for level in {*then, *now}}
    shown = {
        level
        for level, pair in pairs.items()
        if level != OTHERS and all(mark.people >= MINIMUM_BASE for mark in pair)
    }
    for level in shown:
        yield level, *pairs[level]
    others = [pair for level, pair in pairs.items() if level not in shown]
    level = ALL_OTHERS if shown else OTHERS
    yield level, _together(before for before, _ in others), _together(after for _, after in others)


def _together(found: Iterable[Mark]) -> Mark:
    people, bins = 0, _bins(Mark())
    for mark in found:
        people, bins = people + mark.people, bins + _bins(mark)
    return Mark(people=people, bins=bins.tobytes())


def _bins(mark: Mark) -> npt.NDArray[np.uint16]:
    return np.frombuffer(mark.bins, dtype=BYTES)
