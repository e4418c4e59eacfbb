"""One bridge at work: what the engine hears goes to the channel, what the channel says is done."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

import msgspec
from msgspec import Raw

from jackfield.channel import (
    AnyEvent,
    ChannelError,
    MessageId,
    Receipt,
    SamePerson,
    TxnId,
    Unrecognised,
)
from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.engines.base import Engine, Refused, ToSend
from jackfield_whatsapp_business.ids import (
    Peer,
    address_of,
    make_conversation,
    make_message,
    parse_file,
    parse_message,
    parse_peer,
    picture_of,
)

from .curiosity import Curiosity
from .gaps import Gaps
from .journal import Entry, Journal
from .memory import in_use
from .notebook import Notebook
from .settling import Settling

log = logging.getLogger("jackfield.bridge")

AT_ONCE = 64  # entries of the journal on their way to the channel
OWN = 0
"""The kind of an entry that no engine has heard: events that the bridge found out itself, as JSON."""

OVER: frozenset[say.LinkState] = frozenset(
    {"replaced", "temp_banned", "locked", "banned", "logged_out", "engine_outdated"}
)
"""Nothing more is heard then: a bridge ends when all that it heard has arrived."""

Tell = Callable[[say.FromBridge], Awaitable[None]]
own_events = msgspec.json.Decoder(tuple[AnyEvent, ...]).decode


class Runner:
    """`tell` says a frame to the channel, and raises ConnectionError while there is none.

    It is the engine's Ear: heard() comes from the engine's thread.
    """

    def __init__(self, engine: Engine, journal: Journal, notebook: Notebook, folder: Path) -> None:
        self.engine, self._journal, self._notebook, self._folder = engine, journal, notebook, folder
        self.curiosity = Curiosity(engine, notebook, self.found_out)
        self._gaps = Gaps(engine, journal)
        self._settling = Settling(engine, journal, notebook)
        self.over = asyncio.Event()
        self._begun = deque[str](maxlen=AT_ONCE)  # the sends of this process
        self._late: set[asyncio.Task[None]] = set()  # messages whose outcome is still awaited
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

    def found_out(self, events: Sequence[AnyEvent]) -> None:
        """Something that the engine was asked for, or that follows from what it heard."""
        self._journal.hear(OWN, msgspec.json.encode(events))
        self._news.set()

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
                await tell(say.Heard(number=entry.number, events=events, raw=entry.body))
                sent = entry.number
            if not entries:
                self._gaps.look(self.found_out)
                self._look_whether_over()
                await self._news.wait()  # until the engine hears something

    def _events(self, entry: Entry) -> tuple[AnyEvent, ...]:
        if entry.kind == OWN:
            return tuple(own_events(entry.body))
        try:
            self._journal.arrive(self.engine.numbers(entry.kind, entry.body))
            heard = self.curiosity.notice(self.engine.events(entry.kind, entry.body, self.curiosity.names))
            return tuple(event for one in heard for event in self._settled(one))
        except Exception as error:  # one bad message must not stand in the way of the next
            log.exception("entry %d of kind %d cannot be read", entry.number, entry.kind)
            return (unreadable(entry, error),)

    def _settled(self, event: AnyEvent) -> Iterator[AnyEvent]:
        if isinstance(event, Receipt):
            yield from self._settling.settled(event)
        else:
            yield event

    def _look_whether_over(self) -> None:
        if self._standing is not None and self._standing.state in OVER and not self._journal.waits():
            self.over.set()

    # -- from the channel ------------------------------------------------------------------------

    def acknowledge(self, number: int) -> None:
        self._journal.acknowledge(number)
        self._last = max(self._last, number)
        self._look_whether_over()

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
                author = self._notebook.author(command.target)
                await engine.react(target, command.emoji, ours=not author, author=author)
            case say.Change():
                await engine.change(parse_message(MessageId(command.target)), command.text)
            case say.Revoke():
                await engine.revoke(parse_message(MessageId(command.target)))
            case say.Read():
                await engine.read(parse_message(MessageId(command.upto)), self._notebook.author(command.upto))
            case say.Type():
                await engine.typing(parse_peer(command.to), stopped=command.stopped)
            case say.Fetch():
                return await self._fetch(command)
            case say.Ask():
                pulse = await engine.pulse()
                return say.Alive(ref=ref, round_trip=pulse.round_trip, silent=pulse.silent, memory=in_use())
            case say.Unlink():
                await engine.unlink()
            case _:
                assert_never(command)
        return say.Done(ref=ref)

    async def _fetch(self, command: say.Fetch) -> say.Done:
        path = self._folder / f"fetched-{command.ref}"
        person = picture_of(command.file)
        if person is not None:
            size = await self.engine.picture(person, path)
        else:
            size = await self.engine.fetch(parse_file(command.file), path)
        return say.Done(ref=command.ref, path=str(path), size=size)

    async def _send(self, command: say.Send) -> say.Done | say.Failed:
        """Once for each txn, whatever is killed in between."""
        asked = parse_peer(command.to)
        began = self._journal.begin(command.txn, command.to)
        if began:
            return say.Done(ref=command.ref, id=make_message(asked, began))
        if began is not None and command.ref in self._begun:  # the same question, over another connection
            text = "it was begun before, and nobody knows how it ended"
            return say.Failed(ref=command.ref, error="outcome_unknown", text=text)
        self._begun.append(command.ref)  # what was unclear before is said again: a person has decided so
        given, to = next(iter(command.files.values()), None), asked
        try:
            to = await self._resolved(asked)
            message = ToSend(
                to=to,
                part=command.part,
                answers=parse_message(MessageId(command.reply_to)) if command.reply_to else None,
                author=self._notebook.author(command.reply_to) if command.reply_to else "",
                file=Path(given.path) if given is not None else None,
            )
            number = await self.engine.send(message)
        except Refused as error:
            if error.error != "outcome_unknown":
                self._journal.refused(command.txn)
            elif error.later is not None:
                self._await(command.txn, to, error.later)
            raise
        except ChannelError:
            self._journal.refused(command.txn)
            raise
        self._journal.sent(command.txn, number)
        return say.Done(ref=command.ref, id=make_message(to, number))

    async def _resolved(self, peer: Peer) -> Peer:
        """The chat goes under its strongest address: the channel is told that both are one."""
        to = await self.engine.resolve(peer)
        addresses = (address_of(to), address_of(peer))
        if to != peer and addresses[0] is not None and addresses[1] is not None:
            same = SamePerson(
                at=datetime.now(UTC),
                known_as=(addresses[0], addresses[1]),
                moved=True,
                conversation=make_conversation(to),
                was=make_conversation(peer),
            )
            self.found_out([same])
        return to

    def _await(self, txn: str, to: Peer, later: Awaitable[str]) -> None:
        """The network has not answered in time; it may yet."""

        async def learn() -> None:
            try:
                number = await later
            except Exception as error:
                log.info("what became of %s stays unknown: %s", txn, error)
                return
            self._journal.sent(txn, number)
            target = make_message(to, number)
            sent = Receipt(at=datetime.now(UTC), targets=(target,), level="sent", txn=TxnId(txn))
            self.found_out([sent])

        task = asyncio.create_task(learn())
        self._late.add(task)
        task.add_done_callback(self._late.discard)


def unreadable(entry: Entry, error: Exception) -> Unrecognised:
    """What was heard and cannot be read: its bytes go along in the frame, and are kept."""
    note = f"{type(error).__name__}: {error}"[:500]
    return Unrecognised(at=datetime.now(UTC), kind=f"event {entry.kind}", raw=Raw(b"null"), note=note)
