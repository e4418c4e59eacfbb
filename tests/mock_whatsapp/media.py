"""Files as phones send them: encrypted, kept by a server that cannot read them, fetched by their path."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from typing import Literal, NamedTuple

from .curve import derive
from .sealing import decrypt, encrypt, mac, sha256

HOST = "mmg.whatsapp.net"
MAC = 10  # bytes of it that stand behind a file

Sort = Literal["image", "video", "audio", "document", "history"]
_INFO: dict[Sort, bytes] = {
    "image": b"WhatsApp Image Keys",
    "video": b"WhatsApp Video Keys",
    "audio": b"WhatsApp Audio Keys",
    "document": b"WhatsApp Document Keys",
    "history": b"WhatsApp History Keys",
}


class Stored(NamedTuple):
    """A file as a message names it."""

    path: str
    key: bytes
    plain_sha256: bytes
    sealed_sha256: bytes
    size: int

    @property
    def url(self) -> str:
        return f"https://{HOST}{self.path}"

    def fields(self) -> dict[str, str | bytes | int]:
        """For the message classes."""
        return {
            "URL": self.url,
            "directPath": self.path,
            "mediaKey": self.key,
            "fileSHA256": self.plain_sha256,
            "fileEncSHA256": self.sealed_sha256,
            "fileLength": self.size,
        }


class Asked(NamedTuple):
    """One request: how it was answered."""

    method: str
    path: str
    status: int


class MediaStore:
    """What mmg.whatsapp.net does: POST keeps a sealed file, GET gives it back. `gone`: paths answered 404;
    `stalled`: answers wait until it is set again."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.gone: set[str] = set()
        self.open = asyncio.Event()
        self.open.set()
        self._sealed: dict[str, bytes] = {}
        self._made = 0

    def put(self, data: bytes, sort: Sort) -> Stored:
        """Seal and keep a file, as a phone does."""
        key = os.urandom(32)
        iv, cipher, seal = _keys(key, sort)
        sealed = encrypt(cipher, iv, data)
        sealed += mac(seal, iv, sealed)[:MAC]
        return Stored(self._keep(sealed), key, sha256(data), sha256(sealed), len(data))

    def put_open(self, data: bytes) -> str:
        """Keep a file that everybody may read, as profile pictures are. Answers its path."""
        return self._keep(data)

    def read(self, path: str, key: bytes, sort: Sort) -> bytes:
        """Open a file that the engine sent. Raises KeyError, and ValueError if its seal is wrong."""
        sealed = self._sealed[path.partition("?")[0]]
        iv, cipher, seal = _keys(key, sort)
        if mac(seal, iv, sealed[:-MAC])[:MAC] != sealed[-MAC:]:
            raise ValueError("the seal of the file is wrong")
        return decrypt(cipher, iv, sealed[:-MAC])

    async def serve(self, tls: ssl.SSLContext) -> asyncio.Server:
        """On a port of its own of the loopback interface."""
        return await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=tls)

    def _keep(self, sealed: bytes) -> str:
        self._made += 1
        path = f"/v/t62/{self._made}.enc"
        self._sealed[path] = sealed
        return f"{path}?ccb=1"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                method, path, size = _head(await reader.readuntil(b"\r\n\r\n"))
                body = await reader.readexactly(size)
                await self.open.wait()  # a test stalls it, and lets it go
                status, answer = self._answer(method, path, body)
                self.asked.append(Asked(method, path, status))
                head = f"HTTP/1.1 {status} -\r\nContent-Length: {len(answer)}\r\n\r\n"
                writer.write(head.encode() + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.close()

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if method == "POST":
            kept = self._keep(body)
            return 200, json.dumps({"url": f"https://{HOST}{kept}", "direct_path": kept}).encode()
        sealed = None if path in self.gone else self._sealed.get(path)
        return (404, b"") if sealed is None else (200, sealed)


def _keys(key: bytes, sort: Sort) -> tuple[bytes, bytes, bytes]:
    keys = derive(key, 112, info=_INFO[sort])
    return keys[:16], keys[16:48], keys[48:80]


def _head(head: bytes) -> tuple[str, str, int]:
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split()
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return method, path.partition("?")[0], int(fields.get("content-length", "0"))
