"""Files the provider keeps as examples: handed over piece by piece, and fetched again.

Sources: Meta's resumable upload API; the pages on template components with media headers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import aiohttp
from yarl import URL

from jackfield.channel import (
    ChannelError,
    Download,
    MediaFile,
    OutcomeUnknown,
    Port,
    Rejected,
    Unavailable,
)
from jackfield_whatsapp_api.answers import harmless, translated
from jackfield_whatsapp_api.client import CONNECT, PIECE, STALL, GraphClient
from jackfield_whatsapp_api.outside import connector
from jackfield_whatsapp_api.payload import text, whole

HOSTS = ("fbsbx.com", "fbcdn.net", "whatsapp.net")
TRIES = 3


async def hand_over(client: GraphClient, file: MediaFile, mime: str) -> str:
    """The handle of a file, good for one template or profile. Goes on where the line broke."""
    app = await client.app_id()
    about = {"file_name": file.name or "file", "file_length": str(file.size), "file_type": mime}
    with harmless():
        session = text((await client.ask("POST", f"{app}/uploads", op="upload", query=about)).get("id"))
    if not session:
        raise Unavailable("the answer names no upload")
    offset = 0
    for left in reversed(range(TRIES)):
        try:
            answer = await client.upload_piece(session, _from(file, offset), offset, file.size - offset)
        except (Unavailable, OutcomeUnknown):
            if not left:
                raise Unavailable("the file could not be handed over") from None
            offset = await _offset(client, session, offset)
            continue
        if handle := text(answer.get("h")):
            return handle
        offset = whole(answer.get("file_offset")) or 0
    raise Unavailable("the file could not be handed over")


async def _offset(client: GraphClient, session: str, known: int) -> int:
    """How far the provider has got; if it does not say, as far as we knew."""
    with suppress(ChannelError):
        return whole((await client.upload_state(session)).get("file_offset")) or 0
    return known


async def _from(file: MediaFile, offset: int) -> AsyncIterator[bytes]:
    async for chunk in file.chunks():
        if offset >= len(chunk):
            offset -= len(chunk)
            continue
        yield chunk[offset:]
        offset = 0


async def fetched(port: Port, url: str, *, home: Callable[[URL], bool]) -> Download:
    """The example behind an address the provider listed. The token stays here.

    Raises Rejected for a host that is neither the provider's nor `home`, the API's own.
    """
    try:
        target = URL(url)
    except ValueError:
        raise Rejected("the example's address is not one") from None
    host = target.host or ""
    trusted = target.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in HOSTS)
    if not trusted and not home(target):
        raise Rejected(f"the example is at a host that is not trusted: {host or url[:80]!r}")
    return Download(chunks=_chunks(port, target))


async def _chunks(port: Port, target: URL) -> AsyncIterator[bytes]:
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=STALL)
    with harmless(), translated():
        async with (
            aiohttp.ClientSession(
                connector=connector(private=port.private_network), cookie_jar=aiohttp.DummyCookieJar()
            ) as http,
            http.get(target, timeout=timeout, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise Unavailable(f"the example could not be fetched: HTTP {answer.status}")
            async for piece in answer.content.iter_chunked(PIECE):
                yield piece


def mime_of(file: MediaFile, allowed: tuple[str, ...], field: str) -> str:
    """The type a file is handed over as. Raises Rejected for one that a header does not show."""
    plain = file.mime.partition(";")[0].strip().lower()
    if plain not in allowed:
        raise Rejected(
            f"{field}: {plain or 'unknown type'}, allowed are {', '.join(allowed)}",
            field=field,
            words="whatsapp_api.template.file_type",
        )
    return plain


class Held(MediaFile, frozen=True, kw_only=True):
    """A file in memory."""

    data: bytes

    async def chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.data), PIECE):
            yield self.data[start : start + PIECE]


async def held(download: Download, allowed: tuple[str, ...], most: int) -> Held:
    """An example that was fetched, to be handed over again. Raises Rejected beyond `most` bytes."""
    data = bytearray()
    async for piece in download.chunks:
        data += piece
        if len(data) > most:
            raise Rejected(
                f"the example has more than {most} bytes", words="whatsapp_api.template.file", limit=most
            )
    mime = "image/png" if data.startswith(b"\x89PNG") else allowed[0]
    return Held(ref="", name="example", mime=mime, size=len(data), data=bytes(data))
