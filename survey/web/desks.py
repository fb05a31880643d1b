"""The drafts that this process works on, each at a desk.

At a desk one form at a time reads and saves a draft, so that two tabs do not undo each other. The draft
stays there as it was left, so that the next answer need not read it again; should another process have
saved it since, the store refuses the save (`Store.save_draft`) and it is read anew.
"""

import asyncio
from collections import OrderedDict

DESKS = 4096
"""Residents who are answering at one moment; who was away longest has the draft read again."""


class Desk:
    """`sealed` is the draft as this process last read or saved it; None when it has to be read."""

    __slots__ = ("lock", "sealed")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.sealed: bytes | None = None


class Desks:
    """Those used last; at most `DESKS`."""

    def __init__(self) -> None:
        self._desks: OrderedDict[bytes, Desk] = OrderedDict()

    def of(self, draft_id: bytes) -> Desk:
        desk = self._desks.pop(draft_id, None) or Desk()
        self._desks[draft_id] = desk
        if len(self._desks) > DESKS:
            self._desks.popitem(last=False)
        return desk
