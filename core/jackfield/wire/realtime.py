"""Frames of the websocket /realtime. C: the client says it, S: the server does. See docs/realtime.md.

Durable events go to every session of a workspace as the same bytes: `prev` is the seq of the event
before it in that workspace for this audience, so a client knows at once that one is missing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Raw, Struct

from .commands import AnyCommand
from .views import ConversationView, MessageView, StreamHead

VERSION = 1


class Frame(Struct, frozen=True, kw_only=True, tag_field="t", omit_defaults=True):
    """One JSON object; the server may also send an array of them."""


class Hello(Frame, frozen=True, kw_only=True, tag="hello"):
    """C: first frame of a page that has just read its boot. `streams`: where that boot stands."""

    v: int
    streams: dict[str, StreamHead] = {}
    build: str = ""
    tab: str = ""
    locale: str = ""


class Resume(Frame, frozen=True, kw_only=True, tag="resume"):
    """C: first frame after a lost connection."""

    v: int
    streams: dict[str, StreamHead]
    build: str = ""
    tab: str = ""


class Ready(Frame, frozen=True, kw_only=True, tag="ready"):
    """S: live from here. `streams`: every workspace of this session, at the position events go on from."""

    sid: str
    streams: dict[str, StreamHead]
    hb: int  # ms between pings
    now: int
    build: str
    limits: dict[str, int]


class Resumed(Frame, frozen=True, kw_only=True, tag="resumed"):
    """S: what was missed follows in the next frames, whole and in order (`count` events, those meant for
    this operator), then live events. Never a part of it."""

    sid: str
    streams: dict[str, StreamHead]
    count: int
    now: int
    build: str


class Reset(Frame, frozen=True, kw_only=True, tag="reset"):
    """S: the state of this workspace has to be read again; drafts and outbox stay."""

    ws: str
    why: Literal["too_old", "epoch", "rights", "overflow"]
    stream: StreamHead | None = None


class Ev(Frame, frozen=True, kw_only=True, tag="ev"):
    """S: a stream event. `d` is wire.stream.AnyStreamEvent, its name in `d.e`.

    Apply it if `prev` is not beyond the last seq seen in this workspace; otherwise something is
    missing: keep it and ask for `diff`. A seq that was seen already is a repetition.
    """

    ws: str
    seq: int
    prev: int
    d: Raw


class Eph(Frame, frozen=True, kw_only=True, tag="eph"):
    """S: may be lost. typing: {who, name, mode}; viewing: {who: [operator ids]}; remote typing: {contact}."""

    e: Literal["typing", "viewing", "presence", "progress"]
    ws: str
    conv: str = ""
    d: dict[str, Any] = {}
    ttl: int = 6000  # ms


class Cmd(Frame, frozen=True, kw_only=True, tag="cmd"):
    """C: a verb. The same `cid` again gets the same answer for 24 hours and does nothing twice."""

    cid: Annotated[str, Meta(min_length=1, max_length=64)]
    d: AnyCommand


class Ok(Frame, frozen=True, kw_only=True, tag="ok"):
    cid: str
    d: Raw  # AnyAnswer


class Err(Frame, frozen=True, kw_only=True, tag="err"):
    """S: `code` is stable, `text` is for a person in the session's language."""

    cid: str
    code: str
    text: str = ""
    retry: bool = False
    d: dict[str, Any] = {}


class Open(Frame, frozen=True, kw_only=True, tag="open"):
    """C: this conversation is on screen: `window` answers what came after `have` (a pos), and its
    typing and viewing follow."""

    conv: str
    have: int = 0


class CloseFrame(Frame, frozen=True, kw_only=True, tag="close"):
    conv: str


class Folder(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a list shows. `ws` None: all workspaces of the session."""

    ws: str | None = None
    channel: str | None = None
    status: Literal["open", "snoozed", "closed", "all"] = "open"
    assignee: Literal["", "me", "none"] | str = ""
    label: str | None = None
    unread: bool = False


class ViewList(Frame, frozen=True, kw_only=True, tag="view"):
    """C: a page of a list, newest first. `after`: cursor of the page before."""

    id: str
    list: Folder
    after: str | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 60


class Unview(Frame, frozen=True, kw_only=True, tag="unview"):
    id: str


class Window(Frame, frozen=True, kw_only=True, tag="window"):
    """S: answer to view or open. `at`: the positions it was read at; later events go on from there."""

    at: dict[str, int]
    id: str | None = None
    conv: str | None = None
    rows: tuple[ConversationView, ...] = ()
    msgs: tuple[MessageView, ...] = ()
    next: str | None = None
    more: bool = False


class Typing(Frame, frozen=True, kw_only=True, tag="typing"):
    """C: at most one in three seconds."""

    conv: str
    mode: Literal["reply", "note", "stopped"] = "reply"


class Diff(Frame, frozen=True, kw_only=True, tag="diff"):
    """C: events are missing after this seq. Answered by the events, or by reset."""

    ws: str
    seq: int


class Ping(Frame, frozen=True, kw_only=True, tag="ping"):
    """S: with the head of each stream, so that a silent loss is found."""

    seqs: dict[str, int]


class Pong(Frame, frozen=True, kw_only=True, tag="pong"):
    seqs: dict[str, int] = {}


class Probe(Frame, frozen=True, kw_only=True, tag="probe"):
    """C: are you there? (a laptop woke up). S answers ping at once."""


ClientFrame = Hello | Resume | Cmd | Open | CloseFrame | ViewList | Unview | Typing | Diff | Pong | Probe
ServerFrame = Ready | Resumed | Reset | Ev | Eph | Ok | Err | Window | Ping


class CloseCode:
    """4001–4029: come back by yourself, with back-off. 4403: do not."""

    PROTOCOL = 4001
    TOO_BIG = 4002
    UNAUTHORISED = 4003
    SLOW = 4008
    SESSION_GONE = 4009
    GOING_DOWN = 4010
    RATE = 4029
    FORBIDDEN = 4403
