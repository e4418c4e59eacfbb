"""Pictures of people and groups: the network names an address, and what lies there is not sealed."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

from jackfield_whatsapp_business.engines.base import Refused

MOST = 4 << 20  # bytes
WITHIN = 20.0  # seconds
OURS = ".whatsapp.net"
GONE = frozenset({403, 404, 410})


async def download(url: str, into: Path, *, proxy: str = "") -> int:
    """Write what lies at an address of the network; answers its bytes. Raises Refused."""
    return await asyncio.to_thread(_download, url, into, proxy)


def _download(url: str, into: Path, proxy: str) -> int:
    parts = urlsplit(url)
    if parts.scheme != "https" or not (parts.hostname or "").endswith(OURS):
        raise Refused("rejected", "the picture lies outside of the network")
    tls = HTTPSHandler(context=ssl.create_default_context())
    opener = build_opener(tls, ProxyHandler({"https": proxy} if proxy else {}))
    try:
        with opener.open(url, timeout=WITHIN) as answer:
            data = answer.read(MOST + 1)
    except HTTPError as error:
        raise Refused("rejected" if error.code in GONE else "unavailable", str(error)) from error
    except (URLError, TimeoutError, OSError) as error:
        raise Refused("unavailable", str(error)) from error
    if len(data) > MOST:
        raise Refused("rejected", "the picture is too big")
    into.write_bytes(data)
    return len(data)
