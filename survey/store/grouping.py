"""Group commit: the work of many callers at once, and one answer for each.

While one group is being done the next one gathers, so groups grow with the load and a single caller
never waits for company.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from survey.store.errors import StoreBusyError, StoreError

Request = TypeVar("Request")

_Waiting = tuple[Request, asyncio.Future[Any]]


class Grouped(Generic[Request]):
    """Calls `work` with at most `largest` requests at a time, one group after another.

    `work` returns a result for each request, in their order; a result that is an exception is raised
    for that caller only. At most `capacity` requests wait; one more raises `StoreBusyError`.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Request]], Awaitable[Sequence[Any]]],
        *,
        largest: int = 256,
        capacity: int = 4096,
    ) -> None:
        self._work = work
        self._largest = largest
        self._capacity = capacity
        self._waiting: deque[_Waiting[Request]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    async def __call__(self, request: Request) -> Any:
        if self._closed:
            raise StoreError("The store is closed.")
        if len(self._waiting) >= self._capacity:
            raise StoreBusyError("Too many answers are waiting to be kept. Try again in a moment.")
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work_through())
        return await future

    async def close(self) -> None:
        """Refuse new requests and finish those that wait."""
        self._closed = True
        if self._worker is not None:
            await self._worker

    async def _work_through(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(self._largest, len(self._waiting)))]
            self._answer(group, await self._results([request for request, _ in group]))
        self._worker = None

    async def _results(self, requests: Sequence[Request]) -> Sequence[Any]:
        try:
            return await self._work(requests)
        except Exception as error:  # noqa: BLE001 - whatever went wrong belongs to those who wait for it
            return [error] * len(requests)

    @staticmethod
    def _answer(group: Sequence[_Waiting[Request]], results: Sequence[Any]) -> None:
        for (_, future), result in zip(group, results, strict=True):
            if future.done():  # the caller was cancelled meanwhile
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
