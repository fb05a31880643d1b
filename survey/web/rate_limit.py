"""Limits that know no address: on guessing, with a bucket for everyone and one per visit, and on beginning.

Of guesses only the wrong ones cost a token.
"""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

VISITS_REMEMBERED = 10_000

STARTS_AT_ONCE = 2000
"""How many may begin without a code at one moment: more than come when a newsletter calls a city."""


class Bucket:
    """Holds up to `capacity` tokens and gains `per_second`; the clock is in seconds."""

    def __init__(self, capacity: float, per_second: float, now: float) -> None:
        self._capacity = capacity
        self._per_second = per_second
        self._tokens = capacity
        self._since = now

    def wait(self, now: float) -> float:
        """Seconds until there is a token; 0 when there is one."""
        self._tokens = min(self._capacity, self._tokens + (now - self._since) * self._per_second)
        self._since = now
        return max(0.0, (1 - self._tokens) / self._per_second)

    def take(self, now: float) -> None:
        self.wait(now)
        self._tokens = max(0.0, self._tokens - 1)

    def give_back(self) -> None:
        self._tokens = min(self._capacity, self._tokens + 1)


class GuessLimit:
    """Ten wrong guesses per visit, then one a minute; for all together `burst`, then `per_second`.

    A guess is counted when it is made, for many can be under way at once, and given back when it was right.
    """

    def __init__(self, clock: Callable[[], float], *, burst: float, per_second: float) -> None:
        self._clock = clock
        self._all = Bucket(burst, per_second, clock())
        self._visits: OrderedDict[bytes, Bucket] = OrderedDict()

    def guess(self, visit: bytes) -> int:
        """Count a guess and return 0; or, when there were too many, how many seconds to wait."""
        now = self._clock()
        own = self._visits.get(visit)
        wait = ceil(max(self._all.wait(now), own.wait(now) if own else 0.0))
        if not wait:
            self._count(visit, now)
        return wait

    def right(self, visit: bytes) -> None:
        """The guess was right: it does not count."""
        self._all.give_back()
        if visit in self._visits:
            self._visits[visit].give_back()

    def _count(self, visit: bytes, now: float) -> None:
        """The visits longest without a guess are forgotten first."""
        own = self._visits.setdefault(visit, Bucket(10, 1 / 60, now))
        self._visits.move_to_end(visit)
        if len(self._visits) > VISITS_REMEMBERED:
            self._visits.popitem(last=False)
        own.take(now)
        self._all.take(now)


class StartLimit:
    """How many may begin without a code, everybody together: `burst`, then `per_second`."""

    def __init__(self, clock: Callable[[], float], *, burst: float, per_second: float) -> None:
        self._clock = clock
        self._all = Bucket(burst, per_second, clock())

    def start(self) -> int:
        """Count a start and return 0; or, when there were too many, how many seconds to wait."""
        now = self._clock()
        wait = ceil(self._all.wait(now))
        if not wait:
            self._all.take(now)
        return wait


def for_codes(clock: Callable[[], float]) -> GuessLimit:
    """Wide: codes have too much chance to be found by guessing, and who floods keeps nobody out."""
    return GuessLimit(clock, burst=2000, per_second=500)


def for_receipts(clock: Callable[[], float]) -> GuessLimit:
    """Narrow: a receipt has 48 bits of chance, and there are thousands to hit."""
    return GuessLimit(clock, burst=200, per_second=10)


def for_starts(clock: Callable[[], float], *, burst: float) -> StartLimit:
    """Slow enough that what a flood makes in a month fits on a disk."""
    return StartLimit(clock, burst=burst, per_second=5)
