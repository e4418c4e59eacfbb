"""Jackfield behind a real door with one number of the Cloud API, and a provider who calls it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct
from safety_world import open_doors, open_line
from waba_cloud import APP_SECRET, Cloud, cloud
from web_world import Client, make_client, make_token

from jackfield import plugins
from jackfield.app import Jackfield, listen, running
from jackfield.settings import Settings
from jackfield.web.works import StoreChannel, split_config
from jackfield_whatsapp_api.config import FIELDS
from jackfield_whatsapp_api.kind import WhatsAppApi
from jackfield_whatsapp_api.signature import sign

AT_ONCE = 32  # calls of the provider under way


class WabaHouse(Struct, kw_only=True):
    """`http` calls as the provider does; `owner` with the token of who may do everything."""

    jackfield: Jackfield
    url: str
    client: Client
    cloud: Cloud
    http: aiohttp.ClientSession
    owner: aiohttp.ClientSession

    async def call(self, body: bytes | BytesIO | AsyncIterator[bytes], *, signature: str = "") -> int:
        """One call to the channel's address; the status of the answer."""
        if not signature and isinstance(body, bytes):
            signature = sign(APP_SECRET, body)
        where = f"{self.url}/hooks/{self.client.channel_id}"
        headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
        async with self.http.post(where, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def calls(self, bodies: Iterable[bytes]) -> dict[int, int]:
        """Many calls, some at a time: how often which status was answered."""
        waiting, answered = iter(bodies), dict[int, int]()

        async def some() -> None:
            for body in waiting:
                status = await self.call(body)
                answered[status] = answered.get(status, 0) + 1

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(some())
        return answered

    async def get(self, path: str, **query: str) -> Any:
        """What the API answers the owner; AssertionError unless it is 200."""
        async with self.owner.get(f"{self.url}{path}", params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def pages(self, path: str, **query: str) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        page = await self.get(path, limit="100", **query)
        while True:
            for item in page["items"]:
                yield item
            if page.get("next") is None:
                return
            page = await self.get(path, limit="100", after=page["next"], **query)

    async def thread(self, conversation: str) -> AsyncIterator[dict[str, Any]]:
        """Every message of a conversation, the newest part first."""
        where, query = f"/api/v1/conversations/{conversation}/messages", {"limit": "100"}
        while True:
            part = await self.get(where, **query)
            for message in part["items"]:
                yield message
            if not part["before"]:
                return
            query["before"] = part["items"][0]["id"]

    async def summary(self) -> dict[str, int]:
        found: dict[str, int] = await self.get("/api/v1/deliveries/summary", channel=self.client.channel_id)
        return found


@asynccontextmanager
async def open_waba_house(settings: Settings) -> AsyncGenerator[WabaHouse]:
    kind = WhatsAppApi()
    found = msgspec.structs.replace(plugins.load(found=(), only=None, environ={}), kinds={kind.name: kind})
    door = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = msgspec.structs.replace(settings, url=url, private_media=True)
    async with AsyncExitStack() as stack:
        stack.callback(door.close)
        stand_in = await stack.enter_async_context(cloud())
        jackfield = await stack.enter_async_context(running(settings, found))
        await stack.enter_async_context(open_doors(jackfield, door))
        client = await make_client(jackfield.store, "alpha.example", staff=True)
        config, secrets = split_config(stand_in.config, [field.name for field in FIELDS if field.secret])
        work = StoreChannel(
            workspace=client.workspace,
            kind=kind.name,
            name="A number",
            external_id=stand_in.config["phone_number_id"],
            config=config,
            secrets=secrets,
            box=jackfield.box,
        )
        client.channel = await open_line(jackfield, work)
        key = {"Authorization": f"Bearer {await make_token(client.people['owner'])}"}
        http = await stack.enter_async_context(aiohttp.ClientSession())
        owner = await stack.enter_async_context(aiohttp.ClientSession(headers=key))
        yield WabaHouse(jackfield=jackfield, url=url, client=client, cloud=stand_in, http=http, owner=owner)
