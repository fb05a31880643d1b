"""Every SQL statement, each as a plain function over one connection in one transaction.

The same functions serve SQLite and PostgreSQL. Those that take a list do the work of many callers at
once and answer in the same order. Rows are locked in the order of their keys, drafts before ledger
before deliveries before pending before kiosks, so that two processes never wait for each other.
"""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import (
    ARRAY,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Select,
    Update,
    bindparam,
    case,
    column,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from survey.invitations import CodeKind
from survey.kiosk import Kiosk
from survey.participation import Channel, Response
from survey.sealing import MARK_BYTES, BrokenSealError, unseal
from survey.store import tables
from survey.store.errors import PlaceTakenError, SimulatedMismatchError, StoreError

State = Literal["issued", "opened", "used"]


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """What is known of a code."""

    area: str
    round: str
    state: State = "issued"
    kind: CodeKind = "letter"


class LedgerCount(Struct, frozen=True, kw_only=True):
    area: str
    round: str
    state: State
    count: int
    kind: CodeKind = "letter"


class WithdrawalCount(Struct, frozen=True, kw_only=True):
    """`area` is None for the open link."""

    channel: str
    area: str | None
    count: int


class StoredResponse(Struct, frozen=True, kw_only=True):
    id: str
    response: Response


class Archive(Struct, frozen=True, kw_only=True):
    """Everything of one survey, read at one moment. `waiting` responses are not released yet."""

    version: str
    simulated: bool
    versions: dict[str, dict[str, bytes]]
    responses: list[StoredResponse]
    ledger: list[LedgerCount]
    withdrawals: list[WithdrawalCount]
    waiting: int


class StartDraft(Struct, frozen=True, kw_only=True):
    id: bytes
    survey: str
    sealed: bytes
    today: date


class SaveDraft(Struct, frozen=True, kw_only=True):
    """`sealed` takes the place of what begins with `mark`, the first `MARK_BYTES` of a sealed value."""

    id: bytes
    mark: bytes
    sealed: bytes
    today: date


class Redeem(Struct, frozen=True, kw_only=True):
    code_hash: bytes
    survey: str


class Submit(Struct, frozen=True, kw_only=True):
    """`mark` is that of the draft that was read; `sealed` is the response under the pending key."""

    draft_id: bytes
    mark: bytes
    survey: str
    code_hash: bytes | None
    sealed: bytes


class Accept(Struct, frozen=True, kw_only=True):
    """A response from a kiosk: `delivery_hash` says which it is, `sealed` is it under the pending key.

    `kiosk` is the hash of its place code.
    """

    delivery_hash: bytes
    kiosk: bytes
    survey: str
    code_hash: bytes | None
    sealed: bytes
    today: date


Acceptance = Literal["accepted", "received_before", "code_unknown", "code_used"]

Write = StartDraft | SaveDraft | Redeem | Submit | Accept


def perform(connection: Connection, writes: Sequence[Write]) -> list[Any]:
    """The results of many writes, in their order. None of them depends on another having come first."""
    results: dict[int, Any] = {}
    for kind, together in _TOGETHER.items():
        places = [place for place, write in enumerate(writes) if type(write) is kind]
        if places:
            done = together(connection, [writes[place] for place in places])
            results.update(zip(places, done, strict=True))
    return [results[place] for place in range(len(writes))]


def drafts(connection: Connection, ids: Sequence[bytes]) -> list[bytes | None]:
    found = {row.id: row.sealed for row in connection.execute(_DRAFTS, {"keys": _padded(ids)})}
    return [found.get(key) for key in ids]


def start_drafts(connection: Connection, starts: Sequence[StartDraft]) -> list[bool]:
    """False where there is a draft of this id already: nothing is overwritten."""
    rows = [
        {"id": start.id, "survey": start.survey, "sealed": start.sealed, "touched": start.today}
        for start in _by_id(starts)
    ]
    inserted = _insert_unless_there(connection, tables.draft).returning(tables.draft.c.id)
    fresh = set(connection.execute(inserted, rows).scalars())
    results = []
    for start in starts:
        results.append(start.id in fresh)
        fresh.discard(start.id)
    return results


def save_drafts(connection: Connection, saves: Sequence[SaveDraft]) -> list[bool]:
    """False where the draft is not what is to be replaced: saved by another, submitted, or left too long."""
    chosen = _by_id({save.id: save for save in saves}.values())
    on_postgres = connection.dialect.name == "postgresql"
    saved = _save_at_once(connection, chosen) if on_postgres else _save_in_one_step(connection, chosen)
    done = {id(save) for save in chosen if save.id in saved}
    return [id(save) in done for save in saves]


def _save_at_once(connection: Connection, saves: Sequence[SaveDraft]) -> set[bytes]:
    """The ids that were saved, in the one statement that a group of saves is on PostgreSQL.

    It may lock rows in another order than that of their keys. Should two processes wait for each other
    because both save the same two drafts at one moment, the server refuses one, and its saves are done one
    by one.
    """
    columns = {
        "ids": [save.id for save in saves],
        "marks": [save.mark for save in saves],
        "values": [save.sealed for save in saves],
        "days": [save.today for save in saves],
    }
    return set(connection.execute(_SAVE_AT_ONCE, columns).scalars())


def _save_in_one_step(connection: Connection, saves: Sequence[SaveDraft]) -> set[bytes]:
    """The ids that were saved, on SQLite.

    Between the rows of a statement Python's driver lets other threads go first, and the threads that answer
    requests are busy: so a group is one statement that returns no rows.
    """
    rows = ", ".join(["(?, ?, ?, ?)"] * len(saves))
    values = [value for save in saves for value in (save.id, save.mark, save.sealed, save.today.isoformat())]
    changed = connection.exec_driver_sql(
        _SAVE_IN_ONE_STEP.format(rows=rows, mark_bytes=MARK_BYTES), tuple(values)
    ).rowcount
    if changed == len(saves):
        return {save.id for save in saves}
    marks = _locked_drafts(connection, [save.id for save in saves])
    return {save.id for save in saves if marks.get(save.id) == save.sealed[:MARK_BYTES]}


def discard_draft(connection: Connection, draft_id: bytes) -> bool:
    """False: there was none."""
    return connection.execute(delete(tables.draft).where(tables.draft.c.id == draft_id)).rowcount > 0


def redeem(connection: Connection, redemptions: Sequence[Redeem]) -> list[LedgerEntry | None]:
    """The entries after opening them. None for a code that was not issued for this survey."""
    known = _locked_ledger(connection, [redemption.code_hash for redemption in redemptions])
    results: list[LedgerEntry | None] = []
    opened = set()
    for redemption in redemptions:
        row = known.get(redemption.code_hash)
        if row is None or row.survey != redemption.survey:
            results.append(None)
            continue
        state: State = "used" if row.state == "used" else "opened"
        results.append(LedgerEntry(area=row.area, round=row.round, state=state, kind=row.kind))
        if row.state == "issued":
            opened.add(redemption.code_hash)
    _change(connection, _OPEN, opened)
    return results


def submit(connection: Connection, submissions: Sequence[Submit]) -> list[bool]:
    """False where it was submitted before (the draft is gone, or the code is used), or the draft changed."""
    open_drafts = _locked_drafts(connection, [submission.draft_id for submission in submissions])
    hashes = {submission.code_hash for submission in submissions if submission.code_hash is not None}
    known = _locked_ledger(connection, sorted(hashes)) if hashes else {}
    usable = {(row.survey, row.code_hash) for row in known.values() if row.state != "used"}
    accepted, results = [], []
    for submission in submissions:
        code = None if submission.code_hash is None else (submission.survey, submission.code_hash)
        unchanged = open_drafts.get(submission.draft_id) == submission.mark
        accept = unchanged and (code is None or code in usable)
        results.append(accept)
        if accept:
            accepted.append(submission)
            del open_drafts[submission.draft_id]
            if code is not None:
                usable.discard(code)
    _move_to_pending(connection, accepted)
    return results


def _move_to_pending(connection: Connection, accepted: Sequence[Submit]) -> None:
    if accepted:
        keys = [{"key": key} for key in sorted(one.draft_id for one in accepted)]
        connection.execute(_REMOVE_DRAFT, keys)
    _keep_pending(connection, accepted)


def accept(connection: Connection, sent: Sequence[Accept]) -> list[Acceptance]:
    """What kiosks sent, each once. What was received before was accepted, whatever became of its code."""
    hashes = {one.code_hash for one in sent if one.code_hash is not None}
    known = _locked_ledger(connection, sorted(hashes)) if hashes else {}
    states = {(row.survey, row.code_hash): row.state for row in known.values()}
    fresh = _claimed_deliveries(connection, sent)
    accepted, results = [], []
    for one in sent:
        acceptance = _acceptance(one, fresh, states)
        results.append(acceptance)
        if acceptance == "accepted":
            accepted.append(one)
            fresh.discard(one.delivery_hash)
            states[one.survey, one.code_hash] = "used"
    if fresh:  # refused for their code: they may come again, when that code is known
        connection.execute(_UNCLAIM_DELIVERY, [{"key": key} for key in sorted(fresh)])
    _keep_pending(connection, accepted)
    _count_accepted(connection, accepted)
    return results


def _claimed_deliveries(connection: Connection, sent: Sequence[Accept]) -> set[bytes]:
    """Those that were not received before, now noted as received."""
    rows = [
        {"hash": key, "survey": survey} for key, survey in sorted({(o.delivery_hash, o.survey) for o in sent})
    ]
    claimed = _insert_unless_there(connection, tables.delivery).returning(tables.delivery.c.hash)
    return set(connection.execute(claimed, rows).scalars())


def _acceptance(
    one: Accept, fresh: Collection[bytes], states: Mapping[tuple[str, bytes | None], State]
) -> Acceptance:
    if one.delivery_hash not in fresh:
        return "received_before"
    if one.code_hash is None:
        return "accepted"
    state = states.get((one.survey, one.code_hash))
    if state is None:
        return "code_unknown"
    return "code_used" if state == "used" else "accepted"


def _count_accepted(connection: Connection, accepted: Sequence[Accept]) -> None:
    for (key, today), count in sorted(Counter((one.kiosk, one.today) for one in accepted).items()):
        connection.execute(_COUNT_ACCEPTED, {"key": key, "today": today, "more": count})


def _keep_pending(connection: Connection, accepted: Sequence[Submit | Accept]) -> None:
    if not accepted:
        return
    _change(connection, _USE, {one.code_hash for one in accepted if one.code_hash is not None})
    connection.execute(
        insert(tables.pending),
        [{"id": secrets.token_bytes(16), "survey": one.survey, "sealed": one.sealed} for one in accepted],
    )


_TOGETHER: dict[type, Any] = {
    StartDraft: start_drafts,
    SaveDraft: save_drafts,
    Redeem: redeem,
    Submit: submit,
    Accept: accept,
}


def received(connection: Connection, survey: str, receipt_hash: bytes, pending_key: bytes) -> bool:
    """Whether there is a response with this receipt, released or not."""
    released = select(tables.response.c.id).filter_by(survey=survey, receipt_hash=receipt_hash)
    if connection.execute(released).first() is not None:
        return True
    pending = connection.execute(select(tables.pending.c.sealed).filter_by(survey=survey)).scalars()
    return any(_waiting_response(sealed, pending_key).receipt_hash == receipt_hash for sealed in pending)


def withdraw(connection: Connection, survey: str, receipt_hash: bytes, pending_key: bytes) -> bool:
    """Delete the response with this receipt, released or not, and count it per stratum."""
    # Waiting ones first: a release in another process may be moving them to the responses just now.
    gone = _withdraw_pending(connection, survey, receipt_hash, pending_key)
    gone += connection.execute(
        delete(tables.response)
        .where(tables.response.c.survey == survey, tables.response.c.receipt_hash == receipt_hash)
        .returning(tables.response.c.channel, tables.response.c.sampled_area)
    ).all()
    for channel, area in gone:
        _count_withdrawal(connection, survey, channel, area or "")
    return bool(gone)


def _withdraw_pending(
    connection: Connection, survey: str, receipt_hash: bytes, pending_key: bytes
) -> list[Any]:
    gone = []
    for row in _locked_pending(connection, survey):
        response = _waiting_response(row.sealed, pending_key)
        if response.receipt_hash == receipt_hash:
            connection.execute(_REMOVE_PENDING, {"key": row.id})
            gone.append((response.channel, response.sampled_area))
    return gone


def _count_withdrawal(connection: Connection, survey: str, channel: str, area: str) -> None:
    place = {"survey": survey, "channel": channel, "area": area}
    connection.execute(_insert_unless_there(connection, tables.withdrawal), [{**place, "count": 0}])
    connection.execute(
        update(tables.withdrawal).filter_by(**place).values(count=tables.withdrawal.c.count + 1)
    )


def ledger_entry(connection: Connection, survey: str, code_hash: bytes) -> LedgerEntry | None:
    """The entry of a code as it is; None for a code that was not issued for this survey."""
    row = connection.execute(
        select(tables.ledger).filter_by(survey=survey, code_hash=code_hash)
    ).one_or_none()
    return None if row is None else msgspec.convert(row, LedgerEntry, from_attributes=True)


def issue(connection: Connection, survey: str, entries: Mapping[bytes, LedgerEntry]) -> None:
    rows = [
        {
            "code_hash": code_hash,
            "survey": survey,
            "area": entry.area,
            "round": entry.round,
            "state": entry.state,
            "kind": entry.kind,
        }
        for code_hash, entry in sorted(entries.items())
    ]
    if rows:
        connection.execute(insert(tables.ledger), rows)


# Kiosks.


def issue_kiosks(connection: Connection, kiosks: Mapping[bytes, Kiosk]) -> None:
    """Raises `PlaceTakenError` when a place is one of another survey, or goes by another name or area."""
    for issued in kiosks.values():
        there = place(connection, issued.place)
        if there is not None and _place_of(there) != _place_of(issued):
            raise PlaceTakenError(there)
    rows = [
        {**msgspec.structs.asdict(kiosk), "place_code_hash": code_hash}
        for code_hash, kiosk in sorted(kiosks.items())
    ]
    if rows:
        connection.execute(insert(tables.kiosk), rows)


def _place_of(kiosk: Kiosk) -> Kiosk:
    """What the kiosks of a place have in common: the kiosk without a device."""
    return replace(kiosk, public_key=None, revoked=False)


def place(connection: Connection, key: str) -> Kiosk | None:
    """A kiosk as it is at this place before a device is paired; None when all there are revoked."""
    rows = connection.execute(select(tables.kiosk).filter_by(place=key, revoked=False).limit(1))
    row = rows.one_or_none()
    return None if row is None else _place_of(_kiosk(row))


def kiosks(connection: Connection, survey: str) -> dict[bytes, Kiosk]:
    rows = connection.execute(
        select(tables.kiosk)
        .filter_by(survey=survey)
        .order_by(tables.kiosk.c.place, tables.kiosk.c.place_code_hash)
    )
    return {row.place_code_hash: _kiosk(row) for row in rows}


def kiosk(connection: Connection, place_code_hash: bytes) -> Kiosk | None:
    row = connection.execute(select(tables.kiosk).filter_by(place_code_hash=place_code_hash)).one_or_none()
    return None if row is None else _kiosk(row)


def _kiosk(row: Any) -> Kiosk:
    return msgspec.convert(row, Kiosk, from_attributes=True)


def accepted_on(connection: Connection, place_code_hash: bytes, day: date) -> int:
    """How many responses of this kiosk were accepted that day; 0 for any day but the last that had some."""
    counted = select(tables.kiosk.c.accepted).filter_by(place_code_hash=place_code_hash, accepted_on=day)
    return connection.execute(counted).scalar_one_or_none() or 0


def pair_kiosk(connection: Connection, place: str, place_code_hash: bytes, public_key: bytes) -> Kiosk | None:
    """The kiosk after pairing, which is with the first device that asked. None: not one of this place."""
    chosen = update(tables.kiosk).filter_by(place=place, place_code_hash=place_code_hash)
    unpaired = tables.kiosk.c.public_key.is_(None) & ~tables.kiosk.c.revoked
    connection.execute(chosen.where(unpaired).values(public_key=public_key))
    paired = kiosk(connection, place_code_hash)
    return paired if paired is not None and paired.place == place else None


def revoke_kiosk(connection: Connection, place_code_hash: bytes) -> bool:
    """False: there is no such kiosk."""
    chosen = update(tables.kiosk).filter_by(place_code_hash=place_code_hash)
    return connection.execute(chosen.values(revoked=True)).rowcount > 0


def waiting(connection: Connection) -> dict[str, int]:
    """How many submitted responses wait for release, per survey."""
    counted = select(tables.pending.c.survey, func.count()).group_by(tables.pending.c.survey)
    return dict(connection.execute(counted).all())


def release(connection: Connection, survey: str, pending_key: bytes, at_least: int) -> int:
    """Move the waiting responses of every stratum that has `at_least` so many to the responses.

    A stratum is what a code and its response share: the channel, and the area for those with a code or at
    a kiosk. So the crowd that a response is mixed with is one of its own area. They get the week of the
    last of them and fresh random ids, and are written in the order of those, which shuffles them. The
    ledger and the deliveries of kiosks are then written anew in the order of their hashes, so that neither
    the place nor the version of a row says when, or with whom, a code was used. Returns how many were moved.
    """
    _lock_what_is_rewritten(connection)
    if waiting(connection).get(survey, 0) < at_least:
        return 0
    crowds = [crowd for crowd in _crowds(connection, survey, pending_key) if len(crowd) >= at_least]
    rows = [row for crowd in crowds for row in _response_rows(crowd.values())]
    if rows:
        keys = [{"key": key} for crowd in crowds for key in crowd]
        connection.execute(_REMOVE_PENDING, keys)
        connection.execute(insert(tables.response), sorted(rows, key=lambda row: str(row["id"])))
        _rewrite(connection, "ledger", "code_hash")
        _rewrite(connection, "delivery", "hash")
    return len(rows)


def _crowds(connection: Connection, survey: str, pending_key: bytes) -> list[dict[bytes, Response]]:
    """The waiting responses of a survey by their id, locked: one dictionary for each stratum."""
    crowds: dict[tuple[Channel, str | None], dict[bytes, Response]] = {}
    for row in _locked_pending(connection, survey):
        response = _waiting_response(row.sealed, pending_key)
        crowds.setdefault((response.channel, response.sampled_area), {})[row.id] = response
    return list(crowds.values())


def _waiting_response(sealed: bytes, pending_key: bytes) -> Response:
    try:
        return unseal(sealed, pending_key, Response)
    except BrokenSealError:
        raise StoreError(
            "Responses that wait were sealed with another secret. Start with the secret they were sent under."
        ) from None


def _response_rows(crowd: Collection[Response]) -> list[dict[str, Any]]:
    week = max(response.week for response in crowd)
    return [{**_response_row(response), "week": week} for response in crowd]


def _response_row(response: Response) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(response),
        "id": secrets.token_hex(10),
        "purposes": sorted(response.purposes),
        "answers": dict(sorted(response.answers.items())),
    }


def _lock_what_is_rewritten(connection: Connection) -> None:
    """PostgreSQL: wait for those who use them, but not behind a backup that takes minutes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '500ms'"))
        connection.execute(text("LOCK TABLE ledger, delivery IN ACCESS EXCLUSIVE MODE"))


def _rewrite(connection: Connection, table: str, key: str) -> None:
    """Write a whole table anew in the order of its hashes: one version, one order, no dead rows.

    PostgreSQL keeps deleted rows, with the transactions that made and unmade them, until they are
    cleaned up; TRUNCATE starts a new file instead. SQLite overwrites what it deletes (secure_delete).
    """
    on_postgres = connection.dialect.name == "postgresql"
    for statement in (_COPY, _EMPTY_QUICKLY if on_postgres else _EMPTY, _PUT_BACK, _DROP_COPY):
        connection.execute(text(statement.format(table=table, key=key)))


def register(
    connection: Connection, survey: str, version: str, files: Mapping[str, bytes], *, simulated: bool
) -> None:
    """Make `version` the one in use and keep its files. Simulated and real answers never mix.

    Raises `SimulatedMismatchError`.
    """
    packed = msgspec.msgpack.encode(dict(sorted(files.items())))
    archived = {"survey": survey, "version": version, "files": packed}
    connection.execute(_insert_unless_there(connection, tables.questionnaire), [archived])
    # Better population figures make no other version: the newest are kept.
    connection.execute(
        update(tables.questionnaire).filter_by(survey=survey, version=version).values(files=packed)
    )
    added = {"key": survey, "version": version, "simulated": simulated}
    connection.execute(_insert_unless_there(connection, tables.survey), [added])
    row = connection.execute(select(tables.survey).filter_by(key=survey).with_for_update()).one()
    if row.simulated != simulated and _has_responses(connection, survey):
        raise SimulatedMismatchError(
            f"The survey {survey} already holds {'simulated' if row.simulated else 'real'} responses. "
            "Use another database, or set WIJKPEIL_SIMULATED back."
        )
    connection.execute(update(tables.survey).filter_by(key=survey).values(**added))


def _has_responses(connection: Connection, survey: str) -> bool:
    kept = (tables.pending, tables.response, tables.withdrawal)
    return any(
        connection.execute(select(table.c.survey).filter_by(survey=survey).limit(1)).first() for table in kept
    )


def expire_drafts(connection: Connection, before: date) -> int:
    gone = connection.execute(delete(tables.draft).where(tables.draft.c.touched < before))
    return gone.rowcount


def archive(connection: Connection, survey: str) -> Archive:
    """Raises `StoreError` for a survey that was never opened here."""
    _hold_ledger(connection)
    row = _opened(connection, survey)
    return Archive(
        version=row.version,
        simulated=row.simulated,
        versions=_versions(connection, survey),
        responses=responses(connection, survey),
        ledger=ledger_counts(connection, survey),
        withdrawals=_withdrawals(connection, survey),
        waiting=waiting(connection).get(survey, 0),
    )


def waiting_in(connection: Connection, survey: str) -> int:
    """How many responses of one survey wait. Raises `StoreError` for one that was never opened here."""
    _opened(connection, survey)
    return waiting(connection).get(survey, 0)


def _opened(connection: Connection, survey: str) -> Any:
    row = connection.execute(select(tables.survey).filter_by(key=survey)).one_or_none()
    if row is None:
        raise StoreError(
            f"There is no survey {survey} in this database: it was never opened here. Check the address of "
            f"the database, or open the survey with: python -m survey serve {survey}"
        )
    return row


def questionnaire_files(connection: Connection, survey: str, version: str) -> dict[str, bytes] | None:
    """The files of a version that was opened here; None for any other."""
    kept = select(tables.questionnaire.c.files).filter_by(survey=survey, version=version)
    files = connection.execute(kept).scalar_one_or_none()
    return None if files is None else msgspec.msgpack.decode(files, type=dict[str, bytes])


def _versions(connection: Connection, survey: str) -> dict[str, dict[str, bytes]]:
    rows = connection.execute(select(tables.questionnaire).filter_by(survey=survey))
    return {row.version: msgspec.msgpack.decode(row.files, type=dict[str, bytes]) for row in rows}


def responses(connection: Connection, survey: str) -> list[StoredResponse]:
    """All released responses, in the order of their random ids."""
    rows = connection.execute(
        select(tables.response).filter_by(survey=survey).order_by(tables.response.c.id)
    ).mappings()
    return [
        StoredResponse(
            id=row["id"],
            response=msgspec.convert({str(name): value for name, value in row.items()}, Response),
        )
        for row in rows
    ]


def ledger_counts(connection: Connection, survey: str) -> list[LedgerCount]:
    _hold_ledger(connection)
    columns = tables.ledger.c
    grouped = (columns.area, columns.round, columns.state, columns.kind)
    rows = connection.execute(
        select(*grouped, func.count().label("count"))
        .filter_by(survey=survey)
        .group_by(*grouped)
        .order_by(*grouped)
    )
    return [msgspec.convert({str(n): v for n, v in row._asdict().items()}, LedgerCount) for row in rows]


def _hold_ledger(connection: Connection) -> None:
    """PostgreSQL: wait for a release that is under way, and fix what is seen only then.

    A reader whose moment was fixed before it had to wait would see the ledger as the release emptied it
    (TRUNCATE), which was not yet written anew at that moment.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE ledger IN ACCESS SHARE MODE"))


def _withdrawals(connection: Connection, survey: str) -> list[WithdrawalCount]:
    columns = tables.withdrawal.c
    rows = connection.execute(
        select(tables.withdrawal).filter_by(survey=survey).order_by(columns.channel, columns.area)
    )
    return [
        WithdrawalCount(channel=channel, area=area or None, count=count) for _, channel, area, count in rows
    ]


_COPY = "CREATE TEMPORARY TABLE rewritten AS SELECT * FROM {table}"
_EMPTY = "DELETE FROM {table}"
_EMPTY_QUICKLY = "TRUNCATE {table}"
_PUT_BACK = "INSERT INTO {table} SELECT * FROM rewritten ORDER BY {key}"
_DROP_COPY = "DROP TABLE rewritten"


# A list of keys in a statement is filled up to a power of two by repeating one: so there are only a few
# different statements, and the database keeps them prepared.


def _padded(keys: Sequence[bytes]) -> list[bytes]:
    return [*keys, *([keys[-1]] * ((1 << (len(keys) - 1).bit_length()) - len(keys)))]


def _with_keys(columns: Any, key: Any) -> Select[Any]:
    return select(*columns).where(key.in_(bindparam("keys", expanding=True)))


_DRAFTS = _with_keys((tables.draft.c.id, tables.draft.c.sealed), tables.draft.c.id)
_LOCKED_LEDGER = (
    _with_keys(tables.ledger.c, tables.ledger.c.code_hash)
    .order_by(tables.ledger.c.code_hash)
    .with_for_update()
)
_MARK = func.substr(tables.draft.c.sealed, 1, MARK_BYTES)
_LOCKED_DRAFTS = (
    _with_keys((tables.draft.c.id, _MARK), tables.draft.c.id).order_by(tables.draft.c.id).with_for_update()
)
_GIVEN = (
    func.unnest(
        bindparam("ids", type_=ARRAY(LargeBinary)),
        bindparam("marks", type_=ARRAY(LargeBinary)),
        bindparam("values", type_=ARRAY(LargeBinary)),
        bindparam("days", type_=ARRAY(Date)),
    )
    .table_valued(
        column("id", LargeBinary),
        column("mark", LargeBinary),
        column("sealed", LargeBinary),
        column("day", Date),
    )
    .render_derived("given")
)
_SAVE_AT_ONCE = (
    update(tables.draft)
    .where(tables.draft.c.id == _GIVEN.c.id, _GIVEN.c.mark == _MARK)
    .values(sealed=_GIVEN.c.sealed, touched=_GIVEN.c.day)
    .returning(tables.draft.c.id)
)
_SAVE_IN_ONE_STEP = (
    "WITH given (id, mark, sealed, day) AS (VALUES {rows})"
    " UPDATE draft SET sealed = given.sealed, touched = given.day FROM given"
    " WHERE draft.id = given.id AND substr(draft.sealed, 1, {mark_bytes}) = given.mark"
)
_REMOVE_PENDING = delete(tables.pending).where(tables.pending.c.id == bindparam("key"))
_REMOVE_DRAFT = delete(tables.draft).where(tables.draft.c.id == bindparam("key"))
_UNCLAIM_DELIVERY = delete(tables.delivery).where(tables.delivery.c.hash == bindparam("key"))
_DAY = bindparam("today", type_=Date)
_COUNT_ACCEPTED = (
    update(tables.kiosk)
    .where(tables.kiosk.c.place_code_hash == bindparam("key"))
    .values(
        accepted=bindparam("more", type_=Integer)
        + case((tables.kiosk.c.accepted_on == _DAY, tables.kiosk.c.accepted), else_=0),
        accepted_on=_DAY,
    )
)
_OPEN = update(tables.ledger).where(tables.ledger.c.code_hash == bindparam("key")).values(state="opened")
_USE = update(tables.ledger).where(tables.ledger.c.code_hash == bindparam("key")).values(state="used")


def _locked_drafts(connection: Connection, ids: Sequence[bytes]) -> dict[bytes, bytes]:
    """The mark of each draft that is there."""
    return dict(connection.execute(_LOCKED_DRAFTS, {"keys": _padded(ids)}).all())


def _locked_pending(connection: Connection, survey: str) -> Sequence[Any]:
    waiting_rows = select(tables.pending).filter_by(survey=survey).order_by(tables.pending.c.id)
    return connection.execute(waiting_rows.with_for_update()).all()


def _locked_ledger(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, Any]:
    rows = connection.execute(_LOCKED_LEDGER, {"keys": _padded(hashes)})
    return {row.code_hash: row for row in rows}


def _change(connection: Connection, statement: Update, hashes: Iterable[bytes]) -> None:
    rows = [{"key": code_hash} for code_hash in sorted(hashes)]
    if rows:
        connection.execute(statement, rows)


def _insert_unless_there(connection: Connection, table: Any) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


def _by_id(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.id)
