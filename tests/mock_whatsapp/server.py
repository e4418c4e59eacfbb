"""The mock of WhatsApp's servers: one object that tests start, look into and steer."""

from __future__ import annotations

import asyncio
import itertools
import logging
import ssl
import struct
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import ClassVar, Self

from neonize.proto.waCert.WACert_pb2 import CertChain
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from . import engine
from .certificates import Certificates, make_certificates
from .connection import Connection
from .curve import KeyPair, sign
from .devices import Account, Device, Group, Heard
from .media import MediaStore
from .nodes import LID, Jid, Node, Value
from .pairing import Pairing
from .phone import Phone
from .proxy import Proxy
from .ratchet import CannotDecrypt
from .sealing import unpad
from .sender_keys import SenderKey
from .stanzas import once_key, signed_key

log = logging.getLogger("mock_whatsapp")

HOUR, DAY = 3600, 86_400  # seconds
FRAME = 16 * 1024 * 1024  # bytes


class MockWhatsApp:
    """`async with MockWhatsApp(folder).running() as mock:`, then link an engine to it.

    `proxy_url` goes to the engine, `certificates.authority` into SSL_CERT_FILE of its process, and
    `root.public` into engine.trust() there.

    Steering: `refusals` are given to the next logins (attributes of <failure>), `rejections` to the next
    messages: an error's number, SILENT_TAKEN (delivered, not acknowledged) or SILENT_LOST (neither).
    """

    SILENT_TAKEN: ClassVar[str] = "taken"
    SILENT_LOST: ClassVar[str] = "lost"

    def __init__(self, folder: Path) -> None:
        self.certificates: Certificates = make_certificates(folder)
        self.root, self._between, self.key = KeyPair(), KeyPair(), KeyPair()
        self.words = engine.dictionary()
        self.accounts: dict[str, Account] = {}
        self.groups: dict[str, Group] = {}
        self.media = MediaStore()
        self.pairing = Pairing(self)
        self.refusals: deque[Mapping[str, Value]] = deque()
        self.rejections: deque[str] = deque()
        self.logins: asyncio.Queue[Device] = asyncio.Queue()
        self.acks: list[Node] = []
        self.presence: list[str] = []
        self.unlinked: list[Device | None] = []
        self.questions: list[str] = []  # what engines asked for, by namespace
        self.deaf = False  # everything that engines say is swallowed, and their connections stay
        self.undecrypted: list[str] = []  # ids of messages a phone had to ask for again
        self.proxy_url = ""
        self._proxy = Proxy({})
        self._ids = itertools.count(1)
        self._tasks: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Self]:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificates.server, self.certificates.key)
        async with (
            asyncio.TaskGroup() as self._tasks,
            serve(
                self._talk,
                "127.0.0.1",
                0,
                ssl=tls,
                max_size=FRAME,
                compression=None,
                ping_interval=None,
                close_timeout=1,
            ) as sockets,
        ):
            media = await self.media.serve(tls)
            ports = {"web.whatsapp.com:443": _port(sockets), "mmg.whatsapp.net:443": _port(media)}
            self._proxy = Proxy(ports)
            proxy = await self._proxy.serve()
            self.proxy_url = f"http://127.0.0.1:{_port(proxy)}"
            try:
                yield self
            finally:
                for server in (proxy, media):
                    server.close()
                self._proxy.cut()

    # -- people ----------------------------------------------------------------------------------

    def add(self, phone: str, lid: str, name: str, *, business: str = "") -> Phone:
        """Somebody with a phone. `phone` and `lid` are digits."""
        account = self.accounts[phone] = Account(phone, lid, name, business=business)
        return Phone(self, account)

    def add_group(self, number: str, name: str, *members: Phone) -> Group:
        accounts = tuple(phone.account for phone in members)
        group = self.groups[number] = Group(number, name, accounts, int(time.time()))
        return group

    def account(self, jid: Jid | None) -> Account | None:
        if jid is None:
            return None
        if jid.server == LID:
            return next((one for one in self.accounts.values() if one.lid == jid.user), None)
        return self.accounts.get(jid.user)

    def device(self, jid: Jid | None) -> Device | None:
        account = self.account(jid)
        return None if account is None or jid is None else account.devices.get(jid.device)

    # -- the network -----------------------------------------------------------------------------

    @property
    def asked(self) -> list[str]:
        """Every "host:port" an engine wanted to reach."""
        return self._proxy.asked

    def cut(self) -> None:
        """The network goes: every connection breaks without a word, and what is written waits."""
        for account in self.accounts.values():
            for device in account.devices.values():
                device.connection = None
        self._proxy.cut()

    def next_id(self) -> str:
        return f"mock-{next(self._ids)}"

    def later(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await do()

        assert self._tasks is not None
        self._tasks.create_task(wait())

    def certificate_chain(self) -> bytes:
        """The server's key, vouched for by a key that `root` vouches for."""
        chain, now = CertChain(), int(time.time())
        details = CertChain.NoiseCertificate.Details
        valid = {"notBefore": now - HOUR, "notAfter": now + DAY}
        between = details(serial=7, issuerSerial=0, key=self._between.public, **valid).SerializeToString()
        leaf = details(serial=8, issuerSerial=7, key=self.key.public, **valid).SerializeToString()
        chain.intermediate.details = between
        chain.intermediate.signature = sign(self.root.private, between)
        chain.leaf.details, chain.leaf.signature = leaf, sign(self._between.private, leaf)
        return chain.SerializeToString()

    async def deliver(self, device: Device, node: Node, sender: Device) -> None:
        """To a companion as it is, now or when it is back; a phone opens it."""
        if device.identity is not None:
            if node.tag == "message":
                await self._open(device, node, sender)
        elif device.connection is not None:
            device.tell(node)
            with suppress(ConnectionClosed):  # it hears it when it is back
                await device.connection.send(node)
        else:
            device.waiting.append(node)

    async def _open(self, device: Device, node: Node, sender: Device) -> None:
        assert device.identity is not None
        for sealed in (child for child in node.children if child.tag == "enc"):
            kind = sealed.text("type")
            try:
                if kind == "skmsg":
                    plain = device.sender_keys[node.text("from"), sender.peer].decrypt(sealed.data)
                else:
                    plain = device.identity.decrypt(sender.peer, kind, sealed.data)
            except (CannotDecrypt, KeyError) as error:
                log.info("%s cannot read %s: %s", device.jid(), node.text("id"), error)
                self.undecrypted.append(node.text("id"))
                await self._ask_again(device, node, sender)
                return
            message = Message.FromString(unpad(plain))
            given = message.senderKeyDistributionMessage
            if given.groupID:
                key = SenderKey.read(given.axolotlSenderKeyDistributionMessage)
                device.sender_keys[given.groupID, sender.peer] = key
            else:
                device.account.heard.put_nowait(Heard(sender, node, message))

    async def _ask_again(self, device: Device, node: Node, sender: Device) -> None:
        """What a phone does that cannot read: ask for the message once more, with new keys."""
        assert device.identity is not None
        device.identity.forget(sender.peer)
        bundle, mid = device.bundle(), node.text("id")
        keys = [
            Node("type", {}, b"\x05"),
            Node("identity", {}, bundle.identity),
            once_key(bundle),
            signed_key(bundle),
        ]
        content = [
            Node("retry", {"count": "1", "id": mid, "t": node.text("t"), "v": "1"}),
            Node("registration", {}, struct.pack(">I", bundle.registration)),
            Node("keys", {}, keys),
        ]
        attrs: dict[str, Value] = {
            "from": device.jid(),
            "id": mid,
            "type": "retry",
            "t": int(time.time()),
            "recipient": node.attrs.get("recipient"),
        }
        if sender.connection is not None:
            await sender.connection.send(Node("receipt", attrs, content))

    async def _talk(self, socket: ServerConnection) -> None:
        try:
            await Connection(self, socket).run()
        except Exception:
            log.exception("a connection broke")
            raise


def _port(server: asyncio.Server | Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])
