"""The archive: a tar file that says what it is, holds rows and files, and proves that it is whole.

    head.json                          what made it, of which tables, under which key
    secret.key                         only if it was asked for
    rows/<table>/<piece>.msgpack.gz    [columns, rows], as the database gave them
    media/<path>                       the files that the rows name
    seal.json                          how much there is, and the SHA-256 of all bytes before it

Nothing in it belongs to an engine, so a backup of SQLite can be restored into PostgreSQL. Pieces are
small enough for memory, and any tar can read them. All functions here block: call them in a thread.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import secrets
import tarfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
from msgspec import Struct

from jackfield.errors import Conflict, Invalid

FORMAT = 1
HEAD, KEY, SEAL = "head.json", "secret.key", "seal.json"
_ROWS = re.compile(r"rows/([a-z_]+)/\d{6,}\.msgpack\.gz")
_MEDIA = re.compile(r"media/([0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32})")
_BLOCK = 1 << 20  # bytes hashed at once
_QUICK = 1  # gzip's level: the disk is slower than this, and the processor faster

_DAMAGED = (tarfile.TarError, EOFError, gzip.BadGzipFile, msgspec.MsgspecError, ValueError, OSError)


class Head(Struct, frozen=True, kw_only=True):
    """What an archive says of itself first. `migrations`: what its tables had seen, oldest first."""

    format: int = FORMAT
    version: str
    engine: str
    migrations: tuple[str, ...]
    at: int  # ms since 1970: when the rows were like this
    media: bool
    proof: str  # sealed with the install's key, to be opened by the right one; "": it had no key


class Seal(Struct, frozen=True, kw_only=True):
    """What an archive says of itself last."""

    rows: dict[str, int]  # by table
    files: int
    file_bytes: int
    sha256: str


class Piece(Struct, frozen=True):
    """Some rows of one table."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class MediaMember(Struct, frozen=True):
    """A file of the media folder; `content` is read before the next member is asked for."""

    path: str
    size: int
    content: BinaryIO


class KeyMember(Struct, frozen=True):
    """The install's key, in base64."""

    text: str


_PIECE = msgspec.msgpack.Decoder(tuple[tuple[str, ...], list[tuple[Any, ...]]])


class _Hashed:
    """A file that is written through a digest."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()


class Writer:
    """An archive on its way. What it holds is counted as it comes."""

    def __init__(self, file: BinaryIO, head: Head) -> None:
        self._hashed = _Hashed(file)
        self._tar = tarfile.TarFile(
            fileobj=cast("BinaryIO", self._hashed), mode="w"
        )  # asks for write and tell
        self._at = head.at // 1000
        self._rows: dict[str, int] = {}
        self._pieces = self._files = self._file_bytes = 0
        self._put(HEAD, msgspec.json.encode(head))

    def key(self, text: str) -> None:
        self._put(KEY, text.encode())

    def rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        """Add some rows of a table. Answers how many bytes they are before they are compressed."""
        packed = msgspec.msgpack.encode((columns, rows))
        name = f"rows/{table}/{self._pieces:06}.msgpack.gz"
        self._put(name, gzip.compress(packed, _QUICK, mtime=0))
        self._rows[table] = self._rows.get(table, 0) + len(rows)
        self._pieces += 1
        return len(packed)

    def media(self, path: str, file: BinaryIO, size: int) -> str:
        """Add a file. Answers the SHA-256 of its bytes. Raises OSError if it ends before `size`."""
        read = _Read(file)
        self._add(f"media/{path}", size, read)
        self._files, self._file_bytes = self._files + 1, self._file_bytes + size
        return read.digest.hexdigest()

    def seal(self) -> Seal:
        seal = Seal(
            rows=self._rows,
            files=self._files,
            file_bytes=self._file_bytes,
            sha256=self._hashed.digest.hexdigest(),
        )
        self._put(SEAL, msgspec.json.encode(seal))
        self._tar.close()
        return seal

    def _put(self, name: str, data: bytes) -> None:
        self._add(name, len(data), io.BytesIO(data))

    def _add(self, name: str, size: int, file: Any) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, self._at
        self._tar.addfile(member, file)
        _forget(self._tar)


class _Read:
    """A file that is read through a digest."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


@contextmanager
def new_file(place: Path) -> Generator[BinaryIO]:
    """A file that only its owner may read, and that is there whole or not at all.

    Raises Conflict if something is there already.
    """
    if place.exists():
        raise Conflict(f"{place} is there already")
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}.partial")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            raise Conflict(f"{place} is there already")
        draft.rename(place)
        sync_folder(place.parent)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_head(file: BinaryIO) -> Head:
    """What an archive says of itself. Raises Invalid for what is none, or of a format not known here."""
    with _intact(), _opened(file) as tar:
        member = tar.next()
        if member is None or member.name != HEAD:
            raise Invalid("this is no backup of Jackfield")
        said = msgspec.json.decode(_content(tar, member))
        if isinstance(said, dict) and said.get("format") != FORMAT:  # pyright: ignore[reportUnknownMemberType]  # any JSON
            raise Invalid("this backup is of a format that is not known here: it needs a newer Jackfield")
        return msgspec.convert(said, Head)


def verify(file: BinaryIO) -> Seal:
    """Read an archive from end to end. Raises Invalid if a byte of it is not as it was written."""
    with _intact():
        found = _seal(file)
        if found is None:
            raise Invalid("the backup ends too early: it was cut off")
        seal, until = found
        file.seek(0)
        digest, left = hashlib.sha256(), until
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            digest.update(block)
            left -= len(block)
        if digest.hexdigest() != seal.sha256:
            raise Invalid("the backup is damaged: it is not as it was written")
        return seal


def _seal(file: BinaryIO) -> tuple[Seal, int] | None:
    with _opened(file) as tar:
        while (member := tar.next()) is not None:
            _forget(tar)
            if member.name == SEAL:
                return msgspec.json.decode(_content(tar, member), type=Seal), member.offset
    return None


def members(file: BinaryIO) -> Iterator[Piece | MediaMember | KeyMember]:
    """What is in an archive, in its order. Raises Invalid for a member that is none of ours."""
    with _opened(file) as tar:
        while True:
            with _intact():
                member = tar.next()
                if member is None:
                    return
                _forget(tar)
                found = None if member.name in (HEAD, SEAL) else _member(tar, member)
            if found is not None:
                yield found


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Piece | MediaMember | KeyMember:
    if member.name == KEY:
        return KeyMember(_content(tar, member).decode())
    if rows := _ROWS.fullmatch(member.name):
        return Piece(rows[1], *_PIECE.decode(gzip.decompress(_content(tar, member))))
    if media := _MEDIA.fullmatch(member.name):
        content = tar.extractfile(member)
        if content is not None:
            return MediaMember(media[1], member.size, content)  # type: ignore[arg-type]  # an IO[bytes]
    raise Invalid(f"the backup holds {member.name!r}, which is not known here")


@contextmanager
def _opened(file: BinaryIO) -> Generator[tarfile.TarFile]:
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:") as tar:
        yield tar


def _forget(tar: tarfile.TarFile) -> None:
    """It would remember every member it has seen."""
    cast("Any", tar).members.clear()


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = tar.extractfile(member)
    return b"" if content is None else content.read()


@contextmanager
def _intact() -> Generator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise Invalid(f"the backup cannot be read: {error}") from error
