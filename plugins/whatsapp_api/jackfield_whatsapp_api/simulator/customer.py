"""What a customer does on the phone: writes, presses, reacts, edits, reads. Wrong use is a ValueError."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from . import ids, payload
from .business import arrive
from .media import media_url
from .model import Customer, Json, Number, Said
from .payload import stamp
from .reading import part, parts
from .state import digits
from .world import World

MEDIA = ("image", "video", "audio", "document", "sticker")


def who(world: World, number: str, user: str) -> tuple[Number, Customer]:
    """Raises ValueError for a number or a customer the simulator does not have."""
    found, customer = world.state.numbers.get(number), world.state.customers.get(digits(user))
    if found is None:
        raise ValueError(f"no such number: {number!r}")
    if customer is None:
        raise ValueError(f"no such customer: {user!r}")
    return found, customer


def find(world: World, number: Number, customer: Customer, message_id: str) -> Said:
    try:
        return world.state.said(message_id, number=number.id, user=customer.phone)
    except KeyError as error:
        raise ValueError(f"no such message in this chat: {message_id!r}") from error


def writes(
    world: World,
    number_id: str,
    user: str,
    kind: str,
    content: Any,
    *,
    reply_to: str = "",
    extra: Json | None = None,
) -> Said:
    """A message of any type: `content` is what the provider puts under the type's name (None: nothing).

    Of media, `content["id"]` names a stored file; the node's other fields are filled in. `extra` goes
    beside the content (referral, context.forwarded, errors, group_id …).
    """
    number, customer = who(world, number_id, user)
    if kind in MEDIA:
        content = media_node(world, number, kind, dict(content))
    if reply_to:
        find(world, number, customer, reply_to)
    said = Said(
        id=ids.wamid(customer.phone),
        number=number.id,
        user=customer.phone,
        by="customer",
        at=world.state.clock.now(),
        type=kind,
        content=content,
        reply_to=reply_to,
        status="sent",
    )
    if customer.phone in number.blocked:
        return said  # goes nowhere: the person sees one tick for ever
    world.state.keep(said)
    world.state.last_inbound[number.id, customer.phone] = said.at
    tell(world, number, customer, said, extra)
    world.show(said)
    return said


def tell(world: World, number: Number, customer: Customer, said: Said, extra: Json | None = None) -> None:
    """The webhook of a customer's message."""
    bsuid = world.state.bsuid(customer, number)
    item = payload.message(said, customer, bsuid, number, **(extra or {}))
    world.post(number, "messages", contacts=[payload.contact(customer, bsuid)], messages=[item])


def media_node(world: World, number: Number, kind: str, content: Json) -> Json:
    media = world.state.media.get(str(content.get("id", "")))
    if media is None or media.account != number.account:
        raise ValueError(f"no such media: {content.get('id')!r}")
    node = {**content, "id": media.id, "mime_type": media.mime, "sha256": media.sha256}
    if kind == "document":
        node.setdefault("filename", media.name or "file")
    if kind == "audio":
        node.setdefault("voice", False)
    if kind == "sticker":
        node.setdefault("animated", False)
    node["url"] = media_url(world, media)
    return node


def reacts(world: World, number_id: str, user: str, message_id: str, emoji: str) -> Said:
    """`emoji` "" takes the reaction away. A reaction does not open the 24-hour window."""
    number, customer = who(world, number_id, user)
    target = find(world, number, customer, message_id)
    if emoji:
        target.reactions["customer"] = emoji
    else:
        target.reactions.pop("customer", None)
    content: Json = {"message_id": message_id, **({"emoji": emoji} if emoji else {})}
    said = _event(world, number, customer, "reaction", content)
    world.show(target)
    return said


def edits(world: World, number_id: str, user: str, message_id: str, body: str) -> Said:
    number, customer = who(world, number_id, user)
    target = _own_text(world, number, customer, message_id)
    target.content, target.edited = {"body": body}, True
    message: Json = {"context": {"id": target.id}, "type": "text", "text": {"body": body}}
    said = _event(world, number, customer, "edit", {"original_message_id": target.id, "message": message})
    world.show(target)
    return said


def revokes(world: World, number_id: str, user: str, message_id: str) -> Said:
    number, customer = who(world, number_id, user)
    target = find(world, number, customer, message_id)
    if target.by != "customer":
        raise ValueError("a customer can only take back what he wrote himself")
    target.revoked = True
    said = _event(world, number, customer, "revoke", {"original_message_id": target.id})
    world.show(target)
    return said


def _own_text(world: World, number: Number, customer: Customer, message_id: str) -> Said:
    target = find(world, number, customer, message_id)
    if target.by != "customer" or target.type != "text" or target.revoked:
        raise ValueError("a customer can only edit a text he wrote himself")
    return target


def _event(world: World, number: Number, customer: Customer, kind: str, content: Json) -> Said:
    """Something about another message: told, not kept as a bubble."""
    said = Said(
        id=ids.wamid(customer.phone),
        number=number.id,
        user=customer.phone,
        by="customer",
        at=world.state.clock.now(),
        type=kind,
        content=content,
    )
    if customer.phone not in number.blocked:
        tell(world, number, customer, said)
    return said


def presses(world: World, number_id: str, user: str, message_id: str, choice: str) -> Said:
    """Press a button or choose a row the business sent. `choice` is its id, or a template button's title."""
    number, customer = who(world, number_id, user)
    offered = find(world, number, customer, message_id)
    if offered.type == "template":
        replies = [one for one in offered.shown.get("buttons", []) if one["kind"] == "quick_reply"]
        payloads = {one["title"]: one["payload"] for one in replies}
        if choice not in payloads:
            raise ValueError(f"this message offers no such button: {choice!r}")
        content: Json = {"payload": payloads[choice], "text": choice}
        return writes(world, number_id, user, "button", content, reply_to=message_id)
    for kind, option in choices(offered):
        if option["id"] == choice:
            answer = {"type": kind, kind: option}
            return writes(world, number_id, user, "interactive", answer, reply_to=message_id)
    raise ValueError(f"this message offers no such choice: {choice!r}")


def choices(said: Said) -> list[tuple[str, Json]]:
    """What can be chosen in an interactive message, as it comes back in the answer."""
    if said.type != "interactive" or said.by != "business":
        return []
    action = part(said.content, "action")
    buttons = [part(button, "reply") for button in parts(action, "buttons")]
    rows = [row for section in parts(action, "sections") for row in parts(section, "rows")]
    return [("button_reply", {"id": one["id"], "title": one["title"]}) for one in buttons] + [
        ("list_reply", {name: row[name] for name in ("id", "title", "description") if row.get(name)})
        for row in rows
    ]


def reads(world: World, number_id: str, user: str) -> int:
    """The customer looks at the chat: whatever has arrived is read. How many messages that was."""
    number, customer = who(world, number_id, user)
    news = [
        said
        for said in world.state.chats[number.id, customer.phone]
        if said.by == "business" and said.arrived and said.status in ("sent", "delivered")
    ]
    for said in news:
        world.raise_status(said, "read")
    return len(news)


def types(world: World, number_id: str, user: str) -> None:
    """The provider tells businesses nothing of a customer who types: only the pages see it."""
    number, customer = who(world, number_id, user)
    world.feed.tell({"event": "customer_typing", "number": number.id, "user": customer.phone})


def goes_online(world: World, user: str) -> None:
    """The phone is back: what waited arrives."""
    customer = _known(world, user)
    customer.online = True
    for said in list(world.state.messages.values()):
        waits = said.by == "business" and said.status == "sent" and not said.arrived
        if waits and said.user == customer.phone and said.type != "reaction":
            arrive(world, said)


def goes_offline(world: World, user: str) -> None:
    _known(world, user).online = False


def _known(world: World, user: str) -> Customer:
    try:
        return world.state.customer(user)
    except KeyError as error:
        raise ValueError(f"no such customer: {user!r}") from error


def calls(world: World, number_id: str, user: str, *, seconds: int = 0) -> str:
    """A voice call, answered for so many seconds; 0: missed. It opens the window either way."""
    number, customer = who(world, number_id, user)
    now = world.state.clock.now()
    bsuid = world.state.bsuid(customer, number)
    call: Json = {
        "id": "wacid." + ids.trace(),
        **payload.sender(customer, bsuid),
        "to": number.phone,
        "event": "terminate",
        "direction": "USER_INITIATED",
        "timestamp": stamp(now),
        "status": "COMPLETED" if seconds else "FAILED",
    }
    if seconds:
        start = datetime.fromtimestamp(now.timestamp() - seconds, now.tzinfo)
        call |= {"start_time": stamp(start), "end_time": stamp(now), "duration": seconds}
    world.state.last_inbound[number.id, customer.phone] = now
    world.post(number, "calls", contacts=[payload.contact(customer, bsuid)], calls=[call])
    return str(call["id"])
