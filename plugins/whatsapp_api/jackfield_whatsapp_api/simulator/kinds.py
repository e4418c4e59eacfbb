"""Every kind of thing a delivery can tell, by its name: what customers write, and what the provider tells
of a customer, a call, a group, an account. `tell()` plays one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import account, ids, payload
from .customer import who, writes
from .model import Customer, Json, Number
from .world import World
from .written import GROUP, MESSAGES

Tell = Callable[[World, Number, Customer, Json], None]


def _item(world: World, number: Number, user: Customer, **more: Any) -> Json:
    """The beginning of an item about a customer."""
    return {
        **payload.sender(user, world.state.bsuid(user, number)),
        "timestamp": payload.stamp(world.state.clock.now()),
        **more,
    }


def _contacts(world: World, number: Number, user: Customer) -> list[Json]:
    return [payload.contact(user, world.state.bsuid(user, number))]


def _to(world: World, number: Number, user: Customer) -> Json:
    """The same, where the customer is who it was said to."""
    found: Json = {"to_user_id": world.state.bsuid(user, number)}
    return found if user.hidden else {"to": user.phone, **found}


def _recipient(world: World, number: Number, user: Customer) -> Json:
    found: Json = {"recipient_user_id": world.state.bsuid(user, number)}
    return found if user.hidden else {"recipient_id": user.phone, **found}


def _call(**said: Any) -> Tell:
    def tell(world: World, number: Number, user: Customer, over: Json) -> None:
        base = {"id": "wacid." + ids.trace(), "to": number.phone, "direction": "USER_INITIATED", **said}
        world.state.last_inbound[number.id, user.phone] = world.state.clock.now()
        call = {**_item(world, number, user, **base), **over}
        world.post(number, "calls", contacts=_contacts(world, number, user), calls=[call])

    return tell


def _our_call(status: str) -> Tell:
    def tell(world: World, number: Number, user: Customer, over: Json) -> None:
        item = {
            "id": "wacid." + ids.trace(),
            "type": "call",
            "status": status,
            "timestamp": payload.stamp(world.state.clock.now()),
            **_recipient(world, number, user),
        }
        world.post(number, "calls", statuses=[{**item, **over}])

    return tell


def _payment(status: str) -> Tell:
    def tell(world: World, number: Number, user: Customer, over: Json) -> None:
        item = {
            "id": ids.wamid(user.phone),
            "type": "payment",
            "status": status,
            "timestamp": payload.stamp(world.state.clock.now()),
            "payment": {
                "reference_id": "order-7",
                "amount": {"value": 21000, "offset": 100},
                "currency": "INR",
                "transaction": {"id": "txn-1", "type": "upi", "status": status},
            },
            **_recipient(world, number, user),
        }
        world.post(number, "messages", statuses=[{**item, **over}])

    return tell


def _group(kind: str, about: str, **said: Any) -> Tell:
    def tell(world: World, number: Number, user: Customer, over: Json) -> None:
        people = {"wa_id": user.phone, "user_id": world.state.bsuid(user, number)}
        item: Json = {
            "timestamp": payload.stamp(world.state.clock.now()),
            "group_id": GROUP,
            "type": kind,
            **{key: [people] if value == "customer" else value for key, value in said.items()},
        }
        world.post(number, f"group_{about}_update", groups=[{**item, **over}])

    return tell


def _standby(part: str) -> Tell:
    """What is said while the provider's agent holds the conversation."""

    def tell(world: World, number: Number, user: Customer, over: Json) -> None:
        text: Json = {"id": ids.wamid(user.phone), "type": "text", "text": {"body": "How late are you open?"}}
        if part == "messages":
            item = _item(world, number, user, **text)
            world.state.last_inbound[number.id, user.phone] = world.state.clock.now()
        else:
            answer = {**text, "text": {"body": "Until eight."}}
            stamp = payload.stamp(world.state.clock.now())
            item = {"from": number.phone, **_to(world, number, user), "timestamp": stamp, **answer}
        value: Json = {part: [{**item, **over}]}
        world.post(number, "standby", contacts=_contacts(world, number, user), standby=value)

    return tell


def _turn(turn: str, role: str) -> Tell:
    def tell(world: World, number: Number, user: Customer, over: Json) -> None:
        sender: Json = {"user_id": world.state.bsuid(user, number)}
        if not user.hidden:
            sender["phone_number"] = user.phone
        value: Json = {
            "type": turn,
            "timestamp": payload.stamp(world.state.clock.now()),
            "sender": sender,
            "recipient": {"display_phone_number": number.phone, "phone_number_id": number.id},
            turn: {role: "meta_business_agent"},
        }
        world.post(number, "messaging_handovers", **{**value, **over})

    return tell


def _echo(world: World, number: Number, user: Customer, over: Json) -> None:
    """Written on the business's own phone."""
    item: Json = {
        "from": number.phone,
        **_to(world, number, user),
        "id": ids.wamid(user.phone),
        "timestamp": payload.stamp(world.state.clock.now()),
        "type": "text",
        "text": {"body": "Answered from the shop's phone"},
    }
    contacts = _contacts(world, number, user)
    world.post(number, "smb_message_echoes", contacts=contacts, message_echoes=[{**item, **over}])


def _preference(value: str) -> Tell:
    def tell(world: World, number: Number, user: Customer, over: Json) -> None:
        item: Json = {
            "user_id": world.state.bsuid(user, number),
            "detail": f"User requested to {value} marketing messages",
            "category": "marketing_messages",
            "value": value,
            "timestamp": int(payload.stamp(world.state.clock.now())),
        }
        if not user.hidden:
            item["wa_id"] = user.phone
        contacts = _contacts(world, number, user)
        world.post(number, "user_preferences", contacts=contacts, user_preferences=[{**item, **over}])

    return tell


def _about_number(field: str, **value: Any) -> Tell:
    def tell(world: World, number: Number, _: Customer, over: Json) -> None:
        world.post(number, field, **{**value, **over})

    return tell


def _about_account(field: str, **value: Any) -> Tell:
    def tell(world: World, number: Number, _: Customer, over: Json) -> None:
        account.tells_account(world, number.account, field, {**value, **over})

    return tell


NEWS: Mapping[str, Tell] = {
    "call_rings": _call(event="connect"),
    "call_missed": _call(event="terminate", status="FAILED"),
    "call_rejected": _call(event="terminate", status="REJECTED"),
    "call_over": _call(event="terminate", status="COMPLETED", duration=62),
    "our_call_rings": _our_call("RINGING"),
    "our_call_accepted": _our_call("ACCEPTED"),
    "our_call_rejected": _our_call("REJECTED"),
    "payment_pending": _payment("pending"),
    "payment_captured": _payment("captured"),
    "payment_failed": _payment("failed"),
    "group_made": _group("group_create", "lifecycle", subject="Roses", added_participants="customer"),
    "group_joined": _group("group_participants_add", "participants", added_participants="customer"),
    "group_left": _group("group_participants_remove", "participants", removed_participants="customer"),
    "group_renamed": _group(
        "group_settings_update", "settings", group_subject={"text": "Tulips", "update_successful": True}
    ),
    "group_suspended": _group("group_suspend", "status"),
    "standby_message": _standby("messages"),
    "standby_echo": _standby("message_echoes"),
    "agent_took": _turn("control_taken", "new_owner_app_role"),
    "agent_passed": _turn("control_passed", "previous_owner_app_role"),
    "phone_echo": _echo,
    "marketing_stopped": _preference("stop"),
    "marketing_resumed": _preference("resume"),
    "tracking_events": _about_number("tracking_events", events=[{"event_name": "VIEW"}]),
    "automatic_events": _about_number("automatic_events", automatic_events=[{"event_name": "LeadSubmitted"}]),
    "account_settings": _about_account("account_settings_update", type="phone_number_settings"),
    "account_alert": _about_account(
        "account_alerts",
        entity_type="BUSINESS",
        alert_info={"alert_severity": "WARNING", "alert_status": "NONE", "alert_type": "OBA_REJECTED"},
    ),
    "account_review": _about_account("account_review_update", decision="APPROVED"),
    "account_violation": _about_account(
        "account_update", event="ACCOUNT_VIOLATION", violation_info={"violation_type": "ADULT"}
    ),
    "security": _about_account("security", event="PIN_CHANGED", display_phone_number="", requester="1"),
    "field_of_next_year": _about_account("something_of_next_year", a={"b": [1]}),
}


def names() -> Json:
    """What can be played: of customers, and of the provider."""
    return {"messages": sorted(MESSAGES), "news": sorted(NEWS)}


def tell(world: World, number_id: str, user: str, kind: str, over: Json | None = None) -> None:
    """Play one. `over` takes the place of parts of the sample. Raises ValueError for an unknown name,
    number or customer."""
    number, customer = who(world, number_id, user)
    if kind in NEWS:
        NEWS[kind](world, number, customer, over or {})
    elif kind in MESSAGES:
        said = MESSAGES[kind]
        extra = {**said.extra, **(over or {})}
        writes(world, number_id, user, said.type, said.content, extra=extra)
    else:
        raise ValueError(f"no such kind: {kind!r}")
