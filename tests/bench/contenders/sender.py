"""What sends: Jackfield's outbox with a lane for each number, and a bare aiohttp client beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
import msgspec
from bench import install, webhooks
from bench.talk import obey, play

from jackfield import ids, plugins
from jackfield.app import Jackfield, interpreter, running
from jackfield.channel import HookRequest, Text, Webhooks
from jackfield.inbox.perform import Actor
from jackfield.store.rows import ConversationRow
from jackfield.wire.commands import SendMessage

VERSION = "v25.0"
LEFT = "SELECT COUNT(*) FROM outbox WHERE state IN ('waiting', 'sending') AND "  # … of these channels
SENT = "SELECT COUNT(*) FROM message WHERE dir = 'out' AND external_id IS NOT NULL AND st = 'sent'"
LOOK = 0.02  # seconds between two looks whether all has left
WITHIN = 120.0  # seconds
AT_ONCE = 64  # requests of the bare client on their way


class Outgoing:
    """The numbers with their conversations, and the two ways to write to all of them."""

    def __init__(
        self, jackfield: Jackfield, owner: install.Owner, url: str, numbers: Sequence[dict[str, Any]]
    ) -> None:
        self._jackfield, self._owner, self._url, self._numbers = jackfield, owner, url, numbers
        self._channels: list[int] = []
        self._conversations: list[str] = []
        self._keys = count()

    async def connect(self) -> None:
        """Every number with its customers, who have just written."""
        for config in self._numbers:
            number, bsuids = config["phone_number_id"], config["bsuids"]
            channel = await install.connect(
                self._jackfield, self._owner, number, access_token=config["access_token"],
                api_base=self._url, api_version=VERSION,
            )  # fmt: skip
            self._channels.append(channel)
            await self._written_to(channel, number, bsuids)
        rows = await self._jackfield.store.rows(ConversationRow, "ORDER BY id")
        self._conversations = [ids.show("c", row.id) for row in rows]

    async def _written_to(self, channel: int, number: str, bsuids: Sequence[str]) -> None:
        line = self._jackfield.lines.get(channel)
        assert line is not None
        hook = line.channel
        assert isinstance(hook, Webhooks)
        customers = len(bsuids)
        for call in webhooks.calls(customers, customers=customers, tag=number, number=number, bsuids=bsuids):
            headers = {webhooks.HEADER.lower(): call.signature}
            hooked = hook.webhook(
                HookRequest(method="POST", path="/", query={}, headers=headers, body=call.body)
            )
            await self._jackfield.intake.events(channel, hooked.events)

    async def through_outbox(self, messages: int) -> dict[str, float]:
        """Queue messages while the lanes rest; then the time until the last of them has its answer."""
        async with self._resting():
            owner = Actor(operator=self._owner.operator, name="Owner", roles={self._owner.workspace: "owner"})
            commands = [
                SendMessage(
                    conv=self._conversations[place % len(self._conversations)],
                    parts=(Text(body=f"answer {next(self._keys)}"),),
                    anyway=True,
                )
                for place in range(messages)
            ]
            await asyncio.gather(
                *(self._jackfield.inbox.perform(owner, command, cid=None) for command in commands)
            )
            before = await self._number(SENT)
            began = time.perf_counter()
        async with asyncio.timeout(WITHIN):
            while await self._left():  # noqa: ASYNC110  # asked as an operator would
                await asyncio.sleep(LOOK)
        seconds = time.perf_counter() - began
        return {"ops": await self._number(SENT) - before, "seconds": seconds}

    @asynccontextmanager
    async def _resting(self) -> AsyncGenerator[None]:
        """Lanes that send nothing while this is open."""
        outbox = self._jackfield.outbox
        async with asyncio.timeout(WITHIN):
            while outbox.running() != frozenset(self._channels):  # noqa: ASYNC110  # leases come one by one
                await asyncio.sleep(LOOK)
        await asyncio.gather(*(outbox.stop(channel) for channel in self._channels))
        yield
        for channel in self._channels:
            outbox.start(channel, self._owner.workspace)

    async def _left(self) -> int:
        return await self._number(LEFT + self._jackfield.store.any("channel_id", "$1"), self._channels)

    async def _number(self, sql: str, *params: Any) -> int:
        ((number,),) = await self._jackfield.store.fetch(sql, *params)
        return int(number)

    async def bare(self, messages: int) -> dict[str, float]:
        """The same texts by an aiohttp client that keeps nothing."""
        due, numbers = iter(range(messages)), self._numbers
        sent = 0

        async def work(session: aiohttp.ClientSession) -> None:
            nonlocal sent
            for place in due:
                config = numbers[place % len(numbers)]
                body = {
                    "messaging_product": "whatsapp",
                    "recipient_type": "individual",
                    "to": webhooks.phone(place // len(numbers)),
                    "type": "text",
                    "text": {"body": f"answer {next(self._keys)}", "preview_url": False},
                }
                url = f"{self._url}/{VERSION}/{config['phone_number_id']}/messages"
                headers = {"Authorization": f"Bearer {config['access_token']}"}
                async with session.post(url, json=body, headers=headers) as answer:
                    said = await answer.json()
                    sent += answer.status == 200 and bool(said["messages"][0]["id"])

        async with aiohttp.ClientSession() as session:
            began = time.perf_counter()
            await asyncio.gather(*(work(session) for _ in range(AT_ONCE)))
            return {"ops": sent, "seconds": time.perf_counter() - began}


async def main(given: dict[str, Any]) -> None:
    settings = msgspec.structs.replace(install.settings(given), role="all")
    async with running(settings, plugins.load(only=(install.KIND,))) as jackfield:
        owner = await install.settle(jackfield)
        outgoing = Outgoing(jackfield, owner, given["url"], given["numbers"])
        await outgoing.connect()
        interpreter.settle()  # as `jackfield serve` does
        await obey({"through_outbox": outgoing.through_outbox, "bare": outgoing.bare})


if __name__ == "__main__":
    play(main)
