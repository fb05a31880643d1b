"""Limits on guessing that know no address: a bucket for everyone and one per visit.

Only failed guesses cost a token. A code has at least 60 bits of chance, so the bucket for everyone is
wide: it keeps a flood from the database, and a flood keeps few residents from entering their code.
"""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

VISITS_REMEMBERED = 10_000


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


class GuessLimit:
    """Ten wrong guesses per visit, then one a minute; 200 for all visits together, then ten a second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._all = Bucket(200, 10, clock())
        self._visits: OrderedDict[bytes, Bucket] = OrderedDict()

    def seconds_to_wait(self, visit: bytes) -> int:
        """How long this visit must wait before the next guess; 0 when it may guess now."""
        now = self._clock()
        own = self._visits.get(visit)
        return ceil(max(self._all.wait(now), own.wait(now) if own else 0.0))

    def wrong(self, visit: bytes) -> None:
        """Count a wrong guess; the visits longest without one are forgotten first."""
        now = self._clock()
        own = self._visits.setdefault(visit, Bucket(10, 1 / 60, now))
        self._visits.move_to_end(visit)
        if len(self._visits) > VISITS_REMEMBERED:
            self._visits.popitem(last=False)
        own.take(now)
        self._all.take(now)
