"""A process that keeps answers as fast as it can and tells what was acknowledged, until it is killed.

`python -m tests.survey.under_load URL ROUND`: residents start a draft, save it a few times and submit it.
After each acknowledged write it prints one line: `saved NUMBER COUNT` or `submitted NUMBER`.
"""

import asyncio
import sys

from survey.store import LedgerEntry, Store
from tests.survey.stored import AREA, SECRET, SURVEY, code_hash, draft_id, response

RESIDENTS = 40
SAVES = 4
NUMBERS_PER_ROUND = 100_000


def tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def take_part(store: Store, number: int) -> None:
    await store.issue(SURVEY, {code_hash(number): LedgerEntry(area=AREA, round="1")})
    await store.redeem(code_hash(number), SURVEY)
    await store.start_draft(draft_id(number), SURVEY, b"0")
    tell("saved", number, 0)
    for count in range(1, SAVES + 1):
        before = str(count - 1).encode()
        if not await store.save_draft(draft_id(number), str(count).encode(), replacing=before):
            raise SystemExit(f"draft {number} was not what was saved last")
        tell("saved", number, count)
    last = str(SAVES).encode()
    if not await store.submit(draft_id(number), response(number), code_hash(number), replacing=last):
        raise SystemExit(f"draft {number} was not what was saved last")
    tell("submitted", number)


async def residents(store: Store, first: int) -> None:
    for number in range(first, NUMBERS_PER_ROUND * NUMBERS_PER_ROUND, RESIDENTS):
        await take_part(store, number)


async def load(url: str, round_number: int) -> None:
    store = await Store.open(url, secret=SECRET, release_batch=20)
    await store.register(SURVEY, "1", {}, simulated=False)
    first = round_number * NUMBERS_PER_ROUND
    async with asyncio.TaskGroup() as group:
        for place in range(RESIDENTS):
            group.create_task(residents(store, first + place))


if __name__ == "__main__":
    asyncio.run(load(sys.argv[1], int(sys.argv[2])))
