"""FastAPI with SQLAlchemy's ORM, one session and one commit per request: the usual recipe."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Form, HTTPException
from fastapi.responses import PlainTextResponse, RedirectResponse
from sqlalchemy import LargeBinary
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.bench.peers import work

engine = create_async_engine(os.environ["PEER_DATABASE_URL"])
sessions = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Draft(Base):
    __tablename__ = "peer_draft"
    id: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            await connection.exec_driver_sql("PRAGMA synchronous=FULL")
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


app = FastAPI(lifespan=lifespan)
Session = Annotated[AsyncSession, Depends(session)]


@app.get("/start")
async def start(database: Session) -> PlainTextResponse:
    draft_id, cookie = work.new_cookie()
    database.add(Draft(id=draft_id, sealed=work.seal({}, work.cookie_parts(cookie)[1])))
    await database.commit()
    reply = PlainTextResponse(work.token(cookie))
    reply.set_cookie("peer", cookie, httponly=True)
    return reply


@app.post("/page/{variable}")
async def save(
    variable: str,
    database: Session,
    answer: Annotated[str, Form()],
    csrf: Annotated[str, Form()],
    peer: Annotated[str, Cookie()],
) -> RedirectResponse:
    if not work.token_fits(peer, csrf):
        raise HTTPException(403)
    draft_id, key = work.cookie_parts(peer)
    draft = await database.get_one(Draft, draft_id)
    draft.sealed = work.seal(work.unseal(draft.sealed, key) | {variable: work.checked(answer)}, key)
    await database.commit()
    return RedirectResponse("/page/next", status_code=303)
