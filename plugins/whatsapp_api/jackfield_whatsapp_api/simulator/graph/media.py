"""Media: upload, look up, download in two steps, delete."""

from __future__ import annotations

import re

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from jackfield_whatsapp_api.simulator.business import TAKES
from jackfield_whatsapp_api.simulator.errors import GraphError, missing
from jackfield_whatsapp_api.simulator.media import media_url, still_good
from jackfield_whatsapp_api.simulator.model import Json, Media
from jackfield_whatsapp_api.simulator.world import World

from .calls import Call, answer, opened

# What may be uploaded at all; everything else the provider refuses.
UPLOADS = re.compile(
    r"image/(jpeg|png|webp)|video/(mp4|3gpp?)|audio/(aac|amr|mpeg|mp4|ogg|opus)(;.*)?|text/plain|application/"
    r"(pdf|msword|vnd\.ms-(excel|powerpoint)|vnd\.openxmlformats-officedocument\."
    r"(wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation))"
)


async def post_media(call: Call) -> Json:
    """multipart `file`, `type`, `messaging_product`."""
    number = call.number()
    try:
        async with call.request.form(max_files=1, max_fields=10) as form:
            if form.get("messaging_product") != "whatsapp":
                raise GraphError(100, message="(#100) The parameter messaging_product is required.")
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise missing("file")
            mime, name = str(form.get("type") or file.content_type or ""), file.filename or ""
            check_file(mime, file.size or 0)
            return {"id": call.world.store(number, await file.read(), mime=mime, name=name).id}
    except HTTPException as error:
        raise GraphError(100, f"The body is not well-formed multipart/form-data: {error.detail}") from error


def check_file(mime: str, size: int) -> None:
    """Raises GraphError where the provider would not take such a file."""
    if not UPLOADS.fullmatch(mime):
        raise GraphError(
            100, f"Param file must be a file of a supported type. Received file of type {mime!r}."
        )
    most = next(most for pattern, most in TAKES.values() if pattern.fullmatch(mime))
    if not 0 < size <= most:
        raise GraphError(131053, f"A file of {mime} must have 1 to {most} bytes; this one has {size}.")


def describe(world: World, media: Media) -> Json:
    return {
        "messaging_product": "whatsapp",
        "url": media_url(world, media),
        "mime_type": media.mime,
        "sha256": media.sha256,
        "file_size": len(media.data),
        "id": media.id,
    }


def find(call: Call) -> Media:
    return call.world.state.file(call.id, set(call.open), owner=call.query.get("phone_number_id", ""))


async def get_media(call: Call) -> Json:
    return describe(call.world, find(call))


async def delete_media(call: Call) -> Json:
    del call.world.state.media[find(call).id]
    return {"success": True}


async def download(world: World, request: Request) -> Response:
    """The second step: the bytes, for the token and an address that has not run out (else 404)."""
    query = request.query_params
    try:
        open_ = opened(world, request)
        media = world.state.file(request.path_params["id"], set(open_))
    except GraphError as error:
        return answer(error.envelope(), 401 if error.code == 190 else 404)
    if not still_good(world, media.id, query.get("ext", ""), query.get("hash", "")):
        return Response("URL signature expired", 404, media_type="text/plain")
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(media.data, 200, headers, media_type=media.mime)
