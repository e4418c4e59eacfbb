"""Phone numbers: look up, set up, registration."""

from __future__ import annotations

from jackfield_whatsapp_api.simulator.errors import GraphError, invalid
from jackfield_whatsapp_api.simulator.model import Callback, Json
from jackfield_whatsapp_api.simulator.reading import child

from . import automation
from .accounts import checked_callback
from .calls import Call
from .pages import pick


async def get_number(call: Call) -> Json:
    number = call.number()
    found = number.view()
    if "webhook_configuration" in call.query.get("fields", ""):
        found["webhook_configuration"] = _webhook_configuration(call)
    if automation.FIELD in call.query.get("fields", "") and number.kit.offers:
        found[automation.FIELD] = number.kit.offers
    return pick(found, call.query.get("fields"))


def _webhook_configuration(call: Call) -> Json:
    number = call.number()
    account = call.world.state.accounts[number.account]
    places: dict[str, Callback | None] = {
        "phone_number": number.callback,
        "whatsapp_business_account": account.callback,
        "application": call.world.settings.callback,
    }
    return {name: callback.url for name, callback in places.items() if callback}


async def post_number(call: Call) -> Json:
    """`webhook_configuration` (an address of its own; an empty one takes it away) or `pin`."""
    number, body = call.number(), call.json()
    if "webhook_configuration" in body:
        wanted = child(body, "webhook_configuration")
        number.callback = await checked_callback(call, wanted)
        return {"success": True}
    if "pin" in body:
        _check_pin(body)
        return {"success": True}
    raise GraphError(100, "Nothing to change: webhook_configuration or pin is required.")


def _check_pin(body: Json) -> None:
    pin = str(body.get("pin", ""))
    if not (len(pin) == 6 and pin.isdecimal()):
        raise invalid("pin must have six digits.")


async def register(call: Call) -> Json:
    number, body = call.number(), call.json()
    _check_pin(body)
    number.registered = True
    return {"success": True}


async def deregister(call: Call) -> Json:
    number = call.number()
    if not number.registered:
        raise GraphError(133010)
    number.registered = False
    return {"success": True}
