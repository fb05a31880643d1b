"""The ceiling: the same framework and server, answering a static 200; and one that takes a body."""

from typing import Any

from litestar import Litestar, MediaType, Request, get, post


@get("/start", media_type=MediaType.TEXT, sync_to_thread=False)
def start() -> str:
    return "ok"


@post("/responses", media_type=MediaType.TEXT)
async def take(request: Request[Any, Any, Any]) -> str:
    await request.body()
    return "ok"


app = Litestar([start, take], openapi_config=None)
