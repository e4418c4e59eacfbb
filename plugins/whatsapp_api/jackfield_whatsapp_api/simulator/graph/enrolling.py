"""A number on its way in: added, proven by a code, registered with a PIN, asked for its past."""

from __future__ import annotations

import re

from jackfield_whatsapp_api.simulator import ids, phone_past
from jackfield_whatsapp_api.simulator.enrolment import Enrolment
from jackfield_whatsapp_api.simulator.errors import GraphError, invalid, missing
from jackfield_whatsapp_api.simulator.model import Json, Number

from .calls import Call

MOST = 20  # numbers of an account; a new portfolio begins with two over there


async def post_phone_numbers(call: Call) -> Json:
    """`cc`, `phone_number`, `verified_name`: a number that is neither proven nor registered yet."""
    account, body, state = call.account(), call.json(), call.world.state
    for name in ("cc", "phone_number", "verified_name"):
        if not body.get(name):
            raise missing(name)
    phone = f"{body['cc']}{body['phone_number']}"
    if not re.fullmatch(r"[0-9]{7,15}", phone):
        raise invalid("cc and phone_number must be digits.")
    if phone in {one.phone for one in state.numbers.values()}:
        raise GraphError(100, "The phone number is in an account already.")
    if sum(one.account == account.id for one in state.numbers.values()) >= MOST:
        raise GraphError(100, "The account has as many phone numbers as it may have.")
    number = Number(
        id=ids.numeric(),
        account=account.id,
        phone=phone,
        display=f"+{phone}",
        verified_name=str(body["verified_name"]),
        enrolment=Enrolment(proven=False, registered=False, name_status="PENDING_REVIEW"),
    )
    state.numbers[number.id] = number
    return {"id": number.id}


async def request_code(call: Call) -> Json:
    call.number().enrolment.send_code(str(call.json().get("code_method", "")))
    return {"success": True}


async def verify_code(call: Call) -> Json:
    call.number().enrolment.take_code(str(call.json().get("code", "")))
    return {"success": True}


async def register(call: Call) -> Json:
    number, body = call.number(), call.json()
    number.enrolment.register(str(body.get("pin", "")), call.world.state.clock.now())
    return {"success": True}


async def deregister(call: Call) -> Json:
    number = call.number()
    number.enrolment.deregister(call.world.state.clock.now())
    return {"success": True}


async def post_app_data(call: Call) -> Json:
    """`sync_type`: the webhooks that tell it follow by themselves."""
    number, kind = call.number(), str(call.json().get("sync_type", ""))
    number.enrolment.sync(kind, call.world.state.clock.now())
    tell = phone_past.history if kind == "history" else phone_past.contacts
    call.world.crew.spawn(tell(call.world, number))
    return {"messaging_product": "whatsapp", "request_id": ids.trace()}
