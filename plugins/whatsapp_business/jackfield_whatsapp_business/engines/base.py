"""What an engine is to the bridge: it keeps one linked device, hears, and does what it is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from jackfield.channel import AnyEvent, ConversationInfo
from jackfield_whatsapp_business.ids import File, Named, Peer
from jackfield_whatsapp_business.protocol import Code, Linked, Status
from jackfield_whatsapp_business.sayable import Sayable


class About(NamedTuple):
    """What an engine is. `built`: the day its version was made, ISO 8601; "": it does not say."""

    name: str
    version: str
    network: str = ""
    built: str = ""


class Ear(Protocol):
    """Who listens to an engine. heard() may be called in any thread, and returns once it is on disk: what
    an engine has heard is acknowledged to the network by then. The others are called on the loop."""

    def heard(self, kind: int, body: bytes) -> None: ...
    def status(self, status: Status) -> None: ...
    def code(self, code: Code) -> None: ...
    def linked(self, linked: Linked) -> None: ...


Names = Callable[[Peer], str]
"""What somebody, or a group, is called; "": nobody has said."""


class Refused(Exception):
    """The network or the engine did not take it. `error`: the code of a ChannelError. `later`: where the
    outcome is unknown only for now, the id that a message turns out to have; it raises if it has none."""

    def __init__(self, error: str, text: str, code: str = "", later: Awaitable[str] | None = None) -> None:
        super().__init__(text)
        self.error, self.text, self.code, self.later = error, text, code, later


class Known(NamedTuple):
    """Somebody in the phone's address book, or a business whose name the network has checked."""

    peer: Peer
    name: str
    source: Literal["business", "book"]


class ToSend(NamedTuple):
    """`file`: where the part's file lies; `author`: who wrote what is answered."""

    to: Peer
    part: Sayable
    answers: Named | None = None
    author: str = ""
    file: Path | None = None


class Opened(NamedTuple):
    """A message that the engine has opened. `mark`: rises from one to the next."""

    mark: int
    chat: Peer
    sender: Peer
    number: str


class Pulse(NamedTuple):
    """`round_trip`: ms to the network and back, None: nothing came back; `silent`: seconds."""

    round_trip: float | None
    silent: float


class Engine(Protocol):
    """Every method but events() may raise Refused. None is called twice at once."""

    @property
    def about(self) -> About: ...
    async def start(self, ear: Ear) -> None:
        """Connect, if there is a session; else wait for link()."""
        ...

    async def link(self, phone: str) -> None:
        """Show codes to scan, or characters for a phone, through ear.code()."""
        ...

    def events(self, kind: int, body: bytes, names: Names) -> Sequence[AnyEvent]:
        """What was heard, as events. Pure: the journal may hold what an earlier process heard."""
        ...

    def opened(self, after: int) -> Sequence[Opened]:
        """What others wrote and was opened after a mark, as far as the engine notes it down, oldest first.
        Asked before start()."""
        ...

    def numbers(self, kind: int, body: bytes) -> Sequence[str]:
        """The network's ids of the messages in what was heard."""
        ...

    def made(self, number: str) -> bool:
        """Whether a message's id looks like those that this engine makes."""
        ...

    async def send(self, message: ToSend) -> str:
        """Answers the network's id. Refused("outcome_unknown") if nobody knows whether it went out."""
        ...

    async def react(self, target: Named, emoji: str, *, ours: bool, author: str) -> None: ...
    async def change(self, target: Named, text: str) -> None: ...
    async def revoke(self, target: Named) -> None: ...
    async def read(self, upto: Named, author: str) -> None: ...
    async def typing(self, to: Peer, *, stopped: bool) -> None: ...
    async def fetch(self, file: File, into: Path) -> int:
        """Write a file; answers its bytes."""
        ...

    async def picture(self, of: Peer, into: Path) -> int:
        """Ask for somebody's picture and write it; answers its bytes. Refused("rejected"): there is none,
        or it is not for us."""
        ...

    async def group(self, peer: Peer, names: Names) -> ConversationInfo:
        """Ask what a group is called and who is in it."""
        ...

    async def book(self) -> Sequence[Known]:
        """The names that are known on this side: the network is not asked."""
        ...

    async def resolve(self, peer: Peer) -> Peer:
        """The address under which a person's chat goes: his LID, where a phone number is given. Asks the
        network for this one number if it has to; Refused("unreachable"): nobody there."""
        ...

    async def pulse(self) -> Pulse: ...
    async def unlink(self) -> None: ...
    async def end(self) -> None: ...
