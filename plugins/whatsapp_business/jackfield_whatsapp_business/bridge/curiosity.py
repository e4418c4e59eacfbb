"""What a bridge finds out by itself, little by little: names, pictures, who is in a group.

A companion that asks for everybody at once is one that gets banned: only people who write are asked about,
once, and one question follows another at leisure. What comes of it goes through the journal like all else.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from msgspec import UNSET, structs

from jackfield.channel import (
    Address,
    AnyEvent,
    ConversationInfo,
    HistoryChunk,
    Message,
    Profile,
    System,
)
from jackfield_whatsapp_business.engines.base import Engine, Refused
from jackfield_whatsapp_business.ids import (
    Peer,
    address_of,
    make_picture,
    parse_conversation,
    peer_at,
)

from .notebook import Notebook

log = logging.getLogger("jackfield.bridge")

PAUSE = 1.5  # seconds between two questions, up to twice as much; JACKFIELD_BRIDGE_PAUSE says otherwise
BOOK = 20  # pauses until the address book is read again: it is not the network that is asked
AT_ONCE = 100  # names told in one piece

Tell = Callable[[Sequence[AnyEvent]], None]


class Curiosity:
    """`tell` keeps events until the channel has them."""

    def __init__(self, engine: Engine, notebook: Notebook, tell: Tell) -> None:
        self._engine, self._notebook, self._tell = engine, notebook, tell
        self._pause = float(os.environ.get("JACKFIELD_BRIDGE_PAUSE") or PAUSE)
        self._groups: asyncio.Queue[Peer] = asyncio.Queue()
        self._wanted: set[Peer] = set()

    def names(self, peer: Peer) -> str:
        return self._notebook.name(str(peer))

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ask_about_groups())
            tasks.create_task(self._read_book())

    def notice(self, events: Sequence[AnyEvent]) -> list[AnyEvent]:
        """Learn from what was heard; answers what of it concerns the channel."""
        self._notebook.wrote(authors(events))
        for event in events:
            match event:
                case Message(history=False):
                    self._meet(event)
                case HistoryChunk(messages=messages):
                    self._notebook.wrote(authors(messages))
                case Profile(name=str() as name):
                    self._call(event.person, name)
                case ConversationInfo(members=tuple() as members):
                    for member in members:
                        if member.name is not UNSET:
                            self._call(member.addresses, member.name)
                case _:
                    pass
        return [event for event in events if not self._is_strangers_picture(event)]

    # -- people ----------------------------------------------------------------------------------

    def _meet(self, message: Message) -> None:
        """Who writes for the first time has a picture, perhaps; a group has a name and members."""
        sender = message.sender
        if sender.name is not UNSET:
            self._call(sender.addresses, sender.name)
        person = peer_at(sender.addresses[0]) if sender.addresses else None
        if person is not None and not _happened(message) and self._notebook.meet(str(person)):
            ref = make_picture(person, 0)
            self._tell([Profile(at=message.at, person=sender.addresses, avatar=ref)])
        if message.group:
            group = parse_conversation(message.conversation)
            if _happened(message) or not self._notebook.met(str(group)):
                self._want(group)

    def _call(self, addresses: Sequence[Address], name: str) -> None:
        for address in addresses:
            if (peer := peer_at(address)) is not None:
                self._notebook.call(str(peer), name, "own")

    def _is_strangers_picture(self, event: AnyEvent) -> bool:
        """Somebody of the address book who never wrote has changed his picture."""
        if not isinstance(event, Profile) or event.avatar is UNSET:
            return False
        peers = (peer_at(address) for address in event.person)
        return not any(peer is not None and self._notebook.met(str(peer)) for peer in peers)

    # -- groups ----------------------------------------------------------------------------------

    def _want(self, group: Peer) -> None:
        if group not in self._wanted:
            self._wanted.add(group)
            self._groups.put_nowait(group)

    async def _ask_about_groups(self) -> None:
        while True:
            group = await self._groups.get()
            self._wanted.discard(group)
            try:
                info = await self._engine.group(group, self.names)
            except Refused as error:
                log.info("nothing is known of group %s: %s", group, error)
            else:
                if self._notebook.meet(str(group)):
                    info = structs.replace(info, avatar=make_picture(group, 0))
                self._tell([info])
            await asyncio.sleep(self._pause * random.uniform(1, 2))  # noqa: S311  # not a secret

    # -- the address book ------------------------------------------------------------------------

    async def _read_book(self) -> None:
        """Its names are read on this side: the network is not asked."""
        while True:
            try:
                known = await self._engine.book()
            except Refused as error:
                log.info("the address book cannot be read: %s", error)
            else:
                news = [one for one in known if self._notebook.call(str(one.peer), one.name, one.source)]
                told = [
                    Profile(at=datetime.now(UTC), person=(address,), name=one.name)
                    for one in news
                    if (address := address_of(one.peer)) is not None
                    if one.source == "book" or self._notebook.met(str(one.peer))
                ]
                for piece in _pieces(told):
                    self._tell(piece)
            await asyncio.sleep(self._pause * BOOK)


def authors(events: Sequence[AnyEvent]) -> dict[str, str]:
    """Who wrote the messages among these, by the strongest address; "" for the account itself."""
    return {
        event.id: str(peer_at(event.sender.addresses[0]) or "") if event.sender.addresses else ""
        for event in events
        if isinstance(event, Message)
    }


def _happened(message: Message) -> bool:
    """It tells what became of a group, and was written by nobody."""
    return bool(message.parts) and all(isinstance(part, System) for part in message.parts)


def _pieces(events: Sequence[AnyEvent]) -> Iterator[Sequence[AnyEvent]]:
    for at in range(0, len(events), AT_ONCE):
        yield events[at : at + AT_ONCE]
