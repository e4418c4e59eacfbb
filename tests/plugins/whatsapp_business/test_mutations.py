"""Whatever the engine hands over, broken as it may be: it goes to the channel, and so do its neighbours."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# (the package's stubs name their neighbours by paths that are not there)
from __future__ import annotations

import asyncio
import ctypes
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import mock_whatsapp  # loads the engine's package quietly, so it comes first
from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.bridge.journal import Journal
from jackfield_whatsapp_business.bridge.notebook import Notebook
from jackfield_whatsapp_business.bridge.runner import Runner
from jackfield_whatsapp_business.engines.base import About, Engine, Opened
from jackfield_whatsapp_business.engines.neonize import opened, reading
from jackfield_whatsapp_business.engines.neonize.engine import Neonize
from neonize.proto import Neonize_pb2 as neo
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e
from whatsapp_bridge import WITHIN

from jackfield.channel import Message, Text, Unrecognised

assert mock_whatsapp.loading
MESSAGE = 17
LID = neo.JID(User="900", Server="lid", RawAgent=0, Device=0, Integrator=0)
SEED, MANY = 7, 300


class Repeating:
    """An engine that only reads what its journal holds."""

    about = About("neonize", "0")
    events = staticmethod(reading.events)
    numbers = staticmethod(opened.numbers)

    def opened(self, after: int) -> Sequence[Opened]:
        return ()


def whole(number: int) -> bytes:
    """A message, as the engine hands it over."""
    source = neo.MessageSource(Chat=LID, Sender=LID, SenderAlt=LID, RecipientAlt=LID, BroadcastListOwner=LID)
    info = neo.MessageInfo(MessageSource=source, ID=f"M{number}", Pushname="Karla", Timestamp=1_750_000_000)
    event = neo.Message(Info=info, Message=e2e.Message(conversation="Hello"))
    _fill(event)
    return event.SerializeToString()


def _fill(message: Any) -> None:
    """Give every field that has to be there its default."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is None and field.is_required and not message.HasField(field.name):
            setattr(message, field.name, field.default_value)
        elif field.message_type is not None and field.is_required:
            _fill(getattr(message, field.name))


def broken(body: bytes, dice: random.Random) -> bytes:
    """With some bytes changed, taken out or cut off."""
    changed = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(changed))
        match dice.randrange(3):
            case 0:
                changed[place] = dice.randrange(256)
            case 1:
                del changed[place]
            case _:
                del changed[max(place, 1) :]
    return bytes(changed)


class Ear:
    """Who listens to an engine, and keeps what it hears."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, bytes]] = []

    def heard(self, kind: int, body: bytes) -> None:
        self.kept.append((kind, body))

    def status(self, status: say.Status) -> None:
        assert status.state == "unlinked"

    def code(self, code: say.Code) -> None: ...
    def linked(self, linked: say.Linked) -> None: ...


async def test_what_is_heard_is_kept_when_the_engine_goes_on(tmp_path: Path) -> None:
    """It acknowledges to the network and calls us; what is not on disk when that returns may be lost."""
    engine, ear = Neonize(About("neonize", "0"), tmp_path), Ear()
    await engine.start(ear)
    body = ctypes.create_string_buffer(whole(1))
    size = len(body) - 1  # without the end of a C string
    goes_on = engine._execute  # pyright: ignore[reportPrivateUsage]  # the engine alone calls it
    goes_on(0, ctypes.addressof(body), size, MESSAGE)
    assert ear.kept == [(MESSAGE, body.raw[:size])]


async def test_no_broken_event_stands_in_the_way_of_another(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    bodies = [whole(number) if number % 3 == 0 else broken(whole(number), dice) for number in range(MANY)]
    journal, notebook = Journal(tmp_path / "journal.db"), Notebook(tmp_path / "notebook.db")
    runner = Runner(cast("Engine", Repeating()), journal, notebook, tmp_path)
    for body in bodies:
        journal.hear(MESSAGE, body)
    journal.hear(9999, b"of another engine")
    said: list[say.Heard] = []
    done = asyncio.Event()

    async def tell(frame: say.FromBridge) -> None:
        if isinstance(frame, say.Heard):
            again = say.from_bridge(say.encode(frame))  # as it goes over the line
            assert isinstance(again, say.Heard)
            said.append(again)
            if len(said) == MANY + 1:
                done.set()

    reporting = asyncio.create_task(runner.report(tell))
    async with asyncio.timeout(WITHIN):
        await done.wait()
    reporting.cancel()
    await asyncio.wait({reporting})
    journal.close()
    notebook.close()
    said = said[: MANY + 1]  # what was found out from them comes after
    assert [frame.raw for frame in said] == [*bodies, b"of another engine"], "each is kept as it was"
    for number in range(0, MANY, 3):
        (message,) = (event for event in said[number].events if isinstance(event, Message))
        assert (message.id, message.parts) == (f"900@lid/M{number}", (Text(body="Hello"),))
    (strange,) = said[-1].events
    assert isinstance(strange, Unrecognised)
