"""The ceiling: the same framework and server, answering a static 200."""

from litestar import Litestar, MediaType, get


@get("/start", media_type=MediaType.TEXT, sync_to_thread=False)
def start() -> str:
    return "ok"


app = Litestar([start], openapi_config=None)
