"""The account of everybody who was asked: AAPOR outcomes per area and channel, and response rates. Pure.

Source: AAPOR, Standard Definitions (2015). Every code went to an adult drawn from the population
register, so everybody who was asked counts as eligible (e = 1 in RR3 and RR4).
"""

from collections.abc import Sequence

from msgspec import Struct, field

from survey.export.rows import Row
from survey.store import Archive, LedgerCount

ELIGIBLE = 1.0
"""The estimated share of unanswered letters that reached somebody who may take part (e)."""


class Account(Struct, kw_only=True):
    """What became of the people of one area and channel.

    `R` has those who stopped halfway, opened the survey without sending it, or withdrew (also
    counted as `withdrawn`); `U` those
    who were never heard of. `NC` and `O` (returned letters, say) cannot be seen by the program.
    """

    issued: int = 0
    opened: int = 0
    used: int = 0
    complete: int = field(default=0, name="I")
    partial: int = field(default=0, name="P")
    refused: int = field(default=0, name="R")
    non_contact: int = field(default=0, name="NC")
    other: int = field(default=0, name="O")
    unknown: int = field(default=0, name="U")
    withdrawn: int = 0


class UndrawnAccount(Struct, kw_only=True):
    """Who came with a slip, to a kiosk or through the open link: nobody drew them, so there is no rate."""

    complete: int = field(default=0, name="I")
    partial: int = field(default=0, name="P")
    refused: int = field(default=0, name="R")
    withdrawn: int = 0


class AreaAccount(Struct, kw_only=True):
    invited: Account = field(default_factory=Account)
    slip: UndrawnAccount = field(default_factory=UndrawnAccount)
    kiosk: UndrawnAccount = field(default_factory=UndrawnAccount)
    open: UndrawnAccount = field(default_factory=UndrawnAccount)

    def of(self, channel: str) -> Account | UndrawnAccount:
        found: Account | UndrawnAccount = getattr(self, channel)
        return found


class Rates(Struct, kw_only=True):
    """Response rates of the invited sample, from 0 to 1; None when nobody was invited."""

    RR1: float | None
    RR2: float | None
    RR3: float | None
    RR4: float | None
    RR5: float | None
    RR6: float | None
    e: float = ELIGIBLE


class Totals(AreaAccount, kw_only=True):
    rates: Rates


class Round(Struct, kw_only=True):
    issued: int = 0
    opened: int = 0
    used: int = 0


class Fieldwork(Struct, kw_only=True):
    """`waiting` responses were sent but are not released, so they are not in the export."""

    areas: dict[str, AreaAccount]
    totals: Totals
    withdrawn: int
    rounds: dict[str, Round]
    waiting: int


def fieldwork(archive: Archive, rows: Sequence[Row], areas: Sequence[str]) -> Fieldwork:
    accounts = {area: AreaAccount() for area in areas}
    elsewhere = AreaAccount()
    for count in letters(archive.ledger):
        _add_codes(accounts.setdefault(count.area, AreaAccount()).invited, count)
    for row in rows:
        channel = str(row["channel"])
        area = str(row["area" if channel == "open" else "sampled_area"])
        _add_response(accounts.get(area, elsewhere).of(channel), str(row["disposition"]))
    for withdrawal in archive.withdrawals:
        part = accounts.get(withdrawal.area or "", elsewhere).of(withdrawal.channel)
        part.refused += withdrawal.count
        part.withdrawn += withdrawal.count
    return Fieldwork(
        areas=accounts,
        totals=_totals([*accounts.values(), elsewhere]),
        withdrawn=sum(withdrawal.count for withdrawal in archive.withdrawals),
        rounds=_rounds(letters(archive.ledger)),
        waiting=archive.waiting,
    )


def letters(ledger: Sequence[LedgerCount]) -> list[LedgerCount]:
    """Without the slips of kiosks: nobody was drawn for those, so nobody failed to answer one."""
    return [count for count in ledger if count.kind == "letter"]


def _add_codes(account: Account, count: LedgerCount) -> None:
    account.issued += count.count
    if count.state == "issued":
        account.unknown += count.count
        return
    account.opened += count.count
    if count.state == "used":
        account.used += count.count
    else:
        account.refused += count.count


def _add_response(account: Account | UndrawnAccount, disposition: str) -> None:
    match disposition:
        case "complete":
            account.complete += 1
        case "partial":
            account.partial += 1
        case _:
            account.refused += 1


def _totals(accounts: Sequence[AreaAccount]) -> Totals:
    total = AreaAccount()
    for account in accounts:
        for channel in AreaAccount.__struct_fields__:
            whole, part = total.of(channel), account.of(channel)
            for name in part.__struct_fields__:
                setattr(whole, name, getattr(whole, name) + getattr(part, name))
    return Totals(
        invited=total.invited,
        slip=total.slip,
        kiosk=total.kiosk,
        open=total.open,
        rates=rates(total.invited),
    )


def rates(account: Account) -> Rates:
    """RR1 to RR6 of the Standard Definitions."""
    known = account.complete + account.partial + account.refused + account.non_contact + account.other
    completed = (account.complete, account.complete + account.partial)
    first, second = (_share(part, known + account.unknown) for part in completed)
    third, fourth = (_share(part, known + ELIGIBLE * account.unknown) for part in completed)
    fifth, sixth = (_share(part, known) for part in completed)
    return Rates(RR1=first, RR2=second, RR3=third, RR4=fourth, RR5=fifth, RR6=sixth)


def _share(part: int, whole: float) -> float | None:
    return part / whole if whole else None


def _rounds(ledger: Sequence[LedgerCount]) -> dict[str, Round]:
    rounds: dict[str, Round] = {}
    for count in ledger:
        account = rounds.setdefault(count.round, Round())
        account.issued += count.count
        account.opened += count.count * (count.state != "issued")
        account.used += count.count * (count.state == "used")
    return rounds
