"""A researcher's preview: the pages as residents will see them, nothing stored, the files read anew when they change."""

from survey.participation import Response


class Memory:
    """Drafts for as long as the preview runs. Every code is refused and every submission forgotten."""

    def __init__(self) -> None:
        self._drafts: dict[bytes, bytes] = {}

    async def draft(self, draft_id: bytes) -> bytes | None:
        return self._drafts.get(draft_id)

    async def start_draft(self, draft_id: bytes, survey: str, sealed: bytes) -> bool:
        return self._drafts.setdefault(draft_id, sealed) is sealed

    async def save_draft(self, draft_id: bytes, sealed: bytes) -> bool:
        known = draft_id in self._drafts
        if known:
            self._drafts[draft_id] = sealed
        return known

    async def discard_draft(self, draft_id: bytes) -> None:
        self._drafts.pop(draft_id, None)

    async def redeem(self, code_hash: bytes, survey: str) -> None:
        return None

    async def submit(self, draft_id: bytes, response: Response, code_hash: bytes | None) -> bool:
        return self._drafts.pop(draft_id, None) is not None

    async def withdraw(self, survey: str, receipt_hash: bytes) -> bool:
        return False
