"""Frames: what a client says, read; and why its session ends."""

from __future__ import annotations

import msgspec

from jackfield.web.bodies import NOT_JSON
from jackfield.wire.realtime import ClientFrame, CloseCode

MAX_FRAME = 262_144  # bytes

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)


class Bye(Exception):
    """End the session with this close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class NoCommand(msgspec.Struct, frozen=True):
    """A frame with a `cid` that is no command we know: answered, and the session goes on."""

    cid: str
    why: str


class _Cid(msgspec.Struct):
    cid: str


def read_frame(text: str | bytes) -> ClientFrame | NoCommand:
    """Raises Bye for what no client of this protocol says."""
    if len(text) > MAX_FRAME or (isinstance(text, str) and len(text.encode()) > MAX_FRAME):
        raise Bye(CloseCode.TOO_BIG, f"a frame has at most {MAX_FRAME} bytes")
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        return _no_command(text, error)
    except NOT_JSON as error:
        raise Bye(CloseCode.PROTOCOL, "not JSON") from error


def _no_command(text: str | bytes, error: msgspec.ValidationError) -> NoCommand:
    try:
        return NoCommand(msgspec.json.decode(text, type=_Cid).cid, str(error))
    except NOT_JSON:
        raise Bye(CloseCode.PROTOCOL, str(error)[:100]) from error
