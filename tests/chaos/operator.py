"""The operator of a scenario: a client of the public API that says everything until it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
from msgspec import Struct, field

PATIENCE = 60.0  # seconds for one command, over all its tries


class Commands(Struct, kw_only=True):
    """`accepted`: what was answered, by key; `refused`: what was answered with a problem."""

    accepted: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    refused: dict[str, str] = field(default_factory=dict[str, str])


class Operator:
    """The same key over all tries: a command is one command however often it has to be said."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self._keys = (f"key-{number}" for number in count(1))
        self.commands = Commands()

    async def get(self, path: str) -> Any:
        """Raises aiohttp.ClientError."""
        async with self._http.get(f"{self._url}/api/v1{path}") as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Once, with no key. Raises aiohttp.ClientError."""
        return await self._said("POST", path, body)

    async def patch(self, path: str, body: dict[str, Any]) -> Any:
        """Raises aiohttp.ClientError."""
        return await self._said("PATCH", path, body)

    async def _said(self, method: str, path: str, body: dict[str, Any]) -> Any:
        async with self._http.request(method, f"{self._url}/api/v1{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def send(self, conversation: str, text: str) -> str:
        """Send a text; return its message's id. Raises AssertionError for a refusal, TimeoutError."""
        body = {"parts": [{"type": "text", "body": text}], "anyway": True}
        key = next(self._keys)
        answer = await self._until_answered(f"/conversations/{conversation}/messages", body, key)
        self.commands.accepted[key] = answer["messages"]
        message: str = answer["messages"][0]
        return message

    async def read(self, conversation: str) -> None:
        """All that is there."""
        pos = (await self.get(f"/conversations/{conversation}"))["last_pos"]
        await self._until_answered(f"/conversations/{conversation}/read", {"pos": pos}, next(self._keys))

    async def retry(self, message: str) -> None:
        """A person's decision to send an unknown one again."""
        await self._until_answered(f"/messages/{message}/retry", {}, next(self._keys))

    async def _until_answered(self, path: str, body: dict[str, Any], key: str) -> Any:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    async with self._http.post(
                        f"{self._url}/api/v1{path}", json=body, headers={"Idempotency-Key": key}
                    ) as answer:
                        if answer.status < 300:
                            return await answer.json()
                        if answer.status < 500 and answer.status != 429:
                            self.commands.refused[key] = await answer.text()
                            raise AssertionError(f"{path} is refused: {self.commands.refused[key]}")
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)


@asynccontextmanager
async def operator_at(url: str, token: str) -> AsyncGenerator[Operator]:
    headers = {"Authorization": f"Bearer {token}"}
    timeout = aiohttp.ClientTimeout(total=20)
    connector = aiohttp.TCPConnector(force_close=True)  # a killed process leaves no half-dead ones
    async with aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector) as http:
        yield Operator(http, url)
