"""All phones that are in the browser, linking them, and what can go wrong around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, Self

from mock_whatsapp.devices import Account
from mock_whatsapp.pairing import NotLinked
from mock_whatsapp.phone import Phone
from mock_whatsapp.server import MockWhatsApp

from .chats import Bubble, name_of
from .content import Content, File, read
from .handset import Handset, Refused
from .past import Remembered, Said, chunks

Fault = Literal["", "ban", "restrict", "outdated", "cut", "logout"]
Codes = Callable[[], Sequence[str]]
"""The codes that can be scanned just now, wherever they are shown."""

BAN = {"reason": "402", "code": "101", "expire": "90"}  # sent to too many people; seconds
OUTDATED, AWAY = {"reason": "405"}, {"reason": "503"}
OFTEN = 1000  # logins that are refused while the network is away
PUBLISHED = 30.0  # seconds until a new companion has given its keys
BETWEEN = 0.7  # seconds between two chunks of the past


class Handsets:
    """`async with Handsets(mock, codes).running():` listens on every phone."""

    def __init__(self, mock: MockWhatsApp, codes: Codes) -> None:
        self.mock, self._codes = mock, codes
        self.phones: dict[str, Handset] = {}
        self.fault: Fault = ""
        self._past: dict[str, Sequence[Remembered]] = {}  # by the owner's number
        self._changes = 0
        self._changed = asyncio.Condition()
        self._tasks: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Self]:
        async with asyncio.TaskGroup() as self._tasks:
            tasks = [self._tasks.create_task(one.listen()) for one in self.phones.values()]
            tasks.append(self._tasks.create_task(self._look()))
            try:
                yield self
            finally:
                for task in tasks:
                    task.cancel()

    # -- people ----------------------------------------------------------------------------------

    def add(self, phone: Phone, *, owner: bool = False) -> Handset:
        made = Handset(phone, owner=owner, changed=self._touch, find=self._of)
        self.phones[phone.account.phone] = made
        return made

    def remember(self, owner: Handset, past: Sequence[Remembered]) -> None:
        """What was said before anybody looked: on the phones, and told to companions once they are linked."""
        self._past[owner.account.phone] = past
        for chat in past:
            for said in chat.said:
                self._recall(owner, chat, said)

    def _recall(self, owner: Handset, chat: Remembered, one: Said) -> None:
        said = read(one.message)
        if not isinstance(said, Content):
            return
        for handset in filter(None, [owner, *(self._of(person) for person in chat.people)]):
            group, mine = not isinstance(chat.peer, Account), one.by is handset.account
            peer = chat.peer if handset is owner or group else owner.account
            handset.chat(peer).bubbles[one.id] = Bubble(
                one.id,
                one.by,
                mine,
                one.at * 1000,
                said.kind,
                said.text,
                said.file,
                ticks="read" if mine else "",
                seen=True,
            )

    def _of(self, account: Account) -> Handset | None:
        return self.phones.get(account.phone)

    # -- linking ---------------------------------------------------------------------------------

    async def link(self, handset: Handset, *, text: str = "", characters: str = "") -> None:
        """By the text of a code, by eight characters, or by what is shown just now. Raises Refused."""
        shown = [text] if text else list(self._codes())
        if not (characters or shown):
            raise Refused("nothing_to_scan")
        try:
            if characters:
                await self.mock.pairing.type(characters.strip().upper(), handset.account)
            else:
                await self.mock.pairing.scan(shown[-1].strip(), handset.account)
        except (NotLinked, ValueError) as error:
            raise Refused("wrong_code") from error
        assert self._tasks is not None, "phones are used while they are running"
        self._tasks.create_task(self._share(handset))

    async def _share(self, handset: Handset) -> None:
        """The new companion learns who is who and what was said, as soon as it can read."""
        try:
            async with asyncio.timeout(PUBLISHED), self._changed:
                await self._changed.wait_for(
                    lambda: any(device.published for device in handset.account.companions)
                )
        except TimeoutError:
            return  # it was given up; the next one is told
        past = self._past.get(handset.account.phone, ())
        await handset.phone.share_state_key()
        for chat in past:
            if isinstance(chat.peer, Account):
                await handset.phone.know(chat.peer, chat.peer.name)
        for chunk in chunks(past):
            await handset.phone.share_past(chunk)
            await asyncio.sleep(BETWEEN)

    # -- faults ----------------------------------------------------------------------------------

    async def go_wrong(self, fault: Fault) -> None:
        """From now on; "" mends it."""
        self.mock.refusals.clear()
        self.mock.rejections.clear()
        self.fault = fault if fault != "logout" else ""
        match fault:
            case "ban":
                self.mock.refusals.append(BAN)
                self.mock.cut()
            case "restrict":
                self.mock.rejections.extend(["463"] * OFTEN)
            case "outdated":
                self.mock.refusals.append(OUTDATED)
                self.mock.cut()
            case "cut":
                self.mock.refusals.extend([AWAY] * OFTEN)
                self.mock.cut()
            case "logout":
                for handset in self.phones.values():
                    await handset.phone.unlink()
            case "":
                pass
        self._touch()

    # -- the page --------------------------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        return {"phones": [_phone(handset) for handset in self.phones.values()], "fault": self.fault}

    def file(self, mid: str) -> tuple[File, bytes] | None:
        """Of the message with this id, opened. Raises KeyError and ValueError for one that cannot be."""
        file = next((found for one in self.phones.values() if (found := one.file(mid)) is not None), None)
        return None if file is None else (file, self.mock.media.read(file.path, file.key, file.sort))

    async def change(self, after: int) -> int:
        """Wait until something is other than it was at `after`; the number of the change."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._changes > after)
        return self._changes

    def _touch(self) -> None:
        self._changes += 1
        assert self._tasks is not None, "phones are used while they are running"
        self._tasks.create_task(self._tell())

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _look(self) -> None:
        """Companions come and go without a word to their phone."""
        seen: list[object] = []
        while True:
            now = [
                (device.number, device.connection is None, device.published is None)
                for handset in self.phones.values()
                for device in handset.account.companions
            ]
            if now != seen:
                seen = list(now)
                self._touch()
            await asyncio.sleep(0.5)


def _phone(handset: Handset) -> dict[str, Any]:
    account = handset.account
    linked = [{"device": one.number, "online": one.connection is not None} for one in account.companions]
    return {
        "number": account.phone,
        "name": name_of(account),
        "owner": handset.owner,
        "linked": linked,
        "chats": [chat.view() for chat in sorted(handset.chats.values(), key=lambda one: -one.latest())],
    }
