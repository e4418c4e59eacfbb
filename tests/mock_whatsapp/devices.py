"""Accounts and their devices: the phone, played by the mock, and the companions linked to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message

from .app_state import AppState, Written
from .nodes import LID, PHONE, Jid, Node
from .ratchet import Bundle, Identity, Peer
from .sender_keys import SenderKey

if TYPE_CHECKING:
    from .connection import Connection

PHONE_DEVICE = 0


TOLD_AGAIN = frozenset({"message", "receipt"})


def told_as(kind: str, node: Node) -> tuple[str, ...]:
    """What an acknowledgement names: a message by its id, a receipt by its type too."""
    return (kind, node.text("id")) if kind == "message" else (kind, node.text("id"), node.text("type"))


class Heard(NamedTuple):
    """A message that reached a phone. `node`: its stanza as it came."""

    sender: Device
    node: Node
    message: Message

    @property
    def id(self) -> str:
        return self.node.text("id")


class Ticked(NamedTuple):
    """A receipt that reached a phone. `kind`: delivered, read, read-self, inactive …"""

    kind: str
    ids: tuple[str, ...]


@dataclass(eq=False)
class Device:
    """`identity`: it is the mock's own; else what the companion said of its keys is in `published`."""

    account: Account
    number: int
    identity: Identity | None = None
    noise: bytes = b""  # the static key it must connect with
    published: Bundle | None = None
    once: dict[int, bytes] = field(default_factory=dict[int, bytes])  # its keys for one use
    connection: Connection | None = None
    waiting: list[Node] = field(default_factory=list[Node])  # for when it is back
    told: dict[tuple[str, ...], Node] = field(default_factory=dict[tuple[str, ...], Node])  # not acknowledged
    sender_keys: dict[tuple[str, Peer], SenderKey] = field(default_factory=dict[tuple[str, Peer], SenderKey])

    def tell(self, node: Node) -> None:
        """Keep it until it is acknowledged: it is told again when the device is back."""
        if node.tag in TOLD_AGAIN:
            self.told[told_as(node.tag, node)] = node

    @property
    def peer(self) -> Peer:
        return self.account.lid, self.number

    def jid(self, server: str = LID) -> Jid:
        return Jid(self.account.lid if server == LID else self.account.phone, server, self.number)

    def bundle(self) -> Bundle:
        """For somebody who writes to it for the first time; a key for one use is given out once."""
        if self.identity is not None:
            return self.identity.bundle()
        assert self.published is not None, "a companion publishes its keys when it is linked"
        if not self.once:
            return self.published
        number = next(iter(self.once))
        said = self.published
        return Bundle(
            registration=said.registration,
            identity=said.identity,
            signed_id=said.signed_id,
            signed=said.signed,
            signature=said.signature,
            once_id=number,
            once=self.once.pop(number),
        )


class Account:
    """One number. `business`: its name, where the app is the Business one. The queues hold what has
    reached the phone: messages, receipts, and the typing sign of others."""

    def __init__(self, phone: str, lid: str, name: str, *, business: str = "") -> None:
        self.phone, self.lid, self.name, self.business = phone, lid, name, business
        self.identity = Identity()
        self.devices = {PHONE_DEVICE: Device(self, PHONE_DEVICE, self.identity)}
        self.state = AppState()
        self.written: list[tuple[str, Written]] = []  # what companions changed in it, by collection
        self.heard: asyncio.Queue[Heard] = asyncio.Queue()
        self.ticks: asyncio.Queue[Ticked] = asyncio.Queue()
        self.typing: asyncio.Queue[str] = asyncio.Queue()
        self.typist: Account | None = None  # who gave the last sign of it
        self.key_index = 0  # of the newest companion
        self.sender_keys: dict[str, SenderKey] = {}  # ours, by group
        self.about = "Hey there"
        self.picture: bytes = b""

    @property
    def phone_device(self) -> Device:
        return self.devices[PHONE_DEVICE]

    @property
    def companions(self) -> list[Device]:
        return [device for device in self.devices.values() if device.number != PHONE_DEVICE]

    def jid(self, server: str = LID) -> Jid:
        return self.phone_device.jid(server)


@dataclass(eq=False)
class Group:
    """The first member made it and is its admin."""

    id: str
    name: str
    members: tuple[Account, ...]
    created: int  # seconds since 1970
    picture: bytes = b""

    @property
    def jid(self) -> Jid:
        return Jid(self.id, "g.us")

    def described(self) -> Node:
        """As the server tells of it."""
        owner = self.members[0]
        attrs = {
            "id": self.id,
            "creator": owner.jid(),
            "creator_pn": owner.jid(PHONE),
            "creation": self.created,
            "subject": self.name,
            "s_t": self.created,
            "s_o": owner.jid(),
            "addressing_mode": "lid",
            "size": len(self.members),
        }
        return Node("group", attrs, [_member(account, admin=account is owner) for account in self.members])


def _member(account: Account, *, admin: bool) -> Node:
    attrs = {"jid": account.jid(), "lid": account.jid(), "phone_number": account.jid(PHONE)}
    return Node("participant", {**attrs, "type": "admin" if admin else None})
