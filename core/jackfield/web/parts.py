"""Parts: what the rest of one process gives its web part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from msgspec import Struct

from jackfield.channel import AnyEvent, Channel, ChannelKind, HookRequest
from jackfield.host import Host, LoginSession
from jackfield.settings import Settings

from .auth.limits import InvitationLimits, SignInLimits
from .auth.passwords import Passwords
from .auth.visits import Visits
from .metrics import Metrics
from .problems import Translate, code_only

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from jackfield.bus import Bus
    from jackfield.inbox.outbox import Outbox
    from jackfield.inbox.perform import Inbox
    from jackfield.inbox.reading import Reading
    from jackfield.plugins import Plugins
    from jackfield.store.store import Store

    from .invitations.walks import Walk


class Line(Struct, frozen=True, kw_only=True):
    """A channel that is open in this process. `config` with its secrets, as the plugin has it."""

    id: int
    workspace: int
    kind: ChannelKind
    channel: Channel
    config: Mapping[str, str]


class Lines(Protocol):
    """The open channels, kept current by whoever opens them. Asked for every webhook: no I/O."""

    def get(self, channel: int) -> Line | None: ...
    def of_kind(self, kind: str) -> Sequence[Line]: ...


NOT_KEPT = frozenset({"authorization", "proxy-authorization", "cookie"})


class Came(Struct, frozen=True, kw_only=True):
    """A provider's call as it came, and what a channel made of it. `line` None: no channel of ours.

    `failed` says why it could not be read; then there are no events. `replays`: the delivery it was
    kept as before, if this is another try. The request is without the headers in NOT_KEPT. `keep`: what
    the channel keeps of it under keys of its own.
    """

    kind: str
    request: HookRequest
    line: Line | None = None
    events: tuple[AnyEvent, ...] = ()
    failed: str = ""
    replays: int | None = None
    keep: Mapping[str, bytes] = {}


class Take(Protocol):
    """Keeps what came, raw and read, in one transaction, and tells whoever observes stored events."""

    async def __call__(self, came: Came, /) -> None:
        """Return once stored. Raises Unavailable, and then nothing of it is."""
        ...


class Attempt(Struct, frozen=True, kw_only=True):
    """Who connects a channel, for which workspace."""

    operator: int
    workspace: int
    again: int | None = None
    invitation: int | None = None  # the client himself does it, by the link that `operator` made


def make_logins() -> WeakKeyDictionary[LoginSession, Attempt]:
    """Logins under way in this process. The host forgets them when they end, and so do we."""
    return WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True)
class Parts:
    """`routes` are further ones (the websocket); `build` names what is running, so that an old page
    notices; `translate(locale, key, params)` answers the key itself where it has no words; `walks` are
    attempts of clients in this process, by invitation."""

    settings: Settings
    store: Store
    bus: Bus
    host: Host
    lines: Lines
    take: Take
    inbox: Inbox
    reading: Reading
    outbox: Outbox
    plugins: Plugins
    translate: Translate = code_only
    routes: Sequence[BaseRoute] = ()
    build: str = ""
    passwords: Passwords = field(default_factory=Passwords)
    limits: SignInLimits = field(default_factory=SignInLimits)
    link_limits: InvitationLimits = field(default_factory=InvitationLimits)
    metrics: Metrics = field(default_factory=Metrics)
    visits: Visits = field(default_factory=Visits)
    logins: WeakKeyDictionary[LoginSession, Attempt] = field(default_factory=make_logins)
    walks: dict[int, Walk] = field(default_factory=dict[int, "Walk"])
