"""One phone as its owner sees it: chats, bubbles, ticks, and what a thumb can do to them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from typing import Literal

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message

from mock_whatsapp.devices import Account, Group, Heard
from mock_whatsapp.phone import Phone, Tick, make_id

from . import content
from .chats import TICKS, Bubble, Chat, now_ms
from .content import Change, Content, File, Kind, Quoted

RINGS = 4.0  # seconds
_AS_TICK = {"delivered": "delivered", "inactive": "delivered", "read": "read", "played": "read"}


class Refused(Exception):
    """The thumb slipped: `code` says how, for the page's words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Find = Callable[[Account], "Handset | None"]
"""The phone of somebody, if it is in a browser too."""


class Handset:
    """`owner`: of the business. `changed` is called when something looks different."""

    def __init__(self, phone: Phone, *, owner: bool, changed: Callable[[], None], find: Find) -> None:
        self.phone, self.owner = phone, owner
        self.chats: dict[str, Chat] = {}
        self._changed, self._find = changed, find
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def account(self) -> Account:
        return self.phone.account

    def chat(self, peer: Account | Group) -> Chat:
        chat = Chat(peer)
        return self.chats.setdefault(chat.id, chat)

    def open(self, chat: str) -> Chat:
        """Raises Refused."""
        found = self.chats.get(chat)
        if found is None:
            raise Refused("no_such_chat")
        return found

    # -- what comes ------------------------------------------------------------------------------

    async def listen(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear())
            tasks.create_task(self._see_ticks())
            tasks.create_task(self._see_typing())

    async def _hear(self) -> None:
        while True:
            heard = await self.account.heard.get()
            chat, message = self._place(heard)
            if chat is not None:
                author = heard.sender.account
                self._put(chat, heard.id, author, message)
                if author is not self.account:
                    await self._tick(author, "delivered", heard.id)
            self._changed()

    def _place(self, heard: Heard) -> tuple[Chat | None, Message]:
        """In which chat it is, and what was said there."""
        message, source = heard.message, heard.node.jid("from")
        if message.HasField("deviceSentMessage"):
            sent = message.deviceSentMessage
            found = self._peer(sent.destinationJID)
            return (None if found is None else self.chat(found)), sent.message
        if source is not None and source.server == "g.us":
            found = self._peer(str(source))
            return (None if found is None else self.chat(found)), message
        return self.chat(heard.sender.account), message

    def _peer(self, address: str) -> Account | Group | None:
        return self.phone.somebody(address)

    def _put(self, chat: Chat, mid: str, author: Account, message: Message) -> Bubble | None:
        match content.read(message):
            case Content() as said:
                mine = author is self.account
                bubble = Bubble(
                    mid,
                    author,
                    mine,
                    now_ms(),
                    said.kind,
                    said.text,
                    said.file,
                    said.reply_to,
                    ticks="sent" if mine else "",
                )
                chat.typing = "" if not mine else chat.typing
                return chat.bubbles.setdefault(mid, bubble)
            case Change() as change:
                self._change(chat, author, change)
            case None:
                pass
        return None

    def _change(self, chat: Chat, author: Account, change: Change) -> None:
        bubble = chat.bubbles.get(change.target)
        if bubble is None:
            return
        match change.what:
            case "reaction":
                bubble.reactions.pop(author.name, None)
                if change.text:
                    bubble.reactions[author.name] = change.text
            case "edit" if author is bubble.author:
                bubble.text, bubble.edited = change.text, True
            case "delete" if author is bubble.author:
                bubble.kind, bubble.text, bubble.file = "deleted", "", None
            case _:
                pass  # nobody changes what others have said

    async def _see_ticks(self) -> None:
        while True:
            ticked = await self.account.ticks.get()
            self.ticked(_AS_TICK.get(ticked.kind, ""), ticked.ids)

    def ticked(self, how: str, ids: Iterable[str]) -> None:
        """Ours got as far as this; they never go back."""
        wanted = set(ids)
        for chat in self.chats.values():
            for mid in wanted & chat.bubbles.keys():
                bubble = chat.bubbles[mid]
                if bubble.mine and TICKS.index(how) > TICKS.index(bubble.ticks):
                    bubble.ticks = how
        self._changed()

    async def _see_typing(self) -> None:
        while True:
            sign = await self.account.typing.get()
            if self.account.typist is not None:
                self.sees_typing(self.account.typist, on=sign == "composing")

    def sees_typing(self, who: Account, *, on: bool) -> None:
        if (chat := self.chats.get(str(who.jid()))) is not None:
            chat.typing = who.name if on else ""
            self._changed()

    # -- what is done ----------------------------------------------------------------------------

    async def say(self, chat: Chat, message: Message, *, sort: str = "text") -> None:
        """To whoever the chat is with, and to our own companions; and into our own chat."""
        mid = make_id()
        self._put(chat, mid, self.account, message)
        self._changed()
        if isinstance(chat.peer, Group):
            await self.phone.write_to_group(chat.peer, message, mid=mid)
        else:
            await self.phone.write(chat.peer, message, mid=mid, sort=sort)

    async def write(
        self, chat: Chat, kind: Literal["text", "location", "contact"], text: str, to: str
    ) -> None:
        """`to`: the id of the message this answers. Raises Refused."""
        if not text.strip():
            raise Refused("empty")
        quoted = chat.bubbles.get(to)
        if kind == "location":
            await self.say(chat, content.place(text), sort="media")
        elif kind == "contact":
            await self.say(chat, content.card(text), sort="media")
        else:
            about = None if quoted is None else Quoted(to, str(quoted.author.jid()), quoted.text)
            await self.say(chat, content.text(text, about))

    async def send_file(
        self, chat: Chat, kind: Kind, data: bytes, *, mime: str, name: str, caption: str
    ) -> None:
        if not data:
            raise Refused("empty")
        stored = self.phone.store(data, content.sort_of(kind))
        message = content.file(kind, stored, mime=mime, name=name, caption=caption)
        await self.say(chat, message, sort="media")

    async def react(self, chat: Chat, target: str, emoji: str) -> None:
        bubble = self._bubble(chat, target)
        said = content.reaction(
            target, emoji, ours=bubble.mine, chat=chat.id, author=str(bubble.author.jid())
        )
        await self.say(chat, said, sort="reaction")

    async def edit(self, chat: Chat, target: str, text: str) -> None:
        self._own(chat, target)
        if not text.strip():
            raise Refused("empty")
        await self.say(chat, content.edit(target, text))

    async def delete(self, chat: Chat, target: str) -> None:
        self._own(chat, target)
        await self.say(chat, content.delete(target))

    async def read(self, chat: Chat) -> None:
        """Everything in it: its authors learn of it, and so do our companions."""
        fresh = [bubble for bubble in chat.bubbles.values() if not (bubble.mine or bubble.seen)]
        for bubble in fresh:
            bubble.seen = True
        for author in {bubble.author for bubble in fresh}:
            ids = [bubble.id for bubble in fresh if bubble.author is author]
            await self._tick(author, "read", *ids)
            if isinstance(chat.peer, Account):
                await self.phone.tick(self.account, "read-self", *ids, chat=chat.peer)
        if fresh:
            self._changed()

    async def type(self, chat: Chat, *, on: bool) -> None:
        if isinstance(chat.peer, Account):
            await self.phone.type(chat.peer, stopped=not on)
            if (other := self._find(chat.peer)) is not None:
                other.sees_typing(self.account, on=on)

    async def call(self, chat: Chat) -> None:
        """Ring for a while, and nobody answers. Raises Refused in a group."""
        if not isinstance(chat.peer, Account):
            raise Refused("failed")
        number, peer = os.urandom(8).hex().upper(), chat.peer
        self._add_call(chat, number)
        if (other := self._find(peer)) is not None:
            other.rang(self.account, number)
        await self.phone.call(peer, number)

        async def hang_up() -> None:
            await asyncio.sleep(RINGS)
            await self.phone.call(peer, number, ends=True)

        task = asyncio.create_task(hang_up())
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    def rang(self, who: Account, number: str) -> None:
        chat = self.chat(who)
        chat.bubbles[number] = Bubble(number, who, mine=False, at=now_ms(), kind="call")
        self._changed()

    def _add_call(self, chat: Chat, number: str) -> None:
        chat.bubbles[number] = Bubble(number, self.account, mine=True, at=now_ms(), kind="call")
        self._changed()

    async def _tick(self, author: Account, how: Tick, *ids: str) -> None:
        await self.phone.tick(author, how, *ids)
        if (other := self._find(author)) is not None:
            other.ticked(how, ids)

    def _bubble(self, chat: Chat, target: str) -> Bubble:
        bubble = chat.bubbles.get(target)
        if bubble is None:
            raise Refused("failed")
        return bubble

    def _own(self, chat: Chat, target: str) -> None:
        if not self._bubble(chat, target).mine:
            raise Refused("failed")

    def file(self, mid: str) -> File | None:
        """Of the bubble with this id."""
        found = (chat.bubbles.get(mid) for chat in self.chats.values())
        return next((bubble.file for bubble in found if bubble is not None), None)
