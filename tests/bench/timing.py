"""Times of several systems in one run: they take turns, so that a machine that slows down slows them all.

Processor time: that of one thread on a quiet machine is the clock's, and on a shared one it says more.
"""

import time
from collections.abc import Callable, Mapping
from statistics import median

ROUNDS = 7


def medians(systems: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median of the milliseconds of each system; a first round, in which things load, is not counted."""
    times: dict[str, list[float]] = {name: [] for name in systems}
    for _ in range(rounds + 1):
        for name, work in systems.items():
            start = time.process_time()
            work()
            times[name].append((time.process_time() - start) * 1000)
    return {name: median(taken[1:]) for name, taken in times.items()}
