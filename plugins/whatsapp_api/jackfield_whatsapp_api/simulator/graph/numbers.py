"""Phone numbers: look up, set up, profile, registration, blocked users."""

from __future__ import annotations

from jackfield_whatsapp_api.simulator.business import block
from jackfield_whatsapp_api.simulator.errors import GraphError, invalid
from jackfield_whatsapp_api.simulator.model import Callback, Json
from jackfield_whatsapp_api.simulator.reading import as_list, child, text

from .accounts import checked_callback
from .calls import Call
from .pages import page, pick

_PROFILE = {"about": 139, "address": 256, "description": 512, "email": 128, "vertical": 64}


async def get_number(call: Call) -> Json:
    number = call.number()
    found = number.view()
    if "webhook_configuration" in call.query.get("fields", ""):
        found["webhook_configuration"] = _webhook_configuration(call)
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


async def get_profile(call: Call) -> Json:
    number = call.number()
    view: Json = {"messaging_product": "whatsapp", **number.profile}
    fields = call.query.get("fields")
    found = {name: value for name, value in view.items() if not fields or name in fields.split(",")}
    return {"data": [{**found, "messaging_product": "whatsapp"}]}


async def post_profile(call: Call) -> Json:
    number, body = call.number(), call.json()
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    changed: Json = {
        name: text(body, name, "profile", most=most, least=0)
        for name, most in _PROFILE.items()
        if name in body
    }
    if "websites" in body:
        websites = as_list(body["websites"], "websites")
        if len(websites) > 2:
            raise invalid("websites must be a list of at most 2 addresses.")
        changed["websites"] = websites
    number.profile.update(changed)
    return {"success": True}


async def post_block(call: Call) -> Json:
    return block(call.world, call.number(), call.json(), on=True)


async def delete_block(call: Call) -> Json:
    return block(call.world, call.number(), call.json(), on=False)


async def get_blocked(call: Call) -> Json:
    number = call.number()
    items: list[Json] = [
        {"messaging_product": "whatsapp", "wa_id": phone} for phone in sorted(number.blocked)
    ]
    return page(items, call.query, str(call.request.url.replace(query="")))
