"""Phone numbers: look up, and what is set up on them."""

from __future__ import annotations

from jackfield_whatsapp_api.simulator.errors import GraphError
from jackfield_whatsapp_api.simulator.model import Callback, Json
from jackfield_whatsapp_api.simulator.reading import child

from . import automation
from .accounts import checked_callback
from .businesses import check_proof
from .calls import Call
from .pages import pick


async def get_number(call: Call) -> Json:
    number = call.number()
    check_proof(call)
    found = number.view()
    if "webhook_configuration" in call.query.get("fields", ""):
        found["webhook_configuration"] = _webhook_configuration(call)
    if automation.FIELD in call.query.get("fields", "") and number.kit.offers:
        found[automation.FIELD] = automation.view(number)
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
        number.enrolment.set_pin(str(body["pin"]))
        return {"success": True}
    raise GraphError(100, "Nothing to change: webhook_configuration or pin is required.")
