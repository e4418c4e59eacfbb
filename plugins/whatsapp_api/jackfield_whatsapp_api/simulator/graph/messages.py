"""POST /{phone_number_id}/messages: send, or mark as read; with the scripted accidents on the wire."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from jackfield_whatsapp_api.simulator.business import mark_read, send
from jackfield_whatsapp_api.simulator.errors import GraphError
from jackfield_whatsapp_api.simulator.model import Json
from jackfield_whatsapp_api.simulator.script import Break, Hang

from .calls import Call


async def post_message(call: Call) -> Json:
    number, body = call.number(), call.json()
    if body.get("status") == "read":
        return mark_read(call.world, number, body)
    if "status" in body:
        raise GraphError(100, "status must be read.")
    script = call.world.script
    broken = script.take(Break, number=number.id)
    if broken and not broken.taken:
        raise HTTPException(broken.status, "upstream connect error or disconnect/reset before headers")
    hang = script.take(Hang, number=number.id)
    if hang and not hang.taken:
        await call.world.crew.pause(hang.seconds)
        raise HTTPException(504, "upstream request timeout")
    taken = send(call.world, number, body)
    if broken:
        raise HTTPException(broken.status, "upstream connect error or disconnect/reset before headers")
    if hang:
        await call.world.crew.pause(hang.seconds)
    return taken
