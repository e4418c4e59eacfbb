"""Uploads: a file comes in as the body itself, and gets an id with which it can be sent."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from jackfield import ids
from jackfield.errors import Invalid, TooLarge
from jackfield.ids import new_id
from jackfield.store.rows import FileRow
from jackfield.web.bodies import chunks_of
from jackfield.web.clock import now_ms
from jackfield.web.works import AddFile

from .call import Call
from .registry import Api

api = Api("media")

VAGUE = frozenset({"application/octet-stream", "application/zip", "text/plain", ""})
SEEN = ("image/", "audio/", "video/")  # told by their bytes or not at all


class UploadQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    workspace: str
    name: Annotated[str, Meta(max_length=300)] = ""


class Uploaded(Struct, frozen=True, kw_only=True):
    """`id` goes into a media part as its `ref`. `mime` is what the bytes say."""

    id: str
    url: str
    name: str
    mime: str
    size: int
    width: int | None
    height: int | None


@api.upload("/media", refuses=(Invalid, TooLarge))
async def upload(call: Call, query: UploadQuery) -> Uploaded:
    """Bring a file, to send it later. The type is Content-Type's only where the bytes do not say it."""
    workspace = call.visitor.must_be("operator", ids.read("w", query.workspace))
    most = call.parts.settings.upload_max
    stored = await call.parts.store.files.write(chunks_of(call.request, most), limit=most)
    if stored.size == 0:
        await call.parts.store.files.remove(stored.path)
        raise Invalid("the file is empty", fields={"body": "empty"})
    row = FileRow(
        id=new_id(),
        workspace_id=workspace,
        state="ready",
        path=stored.path,
        mime=mime_of(stored.mime, call.request.headers.get("content-type", "")),
        name=query.name,
        size=stored.size,
        sha256=stored.sha256,
        width=stored.width,
        height=stored.height,
        by_id=call.visitor.operator,
        created_at=now_ms(),
    )
    await call.parts.store.writer.do(AddFile(workspace=workspace, file=row))
    shown = ids.show("f", row.id)
    return Uploaded(
        id=shown,
        url=f"/media/{shown}",
        name=row.name,
        mime=row.mime,
        size=stored.size,
        width=row.width,
        height=row.height,
    )


def mime_of(sniffed: str, declared: str) -> str:
    """What the bytes say; where they say little, what the sender says, unless a browser would show it."""
    said = declared.partition(";")[0].strip().lower()
    if sniffed not in VAGUE or "/" not in said or len(said) > 120 or said.startswith(SEEN):
        return sniffed
    return said if said not in VAGUE else sniffed
