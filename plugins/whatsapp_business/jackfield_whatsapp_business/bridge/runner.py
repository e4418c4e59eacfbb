"""One bridge at work: what the engine hears goes to the channel, what the channel says is done."""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

from msgspec import Raw

from jackfield.channel import AnyEvent, ChannelError, Message, MessageId, Unrecognised
from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.engines.base import Engine, Refused, ToSend
from jackfield_whatsapp_business.ids import make_message, parse_file, parse_message, parse_peer, peer_at

from .journal import Entry, Journal

log = logging.getLogger("jackfield.bridge")

AT_ONCE = 64  # entries of the journal on their way to the channel
Tell = Callable[[say.FromBridge], Awaitable[None]]


class Runner:
    """`tell` says a frame to the channel, and raises ConnectionError while there is none.

    It is the engine's Ear: heard() comes from the engine's thread.
    """

    def __init__(self, engine: Engine, journal: Journal, folder: Path) -> None:
        self.engine, self._journal, self._folder = engine, journal, folder
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._said: list[say.Status | say.Code | say.Linked] = []
        self._standing: say.Status | None = None
        self._linked: say.Linked | None = None
        self._last = 0

    # -- the engine's ear ------------------------------------------------------------------------

    def heard(self, kind: int, body: bytes) -> None:
        self._journal.hear(kind, body)
        self._loop.call_soon_threadsafe(self._news.set)

    def status(self, status: say.Status) -> None:
        self._standing = status
        self._tell_soon(status)

    def code(self, code: say.Code) -> None:
        self._tell_soon(code)

    def linked(self, linked: say.Linked) -> None:
        self._linked = linked
        self._tell_soon(linked)

    def _tell_soon(self, frame: say.Status | say.Code | say.Linked) -> None:
        self._said.append(frame)
        self._news.set()

    # -- to the channel --------------------------------------------------------------------------

    async def report(self, tell: Tell) -> None:
        """Say who we are, how things stand, and everything that was heard and not acknowledged; go on until
        the connection ends (ConnectionError) or this is cancelled."""
        about = self.engine.about
        await tell(
            say.Hello(
                version=say.VERSION,
                engine=about.name,
                engine_version=about.version,
                network_version=about.network,
                built=about.built,
                last=self._last,
            )
        )
        self._said = [frame for frame in (self._linked, self._standing) if frame is not None]
        sent = self._last
        while True:
            self._news.clear()
            while self._said:
                await tell(self._said.pop(0))
            entries = self._journal.after(sent, AT_ONCE)
            for entry in entries:
                events = self._events(entry)
                self._journal.wrote(authors(events))
                await tell(say.Heard(number=entry.number, events=events, raw=entry.body))
                sent = entry.number
            if not entries:
                await self._news.wait()  # until the engine hears something

    def _events(self, entry: Entry) -> tuple[AnyEvent, ...]:
        try:
            return tuple(self.engine.events(entry.kind, entry.body))
        except Exception as error:  # one bad message must not stand in the way of the next
            log.exception("entry %d of kind %d cannot be read", entry.number, entry.kind)
            return (unreadable(entry, error),)

    # -- from the channel ------------------------------------------------------------------------

    def acknowledge(self, number: int) -> None:
        self._journal.acknowledge(number)
        self._last = max(self._last, number)

    async def do(self, command: say.Command) -> say.Done | say.Failed | say.Alive:
        """Do what is said, and answer."""
        try:
            return await self._do(command)
        except Refused as error:
            return say.Failed(ref=command.ref, error=error.error, text=error.text, code=error.code)
        except ChannelError as error:  # the conversion refuses it: nothing was said
            return say.Failed(ref=command.ref, error=error.code, text=error.detail)
        except Exception as error:
            log.exception("%s could not be done", type(command).__name__)
            return say.Failed(ref=command.ref, error="outcome_unknown", text=type(error).__name__)

    async def _do(self, command: say.Command) -> say.Done | say.Failed | say.Alive:  # one case each
        engine, ref = self.engine, command.ref
        match command:
            case say.Send():
                return await self._send(command)
            case say.Link():
                await engine.link(command.phone)
            case say.React():
                target = parse_message(MessageId(command.target))
                author = self._journal.author(command.target)
                await engine.react(target, command.emoji, ours=not author, author=author)
            case say.Change():
                await engine.change(parse_message(MessageId(command.target)), command.text)
            case say.Revoke():
                await engine.revoke(parse_message(MessageId(command.target)))
            case say.Read():
                await engine.read(parse_message(MessageId(command.upto)), self._journal.author(command.upto))
            case say.Type():
                await engine.typing(parse_peer(command.to), stopped=command.stopped)
            case say.Fetch():
                file = parse_file(command.file)
                path = self._folder / f"fetched-{ref}"
                size = await engine.fetch(file, path)
                return say.Done(ref=ref, path=str(path), size=size)
            case say.Ask():
                pulse = await engine.pulse()
                return say.Alive(ref=ref, round_trip=pulse.round_trip, silent=pulse.silent, memory=memory())
            case say.Unlink():
                await engine.unlink()
            case _:
                assert_never(command)
        return say.Done(ref=ref)

    async def _send(self, command: say.Send) -> say.Done | say.Failed:
        """Once for each txn, whatever is killed in between."""
        to = parse_peer(command.to)
        began = self._journal.begin(command.txn)
        if began:
            return say.Done(ref=command.ref, id=make_message(to, began))
        if began is not None:
            text = "it was begun before, and nobody knows how it ended"
            return say.Failed(ref=command.ref, error="outcome_unknown", text=text)
        given = next(iter(command.files.values()), None)
        message = ToSend(
            to=to,
            part=command.part,
            answers=parse_message(MessageId(command.reply_to)) if command.reply_to else None,
            author=self._journal.author(command.reply_to) if command.reply_to else "",
            file=Path(given.path) if given is not None else None,
        )
        try:
            number = await self.engine.send(message)
        except Refused as error:
            if error.error != "outcome_unknown":
                self._journal.refused(command.txn)
            raise
        except ChannelError:
            self._journal.refused(command.txn)
            raise
        self._journal.sent(command.txn, number)
        return say.Done(ref=command.ref, id=make_message(to, number))


def authors(events: Sequence[AnyEvent]) -> dict[str, str]:
    """Who wrote the messages among these, by the strongest address."""
    return {
        event.id: str(peer)
        for event in events
        if isinstance(event, Message) and event.sender.addresses
        if (peer := peer_at(event.sender.addresses[0])) is not None
    }


def unreadable(entry: Entry, error: Exception) -> Unrecognised:
    """What was heard and cannot be read: its bytes go along in the frame, and are kept."""
    note = f"{type(error).__name__}: {error}"[:500]
    return Unrecognised(at=datetime.now(UTC), kind=f"event {entry.kind}", raw=Raw(b"null"), note=note)


def memory() -> int:
    """Bytes that this process has in memory at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
