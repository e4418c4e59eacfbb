"""What a person does with a phone: write, tick, type, share the past, throw a companion out."""

from __future__ import annotations

import os
import time
import zlib
from typing import TYPE_CHECKING, Literal

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import HistorySyncType, Message, ProtocolMessage
from neonize.proto.waHistorySync.WAWebProtobufsHistorySync_pb2 import HistorySync

from .app_state import SyncActionValue
from .devices import Account, Device, Group
from .media import Sort, Stored
from .nodes import LID, PHONE, SERVER, Jid, Node, Value
from .sealing import pad
from .sender_keys import SenderKey

if TYPE_CHECKING:
    from .server import MockWhatsApp

ADDRESS_BOOK = "critical_unblock_low"
"""The collection of the app state that contacts are in."""

Tick = Literal["delivered", "read", "played", "read-self", "inactive"]
GroupChange = Literal["add", "remove", "promote", "demote", "subject"]


def make_id() -> str:
    """As phones make them."""
    return "3EB0" + os.urandom(9).hex().upper()


class Phone:
    """The phone of an account, on the mock's network."""

    def __init__(self, server: MockWhatsApp, account: Account) -> None:
        self._server, self.account = server, account

    def somebody(self, address: str) -> Account | Group | None:
        """Who is at an address: a person, or a group."""
        jid = Jid.parse(address)
        return self._server.groups.get(jid.user) if jid.server == "g.us" else self._server.account(jid)

    def store(self, data: bytes, sort: Sort) -> Stored:
        """Put a file where the network keeps them."""
        return self._server.media.put(data, sort)

    # -- writing ---------------------------------------------------------------------------------

    async def write(
        self,
        to: Account,
        message: Message,
        *,
        mid: str = "",
        at: int = 0,
        sort: str = "text",
        media: str = "",
        by_phone_number: bool = False,
    ) -> str:
        """To every device of somebody, and to our own companions. Answers the message's id.

        `at`: seconds since 1970; `by_phone_number`: the old way to address, without LIDs.
        """
        mid, server = mid or make_id(), PHONE if by_phone_number else LID
        attrs: dict[str, Value] = {
            "id": mid,
            "from": self.account.jid(server),
            "t": at or int(time.time()),
            "notify": self.account.name,
            "type": sort,
        }
        theirs = {**attrs, **self._other_name(server)}
        for device in list(to.devices.values()):
            if device.account is not self.account:
                await self._seal(device, theirs, message, media)
        ours = {**attrs, "recipient": to.jid(), "peer_recipient_pn": to.jid(PHONE)}
        sent = Message()
        sent.deviceSentMessage.destinationJID = str(to.jid())
        sent.deviceSentMessage.message.CopyFrom(message)
        for device in self.account.companions:
            await self._seal(device, ours, sent, media)
        return mid

    async def tell_companions(self, message: Message) -> None:
        """What concerns our own devices alone: keys, the past."""
        attrs: dict[str, Value] = {
            "id": make_id(),
            "from": self.account.jid(),
            "t": int(time.time()),
            "notify": self.account.name,
            "type": "text",
            "category": "peer",
        }
        for device in self.account.companions:
            await self._seal(device, attrs, message, "")

    async def write_to_group(self, group: Group, message: Message, *, mid: str = "") -> str:
        mid = mid or make_id()
        key = self.account.sender_keys.setdefault(group.id, SenderKey.make())
        given = key.distribution() if key.count == 0 else None
        sealed = Node("enc", {"v": "2", "type": "skmsg"}, key.encrypt(pad(message.SerializeToString())))
        attrs: dict[str, Value] = {
            "id": mid,
            "from": group.jid,
            "participant": self.account.jid(),
            "participant_pn": self.account.jid(PHONE),
            "addressing_mode": "lid",
            "t": int(time.time()),
            "notify": self.account.name,
            "type": "text",
        }
        for account in group.members:
            for device in list(account.devices.values()):
                if device is self.account.phone_device:
                    continue
                content = [sealed]
                if given is not None:
                    content.insert(0, self._sealed(device, _given(group, given)))
                await self._server.deliver(device, Node("message", attrs, content), self.account.phone_device)
        return mid

    async def withhold(self, to: Account, *, mid: str = "") -> str:
        """Media to be viewed once: companions are told that there is something, and no more."""
        mid = mid or make_id()
        attrs: dict[str, Value] = {
            "id": mid,
            "from": self.account.jid(),
            "sender_pn": self.account.jid(PHONE),
            "t": int(time.time()),
            "type": "media",
            "notify": self.account.name,
        }
        for device in to.companions:
            node = Node("message", attrs, [Node("unavailable", {"type": "view_once"})])
            await self._server.deliver(device, node, self.account.phone_device)
        return mid

    # -- signs -----------------------------------------------------------------------------------

    async def tick(self, to: Account, kind: Tick, *ids: str, chat: Account | None = None) -> None:
        """Say how far messages of a companion of theirs got. `chat`: to our own, whose messages were read."""
        attrs: dict[str, Value] = {
            "id": ids[0],
            "from": self.account.jid(),
            "recipient": chat.jid() if chat is not None else None,
            "t": int(time.time()),
            "type": None if kind == "delivered" else kind,
        }
        more = [Node("list", {}, [Node("item", {"id": one}) for one in ids[1:]])] if ids[1:] else None
        await self._to_companions(to, Node("receipt", attrs, more))

    async def type(self, to: Account, *, recording: bool = False, stopped: bool = False) -> None:
        media = {"media": "audio"} if recording else {}
        sign = Node("paused") if stopped else Node("composing", media)
        await self._to_companions(to, Node("chatstate", {"from": self.account.jid()}, [sign]))

    async def call(self, to: Account, call: str, *, video: bool = False, ends: bool = False) -> None:
        """Ring, or hang up."""
        inner: dict[str, Value] = {"call-id": call, "call-creator": self.account.jid()}
        sign = (
            Node("terminate", inner) if ends else Node("offer", inner, [Node("video" if video else "audio")])
        )
        attrs: dict[str, Value] = {
            "from": self.account.jid(),
            "id": self._server.next_id(),
            "t": int(time.time()),
        }
        await self._to_companions(to, Node("call", attrs, [sign]))

    async def change_picture(self, data: bytes, *, of: Group | None = None) -> None:
        """Ours, or that of a group; nothing: it is taken away. Everybody's companions are told."""
        pictured = of or self.account
        pictured.picture = data
        jid = self.account.jid() if of is None else of.jid
        change = Node("set" if data else "delete", {"jid": jid, "author": self.account.jid(), "id": "2"})
        await self._announce("picture", jid, [change])

    async def change_group(self, group: Group, sort: GroupChange, *members: Account, name: str = "") -> None:
        """Let somebody in or out, give or take rights, or call it otherwise."""
        if sort == "subject":
            group.name = name
            now = int(time.time())
            change = Node(sort, {"subject": name, "s_t": now, "s_o": self.account.jid()})
        else:
            kept = [one for one in group.members if one not in members]
            group.members = tuple(kept if sort == "remove" else [*kept, *members])
            change = Node(sort, {}, [Node("participant", {"jid": one.jid()}) for one in members])
        await self._announce("w:gp2", group.jid, [change])

    async def _announce(self, sort: str, about: Jid, changes: list[Node]) -> None:
        attrs: dict[str, Value] = {
            "from": about,
            "participant": self.account.jid(),
            "type": sort,
            "id": self._server.next_id(),
            "t": int(time.time()),
        }
        for account in self._server.accounts.values():
            await self._to_companions(account, Node("notification", attrs, changes))

    # -- our own companions ----------------------------------------------------------------------

    async def share_past(self, past: HistorySync) -> None:
        """One chunk of what was said before."""
        stored = self._server.media.put(zlib.compress(past.SerializeToString()), "history")
        said = Message()
        notice = said.protocolMessage
        notice.type = ProtocolMessage.HISTORY_SYNC_NOTIFICATION
        sync = notice.historySyncNotification
        sync.syncType = HistorySyncType.Value(HistorySync.HistorySyncType.Name(past.syncType))
        sync.directPath, sync.mediaKey = stored.path, stored.key
        sync.fileSHA256, sync.fileEncSHA256 = stored.plain_sha256, stored.sealed_sha256
        sync.fileLength = stored.size
        sync.chunkOrder, sync.progress = past.chunkOrder, past.progress
        await self.tell_companions(said)

    async def share_state_key(self) -> None:
        """Let companions read the app state."""
        state, said = self.account.state, Message()
        notice = said.protocolMessage
        notice.type = ProtocolMessage.APP_STATE_SYNC_KEY_SHARE
        key = notice.appStateSyncKeyShare.keys.add()
        key.keyID.keyID, key.keyData.keyData = state.key_id, state.key
        key.keyData.timestamp = int(time.time() * 1000)
        key.keyData.fingerprint.rawID, key.keyData.fingerprint.currentIndex = 1, 0
        await self.tell_companions(said)

    async def know(self, somebody: Account, name: str) -> None:
        """Put somebody into the address book. share_state_key() comes before."""
        value = SyncActionValue()
        value.contactAction.fullName, value.contactAction.firstName = name, name.partition(" ")[0]
        self.account.state.put(ADDRESS_BOOK, ["contact", str(somebody.jid(PHONE))], value)
        await self.tell_state(ADDRESS_BOOK)

    async def tell_state(self, name: str) -> None:
        """A collection of the app state has changed."""
        version = self.account.state.collection(name).version
        attrs: dict[str, Value] = {
            "from": SERVER,
            "type": "server_sync",
            "id": self._server.next_id(),
            "t": int(time.time()),
        }
        content = [Node("collection", {"name": name, "version": version})]
        await self._to_companions(self.account, Node("notification", attrs, content))

    async def unlink(self) -> None:
        """Throw every companion out, as the list of linked devices on the phone does."""
        gone = Node("stream:error", {"code": "401"}, [Node("conflict", {"type": "device_removed"})])
        for device in self.account.companions:
            del self.account.devices[device.number]
            if device.connection is not None:
                await device.connection.end(gone)

    # -- sealing ---------------------------------------------------------------------------------

    async def _seal(self, device: Device, attrs: dict[str, Value], message: Message, media: str) -> None:
        node = Node("message", attrs, [self._sealed(device, message, media)])
        await self._server.deliver(device, node, self.account.phone_device)

    def _sealed(self, device: Device, message: Message, media: str = "") -> Node:
        identity = self.account.identity
        if not identity.knows(device.peer):
            identity.meet(device.peer, device.bundle())
        kind, data = identity.encrypt(device.peer, pad(message.SerializeToString()))
        return Node("enc", {"v": "2", "type": kind, "mediatype": media}, data)

    def _other_name(self, server: str) -> dict[str, Value]:
        if server == LID:
            return {"sender_pn": self.account.jid(PHONE)}
        return {"sender_lid": self.account.jid()}

    async def _to_companions(self, account: Account, node: Node) -> None:
        for device in account.companions:
            await self._server.deliver(device, node, self.account.phone_device)


def _given(group: Group, key: bytes) -> Message:
    said = Message()
    said.senderKeyDistributionMessage.groupID = str(group.jid)
    said.senderKeyDistributionMessage.axolotlSenderKeyDistributionMessage = key
    return said
