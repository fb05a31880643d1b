"""The tables of docs/coverage.md: which scenes, how many draws, and what the hits come to."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tests.coverage import scenes
from tests.coverage.people import Floats, Table
from tests.coverage.scenes import Draw, Hits

SEED = 20261125
SIZES = (15, 30, 60, 120, 300)
"""Respondents per district, of which there are ten."""

HALF = 0.5
"""A coverage of which more than this share of the intervals is lacking is not printed."""

TOO_SHORT = 0.93
"""A coverage below this is printed bold."""


class Scene(NamedTuple):
    """One table: what is drawn, how often, for which sizes; `worst`: with the worst district of every row."""

    start: Callable[[Table], Draw]
    draws: int
    sizes: Sequence[int] = SIZES
    counted: str = "respondents per district"
    worst: bool = False

    @property
    def name(self) -> str:
        return self.start.__name__


SCENES = (
    Scene(scenes.shares, 500),
    Scene(scenes.estimates, 150),
    Scene(scenes.weightings, 150),
    Scene(scenes.raked_estimates, 100),
    Scene(scenes.replicates, 80),
    Scene(scenes.streets, 150),
    Scene(scenes.open_participation, 100, (150, 600, 3000), "people who came by themselves"),
    Scene(scenes.small_areas, 150, worst=True),
)


class Coverage(NamedTuple):
    """The share of intervals that hold the truth, its standard error, and the share that was not made."""

    share: float
    error: float
    lacking: float


def study(scene: Scene, people: Table, draws: int) -> Iterator[tuple[int, list[Hits]]]:
    """Per size the hits of every draw; the same whichever other scenes and sizes are run."""
    draw = scene.start(people)
    name = zlib.crc32(scene.name.encode())
    for size in scene.sizes:
        streams = (np.random.default_rng([SEED, name, size, number]) for number in range(draws))
        yield size, [draw(size, random) for random in streams]


def coverage(held: Floats) -> Coverage:
    """Of hits of shape (draws, districts). Districts of one draw hang together, so draws are the units.

    The error is that of a ratio of sums over draws, and at least that of one miss or hit more.
    """
    made = ~np.isnan(held)
    number = made.sum()
    if not number:
        return Coverage(np.nan, np.nan, 1.0)
    share = np.nansum(held) / number
    away = np.nansum(np.where(made, held - share, 0.0), axis=1)
    error = max(np.sqrt((away**2).sum()), 1.0) / number
    return Coverage(float(share), float(error), float(1 - made.mean()))


def table(scene: Scene, found: Sequence[tuple[int, list[Hits]]]) -> str:
    """A Markdown table with a row per interval and a column per size, in percents; and its chance error."""
    names = list(dict.fromkeys(name for _, draws in found for name in draws[0]))
    lines = [
        f"| | {' | '.join(str(size) for size, _ in found)} |",
        f"| --- |{' ---: |' * len(found)}",
    ]
    largest = 0.0
    for name in names:
        held = [np.array([draw[name] for draw in draws]) if name in draws[0] else None for _, draws in found]
        parts = [None if one is None else coverage(one) for one in held]
        largest = max([largest, *(part.error for part in parts if part and part.lacking < HALF)])
        lines.append(f"| {name} | {' | '.join(map(_cell, parts))} |")
        if scene.worst:
            lowest = [None if one is None else coverage(worst(one)) for one in held]
            lines.append(f"| … worst district | {' | '.join(map(_cell, lowest))} |")
    draws = len(found[0][1])
    lines += [
        "",
        f"Columns: {scene.counted}. {draws} draws; chance error of a figure at most {100 * largest:.1f}.",
    ]
    return "\n".join(lines)


def worst(held: Floats) -> Floats:
    """The hits of the district whose intervals hold least often, shape (draws, 1)."""
    lowest = min(held.T, key=lambda district: coverage(district[:, None]).share)
    return lowest[:, None]


def _cell(found: Coverage | None) -> str:
    if found is None or found.lacking > HALF:
        return "–"
    shown = f"{100 * found.share:.1f}"
    shown = f"**{shown}**" if found.share < TOO_SHORT else shown
    return shown if found.lacking < 0.005 else f"{shown} ({100 * found.lacking:.0f}% none)"
