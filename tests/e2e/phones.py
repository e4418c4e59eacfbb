"""Phones beside the browser: the network with people on it, in a thread of its own, and what they say."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (the engine's stubs name their neighbours by paths that are not there)
from __future__ import annotations

import shlex
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal
from e2e.conftest import ROOT
from jackfield_whatsapp_business.line import COMMAND
from mock_whatsapp import Account, Group, Heard, MockWhatsApp, Phone
from mock_whatsapp.media import Sort
from neonize.proto.waCommon.WACommon_pb2 import MessageKey
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e
from neonize.proto.waHistorySync.WAWebProtobufsHistorySync_pb2 import HistorySync
from whatsapp_bridge import Town, environment

T = TypeVar("T")
WITHIN = 60.0  # seconds, on a busy machine
MINUTE, HOUR = 60, 3600  # seconds
FILES = ROOT / "plugins/whatsapp_api/jackfield_whatsapp_api/simulator/stories/media"


class Street:
    """A shop, its customers and the network, called from the test's thread."""

    def __init__(self, mock: MockWhatsApp, portal: BlockingPortal) -> None:
        self.mock, self._portal = mock, portal
        town = Town(mock)
        self.shop, self.customer, self.third = town.shop, town.customer, town.third

    def do(self, what: Callable[[], Awaitable[T]]) -> T:
        """On the network's loop; waits for it."""
        return self._portal.start_task_soon(what).result(WITHIN)

    @property
    def environ(self) -> dict[str, str]:
        """For a server: the bridges it starts believe this network. The server itself knows of none."""
        given = environment(self.mock)
        command = shlex.split(given.pop(COMMAND))
        return {COMMAND: shlex.join(["env", *(f"{name}={value}" for name, value in given.items()), *command])}

    def cut(self, *refusals: Mapping[str, str]) -> None:
        """The network goes. `refusals`: what the next logins are answered with."""
        self.mock.refusals.extend(refusals)
        self._portal.call(self.mock.cut)

    # -- the owner's phone -----------------------------------------------------------------------

    def scan(self, code: str, phone: Phone) -> None:
        """Point the phone at a code. Raises NotLinked."""
        self.do(lambda: self.mock.pairing.scan(code, phone.account))

    def type_characters(self, characters: str, phone: Phone) -> None:
        self.do(lambda: self.mock.pairing.type(characters, phone.account))

    def shares(self, phone: Phone, *chunks: HistorySync) -> None:
        """The past goes to the companions."""
        for chunk in chunks:
            self.do(partial(phone.share_past, chunk))

    # -- talking ---------------------------------------------------------------------------------

    def says(self, message: e2e.Message, *, by: Phone | None = None, to: Account | None = None) -> str:
        """The customer to the shop, where nobody else is named. Answers the message's id."""
        who, whom = by or self.customer, to or self.shop.account
        sort = "text" if message.HasField("conversation") else "media"
        return self.do(lambda: who.write(whom, message, sort=sort))

    def says_to(self, group: Group, text: str, *, by: Phone) -> str:
        return self.do(lambda: by.write_to_group(group, e2e.Message(conversation=text)))

    def hears(self, wanted: Callable[[e2e.Message], object], *, on: Phone | None = None) -> Heard:
        """The next message on a phone that is what was wanted; those before it are gone."""
        heard = (on or self.customer).account.heard
        until = time.monotonic() + WITHIN
        while True:
            self.until(lambda: not heard.empty(), until)
            one = heard.get_nowait()
            if wanted(one.message):
                return one

    def unheard(self) -> list[str]:
        """What else came to the customer's phone."""
        heard, found = self.customer.account.heard, list[str]()
        while not heard.empty():
            found.append(str(heard.get_nowait().message))
        return found

    def sees_typing(self) -> None:
        """The sign that somebody writes is on the customer's phone."""
        typing = self.customer.account.typing
        self.until(lambda: not typing.empty() and typing.get_nowait() == "composing")

    def ticks(self, *ids: str) -> None:
        """What the customer has got is told as phones tell it: it is there, then it is read."""
        for kind in ("delivered", "read"):
            self.do(partial(self.customer.tick, self.shop.account, kind, *ids))

    def until(self, true: Callable[[], object], until: float = 0.0) -> None:
        until = until or time.monotonic() + WITHIN
        while not true():
            assert time.monotonic() < until, "it did not come to that"
            time.sleep(0.05)

    # -- files -----------------------------------------------------------------------------------

    def file(self, field: str, data: bytes, mime: str, **more: object) -> e2e.Message:
        """A message with a file of one of the network's kinds, in `field`."""
        stored = self.mock.media.put(data, SORTS[field])
        message = e2e.Message()
        part = getattr(message, field)
        for name, value in {**stored.fields(), "mimetype": mime, **more}.items():
            setattr(part, name, value)
        return message

    def opened(self, message: e2e.Message, field: str) -> bytes:
        """The file of a message that came to a phone."""
        part = getattr(message, field)
        return self.mock.media.read(part.directPath, part.mediaKey, SORTS[field])


SORTS: dict[str, Sort] = {
    "imageMessage": "image",
    "stickerMessage": "image",
    "videoMessage": "video",
    "audioMessage": "audio",
    "documentMessage": "document",
}


@contextmanager
def street(folder: Path) -> Generator[Street]:
    """A network that is there until this ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(MockWhatsApp(folder).running()) as mock,
    ):
        yield Street(mock, portal)


# -- what is said about another message ------------------------------------------------------------------


def reaction(target: str, emoji: str, *, ours: bool = False) -> e2e.Message:
    """`ours`: the one who reacts wrote the target."""
    return e2e.Message(
        reactionMessage=e2e.ReactionMessage(key=MessageKey(ID=target, fromMe=ours), text=emoji)
    )


def answer(target: str, text: str, author: Account) -> e2e.Message:
    context = e2e.ContextInfo(
        stanzaID=target, participant=str(author.jid()), quotedMessage=e2e.Message(conversation="…")
    )
    return e2e.Message(extendedTextMessage=e2e.ExtendedTextMessage(text=text, contextInfo=context))


def edit(target: str, text: str) -> e2e.Message:
    changed = e2e.ProtocolMessage(
        type=e2e.ProtocolMessage.MESSAGE_EDIT,
        key=MessageKey(ID=target, fromMe=True),
        editedMessage=e2e.Message(conversation=text),
    )
    return e2e.Message(protocolMessage=changed)


def delete(target: str) -> e2e.Message:
    gone = e2e.ProtocolMessage(type=e2e.ProtocolMessage.REVOKE, key=MessageKey(ID=target, fromMe=True))
    return e2e.Message(protocolMessage=gone)


# -- the past --------------------------------------------------------------------------------------------


def past(progress: int, order: int, *chats: tuple[str, str, list[tuple[str, bool, str]]]) -> HistorySync:
    """One chunk. A chat: its id, its name, and its messages: who wrote (in a group), whether we did, what."""
    chunk = HistorySync(syncType=HistorySync.RECENT, chunkOrder=order, progress=progress)
    began = int(time.time()) - HOUR
    for at, (chat, name, messages) in enumerate(chats):
        conversation = chunk.conversations.add(ID=chat, name=name)
        for place, (member, ours, text) in enumerate(messages):
            said = conversation.messages.add().message
            said.key.remoteJID, said.key.fromMe, said.key.ID = chat, ours, f"PAST{order}{at}{place}"
            said.messageTimestamp = began + 10 * MINUTE * order + MINUTE * at + place
            said.message.conversation = text
            if member:
                said.key.participant = said.participant = member
        if not chat.endswith("@g.us"):
            chunk.pushnames.add(ID=chat, pushname=name)
    return chunk
