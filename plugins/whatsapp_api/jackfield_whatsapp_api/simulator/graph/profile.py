"""The business profile, and the username people find the number by."""

from __future__ import annotations

import re
from zlib import crc32

from jackfield_whatsapp_api.simulator.errors import GraphError, invalid
from jackfield_whatsapp_api.simulator.model import Json, Number
from jackfield_whatsapp_api.simulator.reading import as_list, text

from .calls import Call

_LIMITS = {"about": 139, "address": 256, "description": 512, "email": 128, "vertical": 64}
_USERNAME = re.compile(r"(?=.*[a-z])(?!www)(?!.*\.\.)[a-z0-9_][a-z0-9_.]{1,33}[a-z0-9_]")


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
        for name, most in _LIMITS.items()
        if name in body
    }
    if changed.get("about") == "":
        raise invalid("Param profile.about must not be empty.")
    if "websites" in body:
        websites = as_list(body["websites"], "websites")
        if len(websites) > 2:
            raise invalid("websites must be a list of at most 2 addresses.")
        changed["websites"] = websites
    if handle := body.get("profile_picture_handle"):
        changed["profile_picture_url"] = _picture(call, str(handle))
    number.profile.update(changed)
    return {"success": True}


def _picture(call: Call, handle: str) -> str:
    """The address of a picture that was uploaded whole by this account."""
    if not handle.startswith("4::") or handle.rsplit(":", 1)[-1] not in call.open:
        raise GraphError(100, message="(#100) Param profile_picture_handle is not a valid handle.")
    return f"https://pps.whatsapp.net/v/{crc32(handle.encode())}.jpg"


# username


async def get_username(call: Call) -> Json:
    kit = call.number().kit
    return {"username": kit.username, "status": kit.username_state} if kit.username else {}


async def get_suggestions(call: Call) -> Json:
    number = call.number()
    plain = re.sub(r"[^a-z0-9]+", "_", number.verified_name.lower()).strip("_")
    ideas = [idea for idea in (plain, f"{plain}_shop") if plain and _USERNAME.fullmatch(idea)]
    return {"data": [{"username_suggestions": [idea for idea in ideas if not _owner(call, idea)]}]}


async def post_username(call: Call) -> Json:
    """Another number's name moves only within the portfolio, and only if that is asked for."""
    number, body = call.number(), call.json()
    wanted = str(body.get("username", "")).lower()
    if not _USERNAME.fullmatch(wanted):
        raise GraphError(100, "The username has a format that is not allowed.")
    if not number.enrolment.registered:
        raise GraphError(133010)
    owner = _owner(call, wanted)
    if owner and owner is not number:
        accounts = call.world.state.accounts
        same = accounts[owner.account].business_id == accounts[number.account].business_id
        if not same:
            raise GraphError(147001, "This username is not available.")
        if body.get("transfer_action") != "force_transfer":
            raise GraphError(147005, "The username belongs to another number of this portfolio.")
        owner.kit.username = owner.kit.username_state = ""
    number.kit.username, number.kit.username_state = wanted, "reserved"
    _tell(call, number, wanted, "reserved")
    return {"status": "reserved"}


async def delete_username(call: Call) -> Json:
    number = call.number()
    gone, number.kit.username, number.kit.username_state = number.kit.username, "", ""
    if gone:
        _tell(call, number, gone, "deleted")
    return {"success": True}


def _owner(call: Call, name: str) -> Number | None:
    return next((one for one in call.world.state.numbers.values() if one.kit.username == name), None)


def _tell(call: Call, number: Number, username: str, status: str) -> None:
    value: Json = {"display_phone_number": number.phone, "username": username, "status": status}
    change: Json = {"field": "business_username_update", "value": value}
    call.world.courier.post(call.world.state.accounts[number.account], number, change)
