"""POST /{phone_number_id}/messages and /marketing_messages, with the scripted accidents on the wire."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from jackfield_whatsapp_api.simulator.business import mark_read, send
from jackfield_whatsapp_api.simulator.errors import GraphError
from jackfield_whatsapp_api.simulator.model import Json, Number
from jackfield_whatsapp_api.simulator.reading import part
from jackfield_whatsapp_api.simulator.script import Break, Hang

from .calls import Call


async def post_message(call: Call) -> Json:
    number, body = call.number(), call.json()
    if body.get("status") == "read":
        return mark_read(call.world, number, body)
    if "status" in body:
        raise GraphError(100, "status must be read.")
    return await _send(call, number, body)


async def post_marketing(call: Call) -> Json:
    """Marketing templates alone."""
    number, body = call.number(), call.json()
    named = part(body, "template")
    of_account = [one for one in call.world.state.templates.values() if one.account == number.account]
    if body.get("type") != "template" or any(
        one.name == named.get("name") and one.category != "MARKETING" for one in of_account
    ):
        raise GraphError(134100)
    return await _send(call, number, body)


async def _send(call: Call, number: Number, body: Json) -> Json:
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
