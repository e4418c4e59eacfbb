"""Connections to PostgreSQL that are kept: to take one from the pool and give it back costs more than a page.

Tortoise and the driver are touched below their public face here, as in edge.py.
"""
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (Tortoise's connections carry no types for a strict checker)

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import InternalClientError
from tortoise.backends.asyncpg.client import AsyncpgDBClient


class Kept:
    """Connections of one pool, `most` of them kept. Each is in one hand at a time.

    Only what ended well is kept. After an error the pool has it back, and looks whether it lives.
    """

    def __init__(self, client: AsyncpgDBClient, *, most: int) -> None:
        self._client, self._most = client, most
        self._idle: list[Any] = []  # the last used is the first: its statements are prepared

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[Any]:
        """The driver's own connection, ours for a while."""
        connection = await self._take()
        try:
            yield connection
        except BaseException as error:
            if isinstance(error, InternalClientError):  # the driver lost its place: the server had cut it
                connection.terminate()
            await self._give_back(connection)
            raise
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            await self._give_back(connection)

    async def close(self) -> None:
        """Give all of them back. The pool cannot be closed before."""
        while self._idle:
            await self._give_back(self._idle.pop())

    async def _take(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            if connection._con is not None and not connection._con.is_closed():
                return connection
            await self._give_back(connection)
        return await self._client.acquire_connection().__aenter__()

    async def _give_back(self, connection: Any) -> None:
        pool = self._client._pool
        if pool is not None:
            await pool.release(connection)
