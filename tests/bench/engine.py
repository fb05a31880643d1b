"""`python -m tests.bench.engine`: the speed and memory of weighting and estimation, as tables.

Started by `python -m tests.bench` with one thread for every system.
"""

import json
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis import Design, bootstrap, calibrate, domain_means, rake
from analysis.weighting import raking
from analysis.weighting.merging import Margin
from analysis.weighting.raking import Raked, cells_of, raked_weights
from tests.bench import growth, memory
from tests.bench.peers import weighting
from tests.bench.samples import DOMAINS, ITEMS, LEVELS, Sample, sample, with_rare_levels
from tests.bench.tables import say
from tests.bench.timing import medians

MILLION = 1_000_000
PERSONS = 10_000
REPLICATES = 500
TOLERANCE = weighting.TOLERANCE
SIZES = (10_000, 100_000, MILLION, 10 * MILLION)
GROWING: dict[str, tuple[Callable[[Sample], object], int, int]] = {
    "raking": (memory.raking, 0, 10 * MILLION),
    "calibration": (memory.calibration, 0, 10 * MILLION),
    "4 replicates, raked": (lambda drawn: memory.replicated(drawn, 0), 0, 10 * MILLION),
    f"raking and means of {ITEMS} items": (memory.means, ITEMS, MILLION),
}
"""Work, the items that it is about, and the most respondents that it is measured on."""

PLOT = Path("docs/images/growth.svg")

Work = Callable[[], object]


def table(
    title: str, times: Mapping[str, float], note: str = "", notes: Mapping[str, str] | None = None
) -> None:
    """Times beside each other and as ratios to the first, with a last column of notes."""
    say(f"| {title} | ms | ratio |" + (f" {note} |" if notes else ""))
    say("| --- | --- | --- |" + (" --- |" if notes else ""))
    first = next(iter(times.values()))
    for name, taken in times.items():
        said = f" {notes.get(name, '')} |" if notes else ""
        say(f"| {name} | {taken:,.1f} | {taken / first:,.2f} |{said}")
    say()


def margins_of(drawn: Sample) -> list[Margin]:
    return [
        Margin(
            key=name,
            levels=tuple(map(str, counts)),
            codes=drawn.columns[name],
            targets=np.array([*counts.values()]),
        )
        for name, counts in drawn.margins.items()
    ]


def single_pass(drawn: Sample) -> npt.NDArray[np.float64]:
    """All that raking asks of the rows: number the cell, add the weights up by cell, look a factor up."""
    first, *others = (drawn.columns[name] for name in drawn.margins)
    cell = first.astype(np.int32)
    for column, levels in zip(others, LEVELS[1:], strict=True):
        cell *= levels
        np.add(cell, column, out=cell, casting="unsafe")
    sums = np.bincount(cell, drawn.columns["weight"], int(np.prod(LEVELS)))
    return drawn.columns["weight"] * sums[cell]


def raking_table(drawn: Sample, rounds: int) -> None:
    margins, design = margins_of(drawn), Design.of(drawn.columns, weights="weight")
    named, totals = Design.of(drawn.named(), weights="weight"), drawn.totals()
    formula, old = "~" + "+".join(drawn.margins), drawn.columns["weight"]
    ours: dict[str, Callable[[], Any]] = {
        "Wijkpeil, raking on codes": lambda: raked_weights(old, margins, tolerance=TOLERANCE).weights,
        "Wijkpeil, damped Newton on codes": lambda: newton(old, margins).weights,
        "Wijkpeil, `rake` with its account": lambda: rake(design, drawn.margins).design.weights,
        "Wijkpeil, `calibrate` with its account": lambda: (
            calibrate(named, formula, totals, distance="raking").design.weights
        ),
    }
    peers = dict(weighting.raking(drawn))
    systems = ours | peers
    furthest = {name: f"{drawn.furthest(work()):.0e}" for name, work in systems.items()}
    times = medians({"one pass over the rows": lambda: single_pass(drawn), **systems}, rounds)
    title = f"raking, {drawn.size:,} respondents, five margins"
    table(title, times, "furthest from a margin", furthest)
    fastest = min(peers, key=times.__getitem__)
    for name in ours:
        say(f"{name}: {times[fastest] / times[name]:.0f} times as fast as {fastest}.")
    say()


def rare_table(drawn: Sample) -> None:
    """Rare levels, which undamped Newton steps do not survive."""
    margins, old = margins_of(drawn), drawn.columns["weight"]
    solvers = {"raking": lambda: raked_weights(old, margins), "damped Newton": lambda: newton(old, margins)}
    say(f"| levels of 0.05% that become 2%, {drawn.size:,} respondents | steps | furthest from a margin |")
    say("| --- | --- | --- |")
    for name, work in solvers.items():
        found = work()
        say(f"| {name} | {found.rounds} | {drawn.furthest(found.weights):.0e} |")
    say()


def newton(old: npt.NDArray[np.float64], margins: list[Margin]) -> Raked:
    cells = cells_of(old, margins)
    reached, steps = raking._newton(cells.weights, cells, TOLERANCE)
    return Raked(weights=cells.spread(reached / cells.weights, old), rounds=steps)


def replicates_table(drawn: Sample, rounds: int) -> None:
    design = Design.of(drawn.columns, weights="weight")
    systems: dict[str, Work] = {
        "Wijkpeil": lambda: rake(bootstrap(design, replicates=REPLICATES, seed=1), drawn.margins),
        "svy": weighting.svy_replicates(drawn, REPLICATES),
    }
    title = f"{REPLICATES} Rao-Wu replicates, each raked again, {drawn.size:,} respondents"
    table(title, medians(systems, rounds))


def means_table(drawn: Sample, rounds: int, peers: Callable[[Sample], Mapping[str, Work]]) -> None:
    """Beside the sums alone, and beside the peers, apart: seconds of work in between empty the caches of what
    takes milliseconds. These are also done often: a median of few is that of the host's other work."""
    design = rake(Design.of(drawn.columns, weights="weight"), drawn.margins).design
    title = f"{ITEMS} items by 10 districts by 3 age groups after raking, {drawn.size:,} respondents"
    ours: dict[str, Work] = {"Wijkpeil, `domain_means`": lambda: domain_means(drawn.items, design, DOMAINS)}
    alone: dict[str, Work] = {"grouped weighted sums alone": lambda: grouped_sums(drawn, design.weights)}
    table(title, medians({**alone, **ours}, rounds))
    others = peers(drawn)
    if others:
        table(f"{title}, in turns with another package", medians({**alone, **ours, **others}, 5))


def grouped_sums(drawn: Sample, weights: npt.NDArray[np.float64]) -> list[npt.NDArray[np.float64]]:
    """The weighted sum of every item and of those who answered it, in every domain; no standard errors."""
    district, age = (drawn.columns[name] for name in DOMAINS)
    domain = district.astype(np.intp) * 3 + age
    found = []
    for name in drawn.items:
        item = drawn.columns[name].astype(float)
        answered = ~np.isnan(item)
        found += [np.bincount(domain, weights * answered, 30), np.bincount(domain, weights * item, 30)]
    return found


def memory_table() -> None:
    """Every line from a process of its own."""
    say(f"| memory, {MILLION:,} respondents | input MB | peak above it, MB | times the input | seconds |")
    say("| --- | --- | --- | --- | --- |")
    for name in memory.WORK:
        command = [sys.executable, "-m", "tests.bench.memory", name, str(MILLION)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        share = found["peak"] / found["input"]
        numbers = f"{found['input']:.0f} | {found['peak']:.0f} | {share:.1f} | {found['seconds']:.2f}"
        say(f"| {name} | {numbers} |")
    say()


def growth_table() -> None:
    """The work of the memory table again, on ever more respondents."""
    times: dict[str, dict[int, float]] = {name: {} for name in GROWING}
    for size in SIZES:
        for name, (work, items, largest) in GROWING.items():
            if size <= largest:
                drawn = sample(size, items=items)
                times[name][size] = medians({name: lambda: work(drawn)}, 3)[name]  # noqa: B023 - run at once
    say("| respondents | " + " | ".join(f"{name}, ms" for name in times) + " |")
    say("|" + " --- |" * (len(times) + 1))
    for size in SIZES:
        cells = [f"{taken[size]:,.1f}" if size in taken else "" for taken in times.values()]
        say(f"| {size:,} | " + " | ".join(cells) + " |")
    say()
    PLOT.write_text(growth.chart(times), encoding="utf-8")


def main() -> None:
    say(f"Python {platform.python_version()}, numpy {np.__version__}; one thread for every system.\n")
    million, persons = sample(MILLION), sample(PERSONS, items=ITEMS)
    raking_table(million, 7)
    rare_table(with_rare_levels(MILLION))
    replicates_table(persons, 5)
    means_table(persons, 101, lambda drawn: {"svy": weighting.svy_means(drawn)})
    means_table(sample(MILLION, items=ITEMS), 5, lambda _: {})
    memory_table()
    growth_table()


if __name__ == "__main__":
    main()
