"""One linked device: what its bridge hears goes to core, what core says goes to its bridge.

| protocol  | here because                                                    |
|-----------|-----------------------------------------------------------------|
| Channel   | every channel is one                                            |
| HasMedia  | files are fetched from the network when they are wanted         |
| Reacts    | reactions are messages of their own kind                        |
| Edits     | a text can be changed for a quarter of an hour                  |
| Deletes   | a message can be taken back for everybody                       |
| MarksRead | customers see blue ticks                                        |
| Types     | customers see the typing sign                                   |
| Guarded   | the network shuts out whoever writes too much                   |
| Starts    | by hand, one after another: Guarded says how many               |
| Composes  | what a program says is typed first                              |
| HasHealth | the connection is measured, whatever it says of itself          |
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from jackfield.channel import (
    Address,
    Capabilities,
    Channel,
    ChannelError,
    Composes,
    ConversationId,
    Deletes,
    Download,
    Edits,
    Facts,
    Guarded,
    HasHealth,
    HasMedia,
    HistoryChunk,
    LogEntry,
    MarksRead,
    Media,
    MessageId,
    NotSupported,
    OutcomeUnknown,
    Pace,
    Part,
    Port,
    Protection,
    RateLimited,
    Reacts,
    Rejected,
    Starts,
    Text,
    TxnId,
    Types,
    Unavailable,
    Unreachable,
    Vital,
)

from . import protocol as say
from .abilities import PACE, PROTECTION, capabilities
from .health import vitals
from .ids import (
    make_conversation,
    parse_conversation,
    parse_file,
    parse_message,
    peer_at,
    picture_of,
)
from .line import Gone, Line, NoAnswer
from .manner import manner
from .sayable import sayable
from .standing import Standing

if TYPE_CHECKING:

    def protocols(
        it: BusinessChannel,
    ) -> tuple[
        Channel, HasMedia, Reacts, Edits, Deletes, MarksRead, Types, Guarded, Starts, Composes, HasHealth
    ]:
        """The table above, for the type checker."""
        return it, it, it, it, it, it, it, it, it, it, it


PULSE, PULSE_WITHIN = 30.0, 45.0  # seconds between two round trips, and for one
MISSED = 2  # round trips in a row after which a connection is dead, whatever it says
HEALTH_WITHIN = 15.0  # seconds for a measurement that somebody waits for
HASTE = "JACKFIELD_BRIDGE_HASTE"  # environment: how much of its pauses a program takes to type; else 1
PIECE = 256 * 1024  # bytes of a file
STANDS_WITHIN = 30.0  # seconds in which a bridge that broke is there again, mostly
VOICE = "audio/ogg; codecs=opus"  # phones play no voice that is called otherwise

Command = Callable[[str], say.Command]
"""Made with the number under which it is answered."""

WORDS = {"not_on_whatsapp": "whatsapp_business.error.not_on_whatsapp"}
"""What the catalogue says of an error, by the network's code."""

ERRORS: dict[str, type[ChannelError]] = {
    error.code: error
    for error in (RateLimited, Unavailable, OutcomeUnknown, Unreachable, NotSupported, Rejected)
}


class BusinessChannel:
    """Opening does no I/O; run() starts the bridge, and ends it when it is cancelled."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._line: Line | None = None
        self._standing = Standing(port)
        self._hello: say.Hello | None = None
        self._composing: set[ConversationId] = set()  # where a program is seen typing

    async def run(self) -> None:
        await self._standing.wait_out()
        while True:
            line = Line(self._port.folder, self._hear)
            try:
                await self._live(line)
            except Gone as gone:
                await self._standing.ended(gone, line)

    async def _live(self, line: Line) -> None:
        """As long as one bridge lives. Raises Gone, and Unavailable for a connection that is dead."""
        self._line = line
        holding, watching = asyncio.create_task(line.hold()), asyncio.create_task(self._watch(line))
        try:
            done, _ = await asyncio.wait((holding, watching), return_when=asyncio.FIRST_COMPLETED)
            await done.pop()
        finally:
            self._line = None
            self._standing.leave()
            for task in (watching, holding):
                task.cancel()
            await asyncio.gather(watching, holding, return_exceptions=True)

    async def _watch(self, line: Line) -> None:
        """A connection that brings no answer is none, whatever it says of itself: start the bridge anew."""
        missed = 0
        while True:
            await asyncio.sleep(PULSE)
            self._standing.look()
            try:
                pulse = await line.ask(say.Ask(ref=line.ref()), within=PULSE_WITHIN)
            except NoAnswer:
                missed += 1
            else:
                alive = isinstance(pulse, say.Alive) and pulse.round_trip is not None
                missed = 0 if alive else missed + 1
            if missed >= MISSED:
                raise Unavailable("the network does not answer")

    # -- what the bridge says --------------------------------------------------------------------

    async def _hear(self, frame: say.FromBridge) -> None:
        match frame:
            case say.Heard():
                await self._port.emit(*frame.events, raw=frame.raw)
                for event in frame.events:
                    if isinstance(event, HistoryChunk) and event.progress is not None:
                        self._standing.past_came(event)
            case say.Status():
                await self._standing.said(frame)
            case say.Hello():
                self._hello = frame
                said = f"{frame.engine} {frame.engine_version}, {frame.network_version}"
                self._port.log(LogEntry(op="bridge", ok=True, response=said))
            case _:
                pass  # codes and accounts are the login's business

    async def health(self) -> Sequence[Vital]:
        line, alive = self._line, None
        if line is not None and line.connected:
            with suppress(NoAnswer):
                answer = await line.ask(say.Ask(ref=line.ref()), within=HEALTH_WITHIN)
                alive = answer if isinstance(answer, say.Alive) else None
        return tuple(vitals(self._hello, alive, datetime.now(UTC).date()))

    # -- what is said ----------------------------------------------------------------------------

    async def send(
        self,
        to: ConversationId,
        parts: Sequence[Part],
        txn: TxnId,
        *,
        reply_to: MessageId | None = None,
    ) -> MessageId:
        part = sayable(parts)
        parse_conversation(to)
        path: Path | None = None
        try:
            files: dict[str, say.File] = {}
            if isinstance(part, Media):
                path, file = await self._written(part, txn)
                files[part.ref] = file
                part = structs.replace(part, mime=sent_as(part, file.mime))
            await self._stand()
            done = await self._ask(
                lambda ref: say.Send(ref=ref, to=to, part=part, txn=txn, reply_to=reply_to or "", files=files)
            )
        finally:
            if path is not None:
                await asyncio.to_thread(path.unlink, missing_ok=True)
        await self._composed(to)
        return MessageId(done.id)

    def conversation_with(self, person: Address) -> ConversationId:
        peer = peer_at(person)
        if peer is None:
            raise NotSupported(f"nobody is reached by {person.kind} here")
        return make_conversation(peer)

    async def compose(self, to: ConversationId, parts: Sequence[Part]) -> None:
        seconds = manner(parts, random.random())  # noqa: S311  # not a secret
        share = float(os.environ.get(HASTE) or 1)
        await asyncio.sleep(seconds.look * share)
        await self.typing(to, None)
        self._composing.add(to)
        await asyncio.sleep(seconds.type * share)

    async def _composed(self, to: ConversationId) -> None:
        """Nobody types any more."""
        if to in self._composing:
            self._composing.discard(to)
            with suppress(ChannelError):
                await self._ask(lambda ref: say.Type(ref=ref, to=to, stopped=True))

    async def react(self, to: ConversationId, target: MessageId, emoji: str) -> None:
        parse_message(target)
        await self._stand()
        await self._ask(lambda ref: say.React(ref=ref, target=target, emoji=emoji))

    async def edit(self, to: ConversationId, target: MessageId, parts: Sequence[Part]) -> None:
        part = sayable(parts)
        if not isinstance(part, Text):
            raise NotSupported("only a text can be changed")
        parse_message(target)
        await self._stand()
        await self._ask(lambda ref: say.Change(ref=ref, target=target, text=part.body))

    async def delete(self, to: ConversationId, target: MessageId) -> None:
        parse_message(target)
        await self._stand()
        await self._ask(lambda ref: say.Revoke(ref=ref, target=target))

    async def mark_read(self, to: ConversationId, upto: MessageId) -> None:
        parse_message(upto)
        await self._stand()
        await self._ask(lambda ref: say.Read(ref=ref, upto=upto))

    async def typing(self, to: ConversationId, upto: MessageId | None) -> None:
        parse_conversation(to)
        await self._ask(lambda ref: say.Type(ref=ref, to=to))

    async def download(self, ref: str) -> Download:
        if picture_of(ref) is None:
            parse_file(ref)
        done = await self._ask(lambda number: say.Fetch(ref=number, file=ref))
        return Download(chunks=_consumed(Path(done.path)), size=done.size)

    def capabilities(self, about: Facts) -> Capabilities:
        return capabilities(about)

    def pace(self) -> Pace:
        return PACE

    def protection(self) -> Protection:
        if self._standing.until is None:
            return PROTECTION
        return structs.replace(PROTECTION, until=datetime.fromtimestamp(self._standing.until, UTC))

    async def _written(self, media: Media, txn: TxnId) -> tuple[Path, say.File]:
        """The file where the bridge can read it."""
        want = "audio/ogg" if media.sort == "voice" else ""
        file = await self._port.media(media.ref, want=want)
        path = self._port.folder / f"sending-{txn}"
        with path.open("wb") as written:
            async for chunk in file.chunks():
                await asyncio.to_thread(written.write, chunk)
        return path, say.File(path=str(path), mime=file.mime, name=file.name, size=file.size)

    async def _stand(self) -> None:
        """Wait a while for a bridge that is on its way: core waits longer after each try that fails."""
        if self._line is not None or self._standing.broke:
            await self._standing.stand(STANDS_WITHIN)

    async def _ask(self, command: Command) -> say.Done:
        """Raises the ChannelError that the bridge names, or what is known without it."""
        line = self._line
        if line is None or not line.connected:
            raise Unavailable("the phone's companion is not running")
        try:
            answer = await line.ask(command(line.ref()))
        except NoAnswer as error:
            if error.asked:
                raise OutcomeUnknown("the companion did not say what became of it") from error
            raise Unavailable("the companion was not reached") from error
        match answer:
            case say.Done():
                return answer
            case say.Failed():
                refused = ERRORS.get(answer.error, OutcomeUnknown)
                raise refused(answer.text, remote_code=answer.code, words=WORDS.get(answer.code, ""))
            case _:
                raise OutcomeUnknown("the companion said something else")


def sent_as(media: Media, mime: str) -> str:
    """What a file is called on its way. `mime`: what it is; a browser records a voice as something else."""
    if media.sort == "voice" and mime.partition(";")[0] == "audio/ogg":
        return VOICE
    return mime or media.mime


async def _consumed(path: Path) -> AsyncIterator[bytes]:
    """A fetched file, piece by piece; it is gone afterwards."""
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
    finally:
        file.close()
        await asyncio.to_thread(path.unlink, missing_ok=True)
