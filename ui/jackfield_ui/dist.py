"""What the front-end build left: which files a page needs, and each of them as an answer."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

DIST = Path(__file__).parent / "static" / "dist"
FOR_EVER = "public, max-age=31536000, immutable"  # the name changes with the content
ASK_AGAIN = "public, no-cache"
PACKED = (("br", ".br"), ("gzip", ".gz"))


class NotBuilt(Exception):
    """The front end was not built."""


class _Chunk(Struct, frozen=True, kw_only=True):
    file: str
    css: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


class Entry(Struct, frozen=True, kw_only=True):
    """What one page with a script loads."""

    script: str
    preload: tuple[str, ...]
    styles: tuple[str, ...]


class Built(Struct, frozen=True, kw_only=True):
    """One build: the inbox, the page of a client's link, the styles of plain pages, and the icons."""

    inbox: Entry
    link: Entry
    page_styles: tuple[str, ...]
    sprite: str


def read(dist: Path = DIST) -> Built:
    """Raises NotBuilt."""
    try:
        manifest = msgspec.json.decode((dist / "manifest.json").read_bytes(), type=dict[str, _Chunk])
        page = manifest["inbox/page.css"].file
        inbox, link = (_entry(manifest, name, page) for name in ("inbox/main.ts", "link/main.ts"))
        sprite = (dist / "sprite.svg").read_text(encoding="utf-8")
    except (OSError, KeyError, msgspec.DecodeError) as err:
        raise NotBuilt(f"no built front end in {dist}: {err}") from err
    return Built(inbox=inbox, link=link, page_styles=(f"/static/{page}",), sprite=sprite)


def _entry(manifest: Mapping[str, _Chunk], name: str, page: str) -> Entry:
    """A script with all that it imports, and their styles after those of every page. Raises KeyError."""
    chunks = {name: manifest[name]}
    left = list(manifest[name].imports)
    while left:
        one = left.pop(0)
        if one not in chunks:
            chunks[one] = manifest[one]
            left += manifest[one].imports
    styles = [style for one in reversed(chunks.values()) for style in one.css]  # what is shared comes first
    return Entry(
        script=f"/static/{manifest[name].file}",
        preload=tuple(f"/static/{chunk.file}" for one, chunk in chunks.items() if one != name),
        styles=tuple(f"/static/{style}" for style in dict.fromkeys((page, *styles))),
    )


class Shelf:
    """Reads a build once, and again when a new one is there (`vite build --watch`)."""

    def __init__(self, dist: Path = DIST) -> None:
        self._dist, self._stamp = dist, 0
        self._built: Built | None = None

    def built(self) -> Built:
        """Raises NotBuilt."""
        try:
            stamp = (self._dist / "manifest.json").stat().st_mtime_ns
        except OSError as err:
            raise NotBuilt(str(err)) from err
        if self._built is None or stamp != self._stamp:
            self._built, self._stamp = read(self._dist), stamp
        return self._built

    async def serve(self, request: Request) -> Response:
        """One file, packed where the browser takes it so."""
        name = str(request.path_params["path"])
        path = (self._dist / name).resolve()
        if (
            not path.is_relative_to(self._dist.resolve())
            or not path.is_file()
            or path.suffix in (".br", ".gz")
        ):
            raise HTTPException(404)
        headers = {
            "Cache-Control": FOR_EVER if name.startswith("assets/") else ASK_AGAIN,
            "Vary": "Accept-Encoding",
        }
        mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        accepted = {
            one.partition(";")[0].strip() for one in request.headers.get("accept-encoding", "").split(",")
        }
        for encoding, suffix in PACKED:
            packed = path.with_name(path.name + suffix)
            if encoding in accepted and packed.is_file():
                headers["Content-Encoding"] = encoding
                return FileResponse(packed, media_type=mime, headers=headers)
        return FileResponse(path, media_type=mime, headers=headers)
