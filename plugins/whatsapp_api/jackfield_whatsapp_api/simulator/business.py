"""What a business does: sends, marks as read, types. Refusals are the provider's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from . import ids, templates
from .errors import GraphError, invalid, unknown_object
from .ledger import Entry
from .limits import Exceeded, window_open
from .model import Customer, Json, Number, Said, Template
from .reading import as_object, part
from .script import FailLater, Late, Refuse, SkipDelivered
from .state import BSUID, digits
from .validate import MEDIA, check_send
from .world import World

# Kinds of upload a message type takes, and their size in bytes.
_MEGA = 1024 * 1024
TAKES: dict[str, tuple[re.Pattern[str], int]] = {
    "image": (re.compile(r"image/(jpeg|png)"), 5 * _MEGA),
    "video": (re.compile(r"video/(mp4|3gpp?)"), 16 * _MEGA),
    "audio": (re.compile(r"audio/(aac|amr|mpeg|mp4|ogg|opus)(;.*)?"), 16 * _MEGA),
    "sticker": (re.compile(r"image/webp"), 500 * 1024),
    "document": (re.compile(r".+/.+"), 100 * _MEGA),
}


@dataclass(frozen=True, kw_only=True)
class _Recipient:
    phone: str
    customer: Customer | None
    by_bsuid: str  # the id it was addressed by, or ""
    echo: Json  # the item of contacts[] in the answer


def send(world: World, number: Number, body: Json) -> Json:
    """Take a message and set its way in motion. Raises GraphError; then nothing has been sent."""
    kind = check_send(body)
    if not number.enrolment.registered:
        raise GraphError(133010)
    to = _recipient(world, number, body)
    try:
        said = _take(world, number, to, kind, body)
    except GraphError as error:
        _note(world, number, to, code=error.code, over=isinstance(error, Exceeded))
        raise
    _note(world, number, to, code=0)
    world.crew.spawn(_travel(world, said, _what_fails(world, said, to)))
    message: Json = {"id": said.id}
    if kind == "template":
        message["message_status"] = "accepted"
    return {"messaging_product": "whatsapp", "contacts": [to.echo], "messages": [message]}


def _note(world: World, number: Number, to: _Recipient, *, code: int, over: bool = False) -> None:
    at = world.state.clock.now().timestamp()
    world.ledger.note(Entry(at=at, number=number.id, user=to.phone, code=code, over=over))


def _take(world: World, number: Number, to: _Recipient, kind: str, body: Json) -> Said:
    """The message, kept. Raises GraphError where the provider would not take it."""
    if refusal := world.script.take(Refuse, number=number.id, user=to.phone):
        raise GraphError(refusal.code, refusal.details, retry_after=refusal.retry_after)
    if to.phone == number.phone:
        raise GraphError(131021, "Sender and recipient phone number is same.")
    if to.phone in number.blocked:
        raise GraphError(130403)
    said = _said(world, number, to, kind, body)
    world.limits.check(number, to.phone, said.at)
    world.state.keep(said)
    return said


def _recipient(world: World, number: Number, body: Json) -> _Recipient:
    if body.get("recipient_type") == "group":
        raise unknown_object(str(body.get("to")))
    if to := body.get("to"):
        phone = digits(str(to))
        if not 7 <= len(phone) <= 15 or re.sub(r"[+\d\s().-]", "", str(to)):
            raise invalid(f"Recipient phone number {to!r} is not a valid phone number.")
        customer = world.state.customers.get(phone)
        return _Recipient(
            phone=phone, customer=customer, by_bsuid="", echo={"input": str(to), "wa_id": phone}
        )
    bsuid = str(body["recipient"])
    if not BSUID.fullmatch(bsuid):
        raise invalid(f"recipient {bsuid!r} is not a business-scoped user id.")
    customer = world.state.by_bsuid(bsuid, number)
    return _Recipient(
        phone=customer.phone, customer=customer, by_bsuid=bsuid, echo={"input": bsuid, "user_id": bsuid}
    )


def _said(world: World, number: Number, to: _Recipient, kind: str, body: Json) -> Said:
    now = world.state.clock.now()
    content: Any = body[kind]
    said = Said(
        id=ids.wamid(to.phone),
        number=number.id,
        user=to.phone,
        by="business",
        at=now,
        type=kind,
        content=content,
        reply_to=str(part(body, "context").get("message_id", "")),
        tracker=str(body.get("biz_opaque_callback_data", "")),
        by_bsuid=bool(to.by_bsuid),
    )
    if kind == "template":
        template = template_to_send(world, number, as_object(content, "template"))
        if template.category == "AUTHENTICATION" and to.by_bsuid:
            raise GraphError(131062, "Business-scoped user ids cannot receive authentication templates.")
        said.category, said.shown = template.category.lower(), templates.shown(template, content)
        _check_media(world, number, said.shown.get("media"))
        return said
    if kind in MEDIA:
        _check_media(world, number, {"type": kind, **content})
    if kind == "interactive":
        header = part(content, "header")
        kind_of_header = str(header.get("type"))
        _check_media(world, number, {**part(header, kind_of_header), "type": kind_of_header})
    if not window_open(world.state.last_inbound.get((number.id, to.phone)), now):
        raise GraphError(
            131047, "Message failed to send because more than 24 hours have passed since the customer last "
            "replied to this number.",
        )  # fmt: skip
    return said


def template_to_send(world: World, number: Number, sent: Json) -> Template:
    """Raises GraphError for one that is not there, or not approved."""
    name, language = sent["name"], sent["language"]["code"]
    for template in world.state.templates.values():
        if (template.account, template.name, template.language) != (number.account, name, language):
            continue
        match template.status:
            case "APPROVED" | "FLAGGED":
                return template
            case "PAUSED":
                raise GraphError(132015)
            case "DISABLED":
                raise GraphError(132016)
            case _:
                break
    raise GraphError(132001, f"template name ({name}) does not exist in {language}")


def _check_media(world: World, number: Number, node: Json | None) -> None:
    """A file named by id must be there, and be of a kind and size this message type takes."""
    takes = TAKES.get(str((node or {}).get("type")))
    if node is None or takes is None or not node.get("id"):
        return
    media = world.state.file(str(node["id"]), {number.account})
    pattern, most = takes
    if not pattern.fullmatch(media.mime) or len(media.data) > most:
        raise GraphError(131053, f"{media.mime} of {len(media.data)} bytes cannot be sent as {node['type']}.")


def _what_fails(world: World, said: Said, to: _Recipient) -> FailLater | None:
    """Whether the message will fail on its way: because a script says so, or for a reason of its own."""
    if scripted := world.script.take(FailLater, number=said.number, user=said.user):
        return scripted
    if to.customer is None:
        return FailLater(code=131026, details="Message undeliverable: not a WhatsApp phone number.")
    if said.type == "reaction" and not _react(world, said):
        return FailLater(code=131009, details="The message reacted to is not in this chat.")
    return None


def _react(world: World, said: Said) -> bool:
    target = world.state.messages.get(said.content["message_id"])
    if target is None or (target.number, target.user) != (said.number, said.user):
        return False
    if target.type == "reaction" or target.revoked:
        return False
    if emoji := said.content["emoji"]:
        target.reactions["business"] = emoji
    else:
        target.reactions.pop("business", None)
    world.show(target)
    return True


async def _travel(world: World, said: Said, failure: FailLater | None) -> None:
    """From accepted to sent, delivered and perhaps read, or to failed."""
    settings, crew = world.settings, world.crew
    error = GraphError(failure.code, failure.details) if failure else None
    if late := world.script.take(Late, number=said.number, user=said.user):
        await crew.pause(late.seconds)
    await crew.pause(settings.sent_after)
    if error and failure and failure.after == "accepted":
        return world.raise_status(said, "failed", error)
    world.raise_status(said, "sent")
    if said.type == "reaction":
        return None
    await crew.pause(settings.delivered_after)
    if error and failure and failure.after == "sent":
        return world.raise_status(said, "failed", error)
    customer = world.state.customers[said.user]
    if not customer.online:
        return None  # delivered when the phone comes back
    arrive(world, said)
    if error:
        await crew.pause(settings.delivered_after)
        return world.raise_status(said, "failed", error)
    if settings.read_after is not None:
        await crew.pause(settings.read_after)
        world.raise_status(said, "read")
    return None


def arrive(world: World, said: Said) -> None:
    """The message reaches the phone; the provider may forget to say so."""
    said.arrived = True
    if world.script.take(SkipDelivered, number=said.number, user=said.user):
        world.show(said)
        return
    world.raise_status(said, "delivered")


def mark_read(world: World, number: Number, body: Json) -> Json:
    """Mark a customer's message, and all before it, as read; show "typing" if asked to."""
    message_id = str(body.get("message_id", ""))
    try:
        upto = world.state.said(message_id, number=number.id)
    except KeyError as error:
        raise GraphError(131009, f"message_id {message_id!r} is not a message of this number.") from error
    if upto.by != "customer":
        raise GraphError(131009, "Only messages of customers can be marked as read.")
    for said in world.state.chats[number.id, upto.user]:
        if said.by == "customer" and said.at <= upto.at and said.status != "read":
            said.status = "read"
            world.show(said)
    if body.get("typing_indicator") is not None:
        if as_object(body["typing_indicator"], "typing_indicator").get("type") != "text":
            raise invalid("typing_indicator.type must be text.")
        world.feed.tell({"event": "typing", "number": number.id, "user": upto.user})
    return {"success": True}
