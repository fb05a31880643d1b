"""`python -m tests.bench.memory WHAT ROWS`: the memory that one piece of work takes beside its input.

The work is done once on a small sample, so that everything is loaded. Then the kernel's record of the
highest resident memory is set back (Linux, /proc/self/clear_refs), and the work is done on the large one.
"""

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis import Design, bootstrap, calibrate, domain_means, rake
from tests.bench.samples import DOMAINS, ITEMS, Sample, sample

Floats = npt.NDArray[np.float64]

SMALL = 1_000
REPLICATES = 500
BLOCK = 4
"""Replicates that are in memory together."""


def raking(drawn: Sample) -> object:
    return rake(Design.of(drawn.columns, weights="weight"), drawn.margins)


def calibration(drawn: Sample) -> object:
    formula = "~" + "+".join(drawn.margins)
    return calibrate(Design.of(drawn.named(), weights="weight"), formula, drawn.totals(), distance="raking")


def means(drawn: Sample) -> object:
    design = rake(Design.of(drawn.columns, weights="weight"), drawn.margins).design
    return domain_means(drawn.items, design, DOMAINS)


def replicated(drawn: Sample, block: int) -> Floats:
    """The weights of a block of replicates, each raked, shape (replicates, respondents)."""
    made = bootstrap(Design.of(drawn.columns, weights="weight"), replicates=BLOCK, seed=[1, block])
    raked = rake(made, drawn.margins).design.replicates
    assert raked is not None
    return raked.weights.T


def means_in_block(drawn: Sample, block: int) -> Floats:
    """The means of all items in a block, whose weights are let go before the next: (replicates, items)."""
    weights = replicated(drawn, block)
    sums = [weights @ drawn.columns[name].astype(float) for name in drawn.items]
    return np.column_stack(sums) / weights.sum(axis=1, keepdims=True)


def replicates(drawn: Sample) -> object:
    """The covariance of the means of all items over the replicates, made in blocks."""
    found = [means_in_block(drawn, block) for block in range(REPLICATES // BLOCK)]
    return np.cov(np.concatenate(found), rowvar=False)


WORK: dict[str, tuple[Callable[[Sample], object], int]] = {
    "`rake`": (raking, 0),
    "`calibrate`": (calibration, 0),
    f"`rake`, then `domain_means` of {ITEMS} items": (means, ITEMS),
    f"{REPLICATES} replicates in blocks of {BLOCK}, raked, means of {ITEMS} items": (replicates, ITEMS),
}
"""The work, and the number of items that its sample has."""


def resident(which: str) -> int:
    """Bytes: VmRSS, resident now, or VmHWM, at most since the record was set back."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"{which}:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def main() -> None:
    work, items = WORK[sys.argv[1]]
    work(sample(SMALL, items=items))
    drawn = sample(int(sys.argv[2]), items=items)
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    start = time.perf_counter()
    work(drawn)
    seconds = time.perf_counter() - start
    peak = (resident("VmHWM") - before) / 1e6
    sys.stdout.write(json.dumps({"input": drawn.megabytes, "peak": peak, "seconds": seconds}))


if __name__ == "__main__":
    main()
