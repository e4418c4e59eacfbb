"""Resumable uploads: the example file of a template's header, in as many pieces as it takes."""

from __future__ import annotations

import base64

from starlette.requests import Request
from starlette.responses import Response

from jackfield_whatsapp_api.simulator import ids
from jackfield_whatsapp_api.simulator.errors import GraphError, invalid, missing, unknown_object
from jackfield_whatsapp_api.simulator.model import Json, Upload
from jackfield_whatsapp_api.simulator.world import World

from .calls import Call
from .media import check_file

_MOST = 100 * 1024 * 1024


async def post_uploads(call: Call) -> Json:
    """Begin one: `file_name`, `file_length`, `file_type`."""
    if call.id != call.world.settings.app_id:
        raise unknown_object(call.id)
    wanted = {**call.query, **(call.json() if call.body else {})}
    length, mime = str(wanted.get("file_length", "")), str(wanted.get("file_type", ""))
    if not length.isdecimal() or not 0 < int(length) <= _MOST:
        raise invalid(f"file_length must be 1 to {_MOST}.")
    if not mime:
        raise missing("file_type")
    check_file(mime, int(length))
    upload = Upload(
        id=f"upload:{base64.urlsafe_b64encode(ids.trace().encode()).decode().rstrip('=')}",
        account=min(call.open),
        name=str(wanted.get("file_name", "")),
        mime=mime,
        length=int(length),
    )
    call.world.state.uploads[upload.id] = upload
    return {"id": f"{upload.id}?sig={ids.trace()}"}


def find(call: Call) -> Upload:
    upload = call.world.state.uploads.get(call.id)
    if upload is None or upload.account not in call.open:
        raise unknown_object(call.id)
    return upload


async def get_upload(call: Call) -> Json:
    """How far it is: where to go on after a break."""
    upload = find(call)
    return {"id": upload.id, "file_offset": len(upload.data)}


async def post_upload(call: Call) -> Json:
    """A piece at `file_offset`. The handle `h` comes with the last one."""
    upload = find(call)
    if call.request.headers.get("file_offset", "0") != str(len(upload.data)):
        raise GraphError(100, f"file_offset must be {len(upload.data)}.")
    if len(upload.data) + len(call.body) > upload.length:
        raise GraphError(100, f"The file was announced with {upload.length} bytes.")
    upload.data += call.body
    if len(upload.data) < upload.length:
        return {"id": upload.id, "file_offset": len(upload.data)}
    mime = base64.b64encode(upload.mime.encode()).decode()
    at = int(call.world.state.clock.now().timestamp())
    handle = f"4::{mime}:{ids.trace()}:e:{at}:{upload.account}"
    call.world.state.handles[handle] = upload
    return {"h": handle}


async def example(world: World, request: Request) -> Response:
    """The example in the header of a template, as it was handed over. Whoever has the address may see it."""
    upload = world.state.uploads.get(f"upload:{request.path_params['id']}")
    if upload is None or len(upload.data) < upload.length:
        return Response("not found", 404, media_type="text/plain")
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(bytes(upload.data), 200, headers, media_type=upload.mime)
