"""The store as the rest of the program sees it: plain values in and out, acknowledged when they are safe."""

import asyncio
import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Self

from survey.kiosk import Kiosk
from survey.participation import Response
from survey.sealing import MARK_BYTES, derived_key, seal
from survey.store import statements
from survey.store.databases import Database, connect, shown
from survey.store.errors import StoreError, UnreachableError
from survey.store.grouping import Grouped
from survey.store.schema import migrate
from survey.store.statements import (
    Accept,
    Acceptance,
    Archive,
    LedgerCount,
    LedgerEntry,
    Redeem,
    SaveDraft,
    StartDraft,
    StoredResponse,
    Submit,
    Write,
)

_log = logging.getLogger(__name__)

_PENDING_BYTES = 16 * 1024
"""Of a waiting response. Longer than nearly all, or who wrote much could be found back by the length."""


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


class Store:
    """Open with `Store.open`. Every write returns only after it is committed to disk.

    Every method raises `StoreError` when the database fails; `StoreBusyError` when more waits than
    can be done soon. What raised did not happen, or, when the connection broke while committing, may
    have happened: asking again is always safe.
    """

    def __init__(
        self,
        database: Database,
        *,
        secret: bytes,
        release_batch: int,
        capacity: int,
        today: Callable[[], dt.date],
    ) -> None:
        self._database = database
        self._pending_key = derived_key(secret, "pending responses")
        self._release_batch = release_batch
        self._today = today
        self._read: Grouped[bytes] = Grouped(self._read_drafts, capacity=capacity)
        self._write: Grouped[Write] = Grouped(self._perform, capacity=capacity)
        self._waiting: Counter[str] = Counter()
        self._releases: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        secret: bytes,
        release_batch: int = 25,
        capacity: int = 4096,
        today: Callable[[], dt.date] = _today,
    ) -> Self:
        """Connect, and bring the tables up to date. Raises `UnreachableError`."""
        database = connect(url)
        store = cls(database, secret=secret, release_batch=release_batch, capacity=capacity, today=today)
        try:
            await database.write(migrate)
            store._waiting.update(await database.read(statements.waiting))
        except StoreError as error:
            await database.close()
            raise UnreachableError(f"{shown(url)}: {error}") from None
        return store

    async def close(self) -> None:
        """Finish what waits and disconnect. Waiting responses stay sealed until the next release.

        Closing again does nothing.
        """
        if self._closed:
            return
        self._closed = True
        await self._read.close()
        await self._write.close()
        await asyncio.gather(*self._releases)
        await self._database.close()

    async def register(
        self, survey: str, version: str, files: Mapping[str, bytes], *, simulated: bool
    ) -> None:
        """Open a survey with this version of its questionnaire, whose files are archived.

        Raises `SimulatedMismatchError` when it holds responses of the other kind.
        """
        await self._database.write(
            lambda connection: statements.register(connection, survey, version, files, simulated=simulated)
        )

    # Drafts

    async def draft(self, draft_id: bytes) -> bytes | None:
        """The sealed draft; None when it was never started, is submitted, or was left too long."""
        sealed: bytes | None = await self._read(draft_id)
        return sealed

    async def start_draft(self, draft_id: bytes, survey: str, sealed: bytes) -> bool:
        """Keep a new draft. False: there is one already (another device has the code), which stays."""
        request = StartDraft(id=draft_id, survey=survey, sealed=sealed, today=self._today())
        return bool(await self._write(request))

    async def save_draft(self, draft_id: bytes, sealed: bytes, *, replacing: bytes) -> bool:
        """Put a draft in the place of `replacing`, as it was read or saved before.

        False: it is no longer that (saved by another, submitted, or left too long), and nothing changed.
        """
        mark = replacing[:MARK_BYTES]
        return bool(await self._write(SaveDraft(id=draft_id, mark=mark, sealed=sealed, today=self._today())))

    async def discard_draft(self, draft_id: bytes) -> None:
        """Delete a draft whose resident stops; its code, if it has one, can still be used."""
        if await self._database.write(partial(statements.discard_draft, draft_id=draft_id)):
            await self._database.tidy("draft")

    async def expire_drafts(self, before: dt.date) -> int:
        """Delete the drafts that nobody touched on or after `before`; returns how many."""
        gone = await self._database.write(partial(statements.expire_drafts, before=before))
        if gone:
            await self._database.tidy("draft")
        return gone

    # The ledger

    async def issue(self, survey: str, entries: Mapping[bytes, LedgerEntry]) -> None:
        """Add codes, by their hash: all of them or none."""
        await self._database.write(partial(statements.issue, survey=survey, entries=entries))

    async def redeem(self, code_hash: bytes, survey: str) -> LedgerEntry | None:
        """The entry of a code that a resident entered, now `opened` unless it is `used`.

        None: this code was not issued for this survey.
        """
        entry: LedgerEntry | None = await self._write(Redeem(code_hash=code_hash, survey=survey))
        return entry

    async def ledger_entry(self, code_hash: bytes, survey: str) -> LedgerEntry | None:
        """The entry of a code as it is, which stays so. None: it was not issued for this survey."""
        return await self._database.read(
            partial(statements.ledger_entry, survey=survey, code_hash=code_hash), alone=True
        )

    async def ledger_counts(self, survey: str) -> list[LedgerCount]:
        return await self._database.read(partial(statements.ledger_counts, survey=survey))

    # Kiosks

    async def issue_kiosks(self, kiosks: Mapping[bytes, Kiosk]) -> None:
        """Add kiosks that may be paired, by the hash of their place code: all of them or none.

        The kiosks of one place have the same survey, name, area and need of codes, but for those that were
        revoked. Raises `PlaceTakenError`.
        """
        await self._database.write(partial(statements.issue_kiosks, kiosks=kiosks))

    async def place(self, key: str) -> Kiosk | None:
        """A kiosk as it is at this place before a device is paired; None when there is no such place."""
        return await self._database.read(partial(statements.place, key=key), alone=True)

    async def kiosks(self, survey: str) -> dict[bytes, Kiosk]:
        """All kiosks of a survey, by the hash of their place code, in the order of their places."""
        return await self._database.read(partial(statements.kiosks, survey=survey), alone=True)

    async def kiosk(self, place_code_hash: bytes) -> Kiosk | None:
        return await self._database.read(
            partial(statements.kiosk, place_code_hash=place_code_hash), alone=True
        )

    async def pair_kiosk(self, place: str, place_code_hash: bytes, public_key: bytes) -> Kiosk | None:
        """Let the device with this key send for the place, and return the kiosk as it is then.

        It is paired with the first device that asked, which may be another one, and not at all when it is
        revoked; asking again does no harm. None: this place code was not issued for this place.
        """
        pair = partial(
            statements.pair_kiosk, place=place, place_code_hash=place_code_hash, public_key=public_key
        )
        return await self._database.write(pair)

    async def revoke_kiosk(self, place_code_hash: bytes) -> bool:
        """Accept nothing more from this kiosk. False: there is no such one."""
        return await self._database.write(partial(statements.revoke_kiosk, place_code_hash=place_code_hash))

    async def accepted_today(self, place_code_hash: bytes) -> int:
        """How many responses of this kiosk were accepted today (UTC)."""
        return await self._database.read(
            partial(statements.accepted_on, place_code_hash=place_code_hash, day=self._today()), alone=True
        )

    # Responses

    async def submit(
        self, draft_id: bytes, response: Response, code_hash: bytes | None, *, replacing: bytes
    ) -> bool:
        """Turn the draft `replacing`, as it was read, into a response and its code into a used one, once.

        False: that had happened before, or the draft is no longer that, and nothing changed. Enough
        submitted responses are released together in the background.
        """
        accepted = await self._write(
            Submit(
                draft_id=draft_id,
                mark=replacing[:MARK_BYTES],
                survey=response.survey,
                code_hash=code_hash,
                sealed=seal(response, self._pending_key, shortest=_PENDING_BYTES),
            )
        )
        if accepted:
            self._waits(response.survey)
        return bool(accepted)

    async def accept(
        self, delivery_hash: bytes, response: Response, code_hash: bytes | None, *, kiosk: bytes
    ) -> Acceptance:
        """Take a response that a kiosk sent, once, and make its code, if it has one, a used one.

        `kiosk` is the hash of its place code. Sent again it was `received_before`, which is as good as
        `accepted`; with `code_unknown` and `code_used` nothing changed.
        """
        acceptance: Acceptance = await self._write(
            Accept(
                delivery_hash=delivery_hash,
                kiosk=kiosk,
                survey=response.survey,
                code_hash=code_hash,
                sealed=seal(response, self._pending_key, shortest=_PENDING_BYTES),
                today=self._today(),
            )
        )
        if acceptance == "accepted":
            self._waits(response.survey)
        return acceptance

    async def received(self, survey: str, receipt_hash: bytes) -> bool:
        """Whether a response with this receipt is here, released or not."""
        key = self._pending_key
        return await self._database.read(
            lambda connection: statements.received(connection, survey, receipt_hash, key)
        )

    async def withdraw(self, survey: str, receipt_hash: bytes) -> bool:
        """Delete the response with this receipt. False: there is none (any more)."""
        key = self._pending_key
        gone = await self._database.write(
            lambda connection: statements.withdraw(connection, survey, receipt_hash, key)
        )
        if gone:
            await self._database.tidy("pending", "response")
        return gone

    async def release(self, survey: str, *, everything: bool = False) -> int:
        """Mix the waiting responses of each stratum and move them to the responses; returns how many.

        A stratum with fewer than the release batch stays as it is, unless `everything` is asked for.
        """
        at_least = 1 if everything else self._release_batch
        key = self._pending_key
        count = await self._database.write(
            lambda connection: statements.release(connection, survey, key, at_least)
        )
        if count:
            await self._database.tidy("draft", "pending")
            _log.info("Released %d responses of %s.", count, survey)
        return count

    async def waiting(self, survey: str) -> int:
        """How many submitted responses wait for release. Raises `StoreError` for an unknown survey."""
        return await self._database.read(partial(statements.waiting_in, survey=survey))

    async def responses(self, survey: str) -> list[StoredResponse]:
        """The released responses, in the order of their random ids."""
        return await self._database.read(partial(statements.responses, survey=survey))

    async def questionnaire_files(self, survey: str, version: str) -> dict[str, bytes] | None:
        """The files of a version that was opened here, now or before; None for any other."""
        return await self._database.read(
            partial(statements.questionnaire_files, survey=survey, version=version), alone=True
        )

    async def archive(self, survey: str) -> Archive:
        """Everything of one survey at one moment, for the export. Raises `StoreError` for an unknown one."""
        return await self._database.read(partial(statements.archive, survey=survey))

    def _waits(self, survey: str) -> None:
        """One more response waits, which may be enough for a release."""
        self._waiting[survey] += 1
        if self._waiting[survey] < self._release_batch:
            return
        self._waiting[survey] = 0  # also when it fails: tried again a batch later, not at every submission
        task = asyncio.create_task(self._release_quietly(survey))
        self._releases.add(task)
        task.add_done_callback(self._releases.discard)

    async def _release_quietly(self, survey: str) -> None:
        try:
            await self.release(survey)
        except StoreError as error:
            _log.warning("The responses of %s stay sealed for now. %s", survey, error)

    # Groups

    async def _read_drafts(self, ids: Sequence[bytes]) -> Sequence[Any]:
        return await self._database.read(partial(statements.drafts, ids=ids), alone=True)

    async def _perform(self, writes: Sequence[Write]) -> Sequence[Any]:
        """All in one transaction; if that fails, each in its own, so that a faulty one fails alone."""
        alone = all(type(write) is SaveDraft for write in writes)
        try:
            return await self._database.write(partial(statements.perform, writes=writes), alone=alone)
        except UnreachableError:
            raise
        except StoreError:
            if len(writes) == 1:
                raise
        return [await self._perform_alone(write) for write in writes]

    async def _perform_alone(self, write: Write) -> Any:
        try:
            (result,) = await self._database.write(partial(statements.perform, writes=[write]))
        except StoreError as error:
            return error
        return result
