"""Blocking people: each of them is answered for; whoever has not written for 24 hours cannot be blocked."""

from __future__ import annotations

from jackfield_whatsapp_api.simulator.errors import GraphError, title
from jackfield_whatsapp_api.simulator.limits import window_open
from jackfield_whatsapp_api.simulator.model import Customer, Json, Number
from jackfield_whatsapp_api.simulator.reading import objects
from jackfield_whatsapp_api.simulator.state import BSUID, digits
from jackfield_whatsapp_api.simulator.world import World

from .calls import Call
from .pages import page

MOST = 64_000
AT_ONCE = 1_000  # people in one call: more is too much at once


class SomeFailed(GraphError):
    """The error that comes together with what was done all the same."""

    def __init__(self, answer: Json) -> None:
        super().__init__(139100, "Failed to block some users, see the block_users response list for details")
        self._answer = answer

    def envelope(self) -> Json:
        return {**self._answer, **super().envelope()}


async def post_block(call: Call) -> Json:
    return change(call.world, call.number(), call.json(), on=True)


async def delete_block(call: Call) -> Json:
    return change(call.world, call.number(), call.json(), on=False)


async def get_blocked(call: Call) -> Json:
    number, state = call.number(), call.world.state
    items: list[Json] = []
    for phone in sorted(number.blocked):
        customer = state.customers.get(phone)
        bsuid = state.bsuid(customer, number) if customer else ""
        item: Json = {"messaging_product": "whatsapp", "input": bsuid or phone}
        if customer is None or not customer.hidden:
            item["wa_id"] = phone
        if customer is not None:
            item["user_id"] = bsuid
        items.append(item)
    return page(items, call.query, str(call.request.url.replace(query="")))


def change(world: World, number: Number, body: Json, *, on: bool) -> Json:
    """Block or unblock. Raises SomeFailed if it went wrong for anybody; the others are done."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    wanted = objects(body.get("block_users"), "block_users")
    if len(wanted) > AT_ONCE:
        raise GraphError(130429, "Too many users in one request.")
    done: list[Json] = []
    failed: list[Json] = []
    for item in wanted:
        given = str(item.get("user") or item.get("user_id") or "")
        customer = _whom(world, number, given)
        if code := _refusal(world, number, given, customer, on=on):
            failed.append(_failed(given, customer, code))
        elif customer is not None:
            (number.blocked.add if on else number.blocked.discard)(customer.phone)
            done.append(
                {"input": given, "wa_id": customer.phone, "user_id": world.state.bsuid(customer, number)}
            )
    answer: Json = {"added_users" if on else "removed_users": done}
    if not failed:
        return {"messaging_product": "whatsapp", "block_users": answer}
    raise SomeFailed({"messaging_product": "whatsapp", "block_users": {**answer, "failed_users": failed}})


def _refusal(world: World, number: Number, given: str, customer: Customer | None, *, on: bool) -> int:
    """The code that says why not; 0: it can be done."""
    if digits(given) == number.phone and not BSUID.fullmatch(given):
        return 131021
    if customer is None:
        return 131047
    if not on:
        return 0
    if not window_open(world.state.last_inbound.get((number.id, customer.phone)), world.state.clock.now()):
        return 131047
    return 139101 if len(number.blocked) >= MOST else 0


def _whom(world: World, number: Number, given: str) -> Customer | None:
    """By phone or BSUID. The BSUID at the parent portfolio is nobody here."""
    if ".ENT." in given:
        return None
    if not BSUID.fullmatch(given):
        return world.state.customers.get(digits(given))
    try:
        return world.state.by_bsuid(given, number)
    except GraphError:
        return None


_DETAILS = {
    131047: "The user has not sent a message in the last 24 hours, or is no WhatsApp user.",
    139101: "The list of blocked users is full.",
    131021: "A number cannot block itself.",
}


def _failed(given: str, customer: Customer | None, code: int) -> Json:
    error: Json = {"code": code, "message": title(code), "error_data": {"details": _DETAILS[code]}}
    found: Json = {"input": given, "errors": [error]}
    return {**found, "wa_id": customer.phone} if customer else found
