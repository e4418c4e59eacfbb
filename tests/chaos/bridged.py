"""The ground of what is done to bridges: a server whose channels are linked devices on the mock network.

The channels are linked as a person links them, through the public API; the engines in their bridges are real.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import aiohttp
from fixtures.tables import bring_tables
from jackfield_whatsapp_business.channel import HASTE
from mock_whatsapp import Heard, MockWhatsApp, Phone
from msgspec import Struct
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
from whatsapp_bridge import environment

from jackfield import ids
from jackfield.inbox.derive import derive
from jackfield.settings import Settings
from jackfield.store.store import open_store
from jackfield.store.tables import ApiToken
from jackfield.store.tables import Operator as OperatorTable
from jackfield.web.auth.keys import API_TOKEN, digest, new_key
from jackfield.web.works import MakeWorkspace

from .install import Install
from .operator import Operator, operator_at
from .process import Process, process_of

KIND = "whatsapp_business"
AS_MUCH_AS_MAY_BE = {"per_minute": 30, "per_hour": 400, "warm_up_days": 0}
"""For who writes with a token: a young account would give him a quarter of less."""
LINKED_WITHIN = 120.0  # seconds; the machine may be busy with other tests


class Shop(Struct, frozen=True):
    """A linked account. `channel` as outside ids are shown; `folder` holds its session."""

    phone: Phone
    channel: str
    folder: Path

    @property
    def connected(self) -> bool:
        """Whether its companion is logged in at the network."""
        return any(device.connection is not None for device in self.phone.account.companions)


class Customer:
    """Somebody whose phone says that a message arrived, as phones do. `written`: texts, in order, with
    their ids; `heard`: what arrived, in order, as it was opened."""

    def __init__(self, phone: Phone, shop: Shop) -> None:
        self.phone, self.shop = phone, shop
        self.written: list[tuple[str, str]] = []
        self.heard: list[tuple[str, str]] = []
        self.news = asyncio.Condition()

    @property
    def peer(self) -> str:
        """Its conversation at the shop."""
        return f"{self.phone.account.lid}@lid"

    async def write(self, text: str) -> str:
        """Answers the id under which the inbox has it."""
        message = Message(conversation=text)
        message.messageContextInfo.messageSecret = os.urandom(32)  # as phones do
        mid = await self.phone.write(self.shop.phone.account, message)
        self.written.append((text, f"{self.peer}/{mid}"))
        return self.written[-1][1]

    async def listen(self) -> None:
        while True:
            heard = await self.phone.account.heard.get()
            async with self.news:
                self.heard.append((text_of(heard), heard.id))
                self.news.notify_all()
            await self.phone.tick(self.shop.phone.account, "delivered", heard.id)

    async def hears(self, text: str) -> None:
        """Wait until it has arrived."""
        async with self.news:
            await self.news.wait_for(lambda: any(one == text for one, _ in self.heard))


def text_of(heard: Heard) -> str:
    return heard.message.conversation or heard.message.extendedTextMessage.text


class Bridged(Struct, frozen=True, kw_only=True):
    mock: MockWhatsApp
    install: Install
    process: Process
    operator: Operator
    shops: tuple[Shop, ...]
    customers: tuple[Customer, ...]

    def bridge(self, shop: Shop) -> int | None:
        """The process id of a shop's bridge; None: there is none now."""
        return next((pid for pid in children(self.process.pid) if folder_of(pid) == str(shop.folder)), None)

    def kill_bridge(self, shop: Shop) -> bool:
        """As a power cut would. Answers whether there was one."""
        pid = self.bridge(shop)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return pid is not None

    async def stands(self, shop: Shop, *, within: float = LINKED_WITHIN) -> None:
        """Wait until its companion is at the network. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not shop.connected:  # noqa: ASYNC110  # the mock tells nobody
                await asyncio.sleep(0.05)


def children(pid: int) -> Sequence[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def folder_of(pid: int) -> str:
    """Which session a bridge holds; "" for another process."""
    try:
        given = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    name = b"JACKFIELD_BRIDGE_FOLDER="
    return next((one.removeprefix(name).decode() for one in given if one.startswith(name)), "")


@asynccontextmanager
async def bridged(folder: Path, *, shops: int = 1, customers: int = 4) -> AsyncGenerator[Bridged]:
    """So many shops with so many customers each, all linked. Everybody has written once."""
    async with AsyncExitStack() as stack:
        mock = await stack.enter_async_context(MockWhatsApp(folder).running())
        process = await stack.enter_async_context(process_of({}, folder / "jackfield.log"))
        phones = [mock.add(f"49155500{n:03d}", f"9000000000{n:05d}", f"Shop {n}", business=f"Shop {n}")
                  for n in range(shops)]  # fmt: skip
        settings = Settings(data=folder / "data")
        bring_tables(settings.data)
        install = await _install(settings)
        process.environ.update(install.environ | environment(mock) | {HASTE: "0.05"})
        operator = await stack.enter_async_context(operator_at(process.url, install.token))
        await process.start()
        ((workspace,),) = await install.rows("SELECT id FROM workspace")
        linked = tuple([await _link(mock, operator, install, phone, workspace) for phone in phones])
        who = tuple(
            Customer(mock.add(f"49177{number:03d}{n:04d}", f"8000{number:04d}{n:07d}", f"Customer {n}"), shop)
            for number, shop in enumerate(linked)
            for n in range(customers)
        )
        for customer in who:
            listening = asyncio.create_task(customer.listen())
            stack.push_async_callback(_ended, listening)
        ground = Bridged(
            mock=mock, install=install, process=process, operator=operator, shops=linked, customers=who
        )
        for shop in linked:
            await ground.stands(shop)
        yield ground


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def _install(settings: Settings) -> Install:
    """An empty install with one workspace and one operator."""
    token, owner = new_key(API_TOKEN), ids.new_id()
    async with open_store(settings, derive=derive) as store:
        await OperatorTable.create(
            id=owner, email="chaos@example.org", name="Operator", staff=True, created_at=1
        )
        await ApiToken.create(
            id=ids.new_id(), operator_id=owner, name="chaos", token=digest(token), created_at=1
        )
        make = MakeWorkspace(name="Chaos", color="#1d6fc0", owner=owner, id=ids.new_id())
        await store.writer.do(make)
    return Install(settings=settings, token=token, channels={}, workspaces={})


async def _link(
    mock: MockWhatsApp, operator: Operator, install: Install, phone: Phone, workspace: int
) -> Shop:
    """By the code that is scanned."""
    begun = {"workspace": ids.show("w", workspace), "kind": KIND, "flow": "qr"}
    login = (await operator.post("/channels/logins", begun))["id"]
    shown = await operator.post(f"/channels/logins/{login}/submit", {"values": {"understood": "1"}})
    await mock.pairing.scan(shown["step"]["data"], phone.account)
    async with asyncio.timeout(LINKED_WITHIN):
        while not (channel := (await operator.post(f"/channels/logins/{login}/wait", {}))["channel"]):
            pass
    async with asyncio.timeout(LINKED_WITHIN):
        while not await _let_hurry(operator, channel):  # noqa: ASYNC110  # another process has no event
            await asyncio.sleep(0.1)
    return Shop(phone, channel, install.settings.channel_folders / KIND / channel)


async def _let_hurry(operator: Operator, channel: str) -> bool:
    """False: the channel is not open yet."""
    try:
        await operator.patch(f"/channels/{channel}/protection", AS_MUCH_AS_MAY_BE)
    except aiohttp.ClientError:
        return False
    return True
