"""One linked device on neonize. Its Go side runs in threads of its own and calls back from them."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false
# (the package says little of its types, and its stubs name neighbours by paths that are not there)
from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ["NEONIZE_BOT_TAG"] = "off"  # else customers' phones show our words as those of an AI

from neonize._binder import ProxySettings
from neonize.aioze.client import NewAClient
from neonize.events import EVENT_TO_INT
from neonize.exc import (
    ContactStoreError,
    DownloadError,
    GetGroupInfoError,
    GetJIDFromStoreError,
    GetProfilePictureError,
    GetUserInfoError,
    IsOnWhatsAppError,
    SendMessageError,
    UploadError,
)
from neonize.proto.Neonize_pb2 import JID
from neonize.utils.enum import (
    ChatPresence,
    ChatPresenceMedia,
    MediaType,
    MediaTypeToMMS,
    ReceiptType,
)

from jackfield.channel import AnyEvent, ConversationInfo, Media
from jackfield_whatsapp_business.engines.base import (
    About,
    Ear,
    Known,
    Names,
    Opened,
    Pulse,
    Refused,
    ToSend,
)
from jackfield_whatsapp_business.ids import PHONE, File, MediaKind, Named, Peer
from jackfield_whatsapp_business.protocol import Code, Status

from . import groups, opened, reading, spoken
from .people import known, peer_of
from .pictures import download
from .states import GONE, login_status, status_of

log = logging.getLogger("jackfield.bridge")

SESSION = "session.db"
OPTIONS = "?_journal_mode=WAL&_synchronous=NORMAL&_foreign_keys=on&_x="
"""The engine puts the name into a URI. Without WAL linking takes seven seconds, with it a quarter of one."""

THREADS = 16  # the engine holds one for as long as it is connected
QR_FIRST, QR_NEXT = 60.0, 20.0  # seconds a code can be scanned
PAIR_CODE = 160.0
OWN_ID, OWN_ID_LENGTH = "3EB0", 22  # how the engine begins its messages' ids, and how long they are
CONFIRMED = 30.0  # seconds to wait for the server to take a message
AFTER_HEARING = 0.3  # seconds: keys that are used both ways at once may be used twice
LEAVE = 2.0  # seconds in which a phone may ask for a message again, which an engine that ended cannot say

_TYPES: dict[MediaKind, tuple[MediaType, MediaTypeToMMS]] = {
    "image": (MediaType.MediaImage, MediaTypeToMMS.MediaImage),
    "video": (MediaType.MediaVideo, MediaTypeToMMS.MediaVideo),
    "audio": (MediaType.MediaAudio, MediaTypeToMMS.MediaAudio),
    "document": (MediaType.MediaDocument, MediaTypeToMMS.MediaDocument),
}


class Neonize:
    def __init__(self, about: About, folder: Path, *, proxy: str = "") -> None:
        self.about = about
        self._session, self._proxy = folder / SESSION, proxy
        self._client: Any = NewAClient(f"{self._session}{OPTIONS}", uuid=folder.name)
        self._ear: Ear | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS))
        self._connected = False  # a question to an engine that has no session ends its process
        self._codes = 0
        self._phone = ""
        self._heard_at, self._said_at = time.monotonic(), 0.0

    # -- the connection --------------------------------------------------------------------------

    async def start(self, ear: Ear) -> None:
        self._ear = ear
        client = self._client
        client.event.list_func = dict.fromkeys(EVENT_TO_INT.values())  # what is subscribed to
        client.event.execute = self._execute
        client._NewAClient__onQr = self._on_qr
        client._NewAClient__onLoginStatus = self._on_login
        if self._session.exists():
            await self._connect()
        else:
            ear.status(Status(state="unlinked"))

    async def link(self, phone: str) -> None:
        self._phone, self._codes = phone, 0
        self._listener.status(Status(state="linking"))
        await self._connect()

    async def end(self) -> None:
        if self._session.exists():
            await asyncio.sleep(max(0.0, self._said_at + LEAVE - time.monotonic()))
            await self._client.disconnect()

    async def unlink(self) -> None:
        await self._try(self._client.logout(), error="unavailable")
        self._forget()

    async def _connect(self) -> None:
        proxy = ProxySettings(self._proxy) if self._proxy else None
        task = await self._client.connect(proxy)
        task.add_done_callback(self._returned)

    def _returned(self, task: asyncio.Task[Any]) -> None:
        """The engine has let go of the connection for good, and said why before."""
        if not task.cancelled() and (error := task.exception()):
            log.warning("the engine ended: %s", error)

    def _forget(self) -> None:
        """The session is over: its keys must not lie about."""
        for path in self._session.parent.glob(f"{SESSION}*"):
            path.unlink(missing_ok=True)

    @property
    def _listener(self) -> Ear:
        assert self._ear is not None, "start() comes first"
        return self._ear

    # -- called from the engine's threads --------------------------------------------------------

    def _execute(self, _: int, binary: int, size: int, kind: int) -> None:
        """Everything the engine hears. It goes on when this returns: then it is on disk."""
        body = ctypes.string_at(binary, size)
        if reading.keeps(kind):
            self._listener.heard(kind, body)
        self._loop.call_soon_threadsafe(self._noticed, kind, body)

    def _on_qr(self, _: int, text: int) -> None:
        self._loop.call_soon_threadsafe(self._show_code, ctypes.string_at(text).decode())

    def _on_login(self, _: int, text: int) -> None:
        self._loop.call_soon_threadsafe(self._login_said, ctypes.string_at(text).decode())

    # -- and then on the loop --------------------------------------------------------------------

    def _noticed(self, kind: int, body: bytes) -> None:
        self._heard_at = time.monotonic()
        if (linked := reading.linked(kind, body)) is not None:
            self._listener.linked(linked)
        status = status_of(kind, body)
        if status is None:
            return
        self._connected = status.state in {"connected", "syncing"}
        if status.state in GONE:
            self._forget()
        self._listener.status(status)

    def _show_code(self, text: str) -> None:
        self._codes += 1
        if self._phone:
            if self._codes == 1:  # it is connected: characters can be asked for
                self._keep(self._loop.create_task(self._ask_characters()))
            return
        self._listener.code(Code(kind="qr", text=text, seconds=QR_FIRST if self._codes == 1 else QR_NEXT))

    async def _ask_characters(self) -> None:
        try:
            code = await self._client.PairPhone(self._phone, True)
        except Exception as error:
            self._listener.status(Status(state="link_failed", text=str(error)))
            return
        self._listener.code(Code(kind="pair", text=code, seconds=PAIR_CODE))

    def _login_said(self, word: str) -> None:
        if (status := login_status(word)) is not None:
            self._listener.status(status)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._task = task  # the loop itself holds no reference

    # -- what is said ----------------------------------------------------------------------------

    def events(self, kind: int, body: bytes, names: Names) -> Sequence[AnyEvent]:
        return reading.events(kind, body, names)

    def opened(self, after: int) -> Sequence[Opened]:
        return opened.opened(self._session, after)

    def numbers(self, kind: int, body: bytes) -> Sequence[str]:
        return opened.numbers(kind, body)

    def made(self, number: str) -> bool:
        return number.startswith(OWN_ID) and len(number) == OWN_ID_LENGTH

    async def send(self, message: ToSend) -> str:
        uploaded = None
        if message.file is not None and isinstance(message.part, Media):
            uploaded = await self._upload(message.file, spoken.kind_of(message.part))
        content = spoken.content(message.part, uploaded, message.answers, message.author)
        return await self._say(message.to, content)

    async def react(self, target: Named, emoji: str, *, ours: bool, author: str) -> None:
        content = spoken.reaction(target, ours=ours, author=author, emoji=emoji, at_ms=_now())
        await self._say(target.chat, content)

    async def change(self, target: Named, text: str) -> None:
        await self._say(target.chat, spoken.edit(target, text, at_ms=_now()))

    async def revoke(self, target: Named) -> None:
        await self._say(target.chat, spoken.revoke(target))

    async def read(self, upto: Named, author: str) -> None:
        sender = _jid(author) if author else jid(upto.chat)
        await self._try(
            self._client.mark_read(upto.number, chat=jid(upto.chat), sender=sender, receipt=ReceiptType.READ),
            error="unavailable",
        )

    async def typing(self, to: Peer, *, stopped: bool) -> None:
        state = ChatPresence.CHAT_PRESENCE_PAUSED if stopped else ChatPresence.CHAT_PRESENCE_COMPOSING
        media = ChatPresenceMedia.CHAT_PRESENCE_MEDIA_TEXT
        await self._try(self._client.send_chat_presence(jid(to), state, media), error="unavailable")

    async def fetch(self, file: File, into: Path) -> int:
        kind, mms = _TYPES[file.kind]
        try:
            data = await self._client.download_media_with_path(
                file.path, file.sealed, file.plain, file.key, file.size, kind, mms
            )
        except DownloadError as error:
            gone = "404" in str(error) or "410" in str(error)
            raise Refused("rejected" if gone else "unavailable", str(error)) from error
        await asyncio.to_thread(into.write_bytes, data)
        return len(data)

    async def picture(self, of: Peer, into: Path) -> int:
        try:
            async with asyncio.timeout(CONFIRMED):
                found = await self._client.get_profile_picture(jid(of))
        except TimeoutError as error:
            raise Refused("unavailable", "no answer from the network") from error
        except GetProfilePictureError as error:
            raise Refused("rejected", str(error)) from error
        if not found.URL:
            raise Refused("rejected", "there is no picture")
        return await download(found.URL, into, proxy=self._proxy)

    async def group(self, peer: Peer, names: Names) -> ConversationInfo:
        try:
            async with asyncio.timeout(CONFIRMED):
                found = await self._client.get_group_info(jid(peer))
        except TimeoutError as error:
            raise Refused("unavailable", "no answer from the network") from error
        except GetGroupInfoError as error:
            raise Refused("unavailable", str(error)) from error
        info = groups.whole(found, datetime.now(UTC), names)
        if info is None:
            raise Refused("rejected", f"{peer} is no group")
        return info

    async def book(self) -> Sequence[Known]:
        if not self._connected:
            raise Refused("unavailable", "it is not connected")
        try:
            return list(known(await self._client.contact.get_all_contacts()))
        except ContactStoreError as error:
            raise Refused("unavailable", str(error)) from error

    async def resolve(self, peer: Peer) -> Peer:
        if peer.server != PHONE:
            return peer
        if (found := await self._lid(peer)) is not None:
            return found
        try:
            async with asyncio.timeout(CONFIRMED):
                (answer,) = await self._client.is_on_whatsapp(f"+{peer.user}")
                if not answer.IsIn:
                    text = "nobody uses WhatsApp under this number"
                    raise Refused("unreachable", text, "not_on_whatsapp")
                await self._client.get_user_info(answer.JID)  # which tells the LID, and keeps it
        except TimeoutError as error:
            raise Refused("unavailable", "no answer from the network") from error
        except (IsOnWhatsAppError, GetUserInfoError, ValueError) as error:
            raise Refused("unavailable", str(error)) from error
        return await self._lid(peer) or peer_of(answer.JID) or peer

    async def _lid(self, peer: Peer) -> Peer | None:
        """As far as it is known on this side."""
        try:
            return peer_of(await self._client.get_lid_from_pn(jid(peer)))
        except GetJIDFromStoreError:
            return None

    async def pulse(self) -> Pulse:
        """A question that the network answers, measured: one that the engine keeps no answer of."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(CONFIRMED):
                await self._client.get_blocklist()
        except Exception as error:
            log.info("no round trip: %s", error)
            return Pulse(None, time.monotonic() - self._heard_at)
        return Pulse((time.monotonic() - began) * 1000, time.monotonic() - self._heard_at)

    async def _say(self, to: Peer, content: Any) -> str:
        pause = AFTER_HEARING - (time.monotonic() - self._heard_at)
        if pause > 0:
            await asyncio.sleep(pause)
        sending = self._loop.create_task(self._client.send_message(jid(to), content))
        done, _ = await asyncio.wait({sending}, timeout=CONFIRMED)
        self._said_at = time.monotonic()
        if not done:
            raise Refused("outcome_unknown", "no answer from the network", later=_number(sending))
        try:
            return await _number(sending)
        except SendMessageError as error:
            raise refusal(str(error)) from error

    async def _upload(self, path: Path, kind: MediaKind) -> spoken.Uploaded:
        data = await asyncio.to_thread(path.read_bytes)
        try:
            up = await self._client.upload(data, _TYPES[kind][0])
        except UploadError as error:
            raise Refused("unavailable", str(error)) from error
        return spoken.Uploaded(
            up.url, up.DirectPath, up.MediaKey, up.FileSHA256, up.FileEncSHA256, up.FileLength
        )

    @staticmethod
    async def _try(doing: Any, *, error: str) -> None:
        try:
            async with asyncio.timeout(CONFIRMED):
                await doing
        except TimeoutError as late:
            raise Refused(error, "no answer from the network") from late
        except Exception as wrong:
            raise Refused(error, str(wrong)) from wrong


async def _number(sending: asyncio.Task[Any]) -> str:
    """The id of a message, once the network has taken it."""
    return str((await sending).ID)


def refusal(said: str) -> Refused:
    """What the engine's error comes to: whether the message may have gone out decides."""
    number = next((word for word in said.split() if word.isdigit()), "")
    if "server returned error" in said:
        if number == "463":
            return Refused("unreachable", said, number)  # new chats are barred for this account
        if number in {"429", "479"}:
            return Refused("rate_limited", said, number)
        return Refused("rejected", said, number)
    if any(word in said for word in ("not logged in", "no LID", "can't send", "invalid")):
        return Refused("rejected", said)
    if "failed to get device list" in said or "not connected" in said:
        return Refused("unavailable", said)
    return Refused("outcome_unknown", said)


def jid(peer: Peer) -> JID:
    return JID(User=peer.user, Server=peer.server, Device=0, RawAgent=0, Integrator=0, IsEmpty=False)


def _jid(text: str) -> JID:
    user, _, server = text.rpartition("@")
    return jid(Peer(user, server))


def _now() -> int:
    return time.time_ns() // 1_000_000
