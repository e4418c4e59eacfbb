"""A Port for tests: it keeps everything it is given in lists one can look at."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Literal

from jackfield.channel import AnyEvent, LogEntry, MediaFile, State
from jackfield.host.port import redacted
from jackfield.host.recordings import as_wanted
from jackfield.host.redaction import Redact

CHUNK = 64 * 1024  # bytes


class MemoryFile(MediaFile, frozen=True, kw_only=True):
    """A file to be sent, held in memory."""

    data: bytes

    async def chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.data), CHUNK):
            yield self.data[start : start + CHUNK]


class FakePort:
    """What a channel emitted, said and logged. `log` redacts as the host does, with `redact`.

    It serves a login too: `known` is the configuration it begins with, `others` the addresses of other
    channels and where those are.
    """

    private_network = True  # tests call this machine
    hook = "https://jackfield.example.org/hooks/ch_test"

    def __init__(self, redact: Redact = str) -> None:
        self.events: list[AnyEvent] = []
        self.raw: list[bytes] = []
        self.states: list[tuple[State, str, str]] = []
        self.kv: dict[str, bytes] = {}
        self.files: dict[str, MediaFile] = {}
        self.entries: list[LogEntry] = []
        self.calls: list[str] = []  # every use of the port, by the name of its method
        self.known: Mapping[str, str] = {}
        self.others: dict[str, Literal["here", "elsewhere"]] = {}
        self.folder = Path(tempfile.gettempdir(), f"jackfield-{secrets.token_hex(8)}")  # made by who wants it
        self._redact = redact

    def add_file(self, ref: str, data: bytes, *, name: str, mime: str) -> MediaFile:
        """Put a file where media(ref) finds it."""
        file = MemoryFile(ref=ref, name=name, mime=mime, size=len(data), data=data)
        self.files[ref] = file
        return file

    async def emit(self, *events: AnyEvent, raw: bytes = b"") -> None:
        self.calls.append("emit")
        self.events += events
        if raw:
            self.raw.append(raw)

    def state(self, state: State, code: str = "", text: str = "") -> None:
        self.calls.append("state")
        self.states.append((state, code, self._redact(text)))

    async def get(self, key: str) -> bytes | None:
        self.calls.append("get")
        return self.kv.get(key)

    async def put(self, key: str, value: bytes | None) -> None:
        self.calls.append("put")
        if value is None:
            self.kv.pop(key, None)
        else:
            self.kv[key] = value

    async def media(self, ref: str, *, want: str = "") -> MediaFile:
        """Raises KeyError for a ref that was not added."""
        self.calls.append("media")
        return await as_wanted(self.files[ref], want)

    async def taken(self, external_id: str) -> Literal["", "here", "elsewhere"]:
        self.calls.append("taken")
        return self.others.get(external_id, "")

    def log(self, entry: LogEntry) -> None:
        self.calls.append("log")
        self.entries.append(redacted(entry, self._redact))
