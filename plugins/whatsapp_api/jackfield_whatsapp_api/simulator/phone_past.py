"""A phone tells its contacts and its past to the API, as webhooks in phases."""

from __future__ import annotations

from . import ids, payload
from .enrolment import shares
from .errors import GraphError
from .model import Json, Number, Said
from .world import World

STEP = 0.2  # seconds between two webhooks


async def contacts(world: World, number: Number) -> None:
    """Everybody the phone has talked with, one webhook each."""
    for customer in list(world.state.customers.values()):
        if (number.id, customer.phone) not in world.state.chats:
            continue
        contact: Json = {"full_name": customer.name, "first_name": customer.name.split()[0]}
        if not customer.hidden:
            contact["phone_number"] = customer.phone
        contact["user_id"] = world.state.bsuid(customer, number)
        stamp = {"timestamp": payload.stamp(world.state.clock.now())}
        item: Json = {"type": "contact", "contact": contact, "action": "add", "metadata": stamp}
        await world.crew.pause(STEP)
        world.post(number, "smb_app_state_sync", state_sync=[item])


async def history(world: World, number: Number) -> None:
    """All that was said on the number, in three phases; or the error of an owner who declined."""
    if number.enrolment.declined:
        error = GraphError(2593109, "History sharing is turned off by the business.").in_webhook()
        world.post(number, "history", history=[{"errors": [error]}])
        return
    chats = [(user, said) for (owner, user), said in world.state.chats.items() if owner == number.id and said]
    for phase, (start, end) in enumerate(shares(len(chats))):
        await world.crew.pause(STEP)
        threads = [_thread(world, number, user, said) for user, said in chats[start:end]]
        metadata = {"phase": phase, "chunk_order": 1, "progress": (33, 66, 100)[phase]}
        world.post(number, "history", history=[{"metadata": metadata, "threads": threads}])


def _thread(world: World, number: Number, user: str, chat: list[Said]) -> Json:
    customer = world.state.customers[user]
    context: Json = {"user_id": world.state.bsuid(customer, number)}
    if not customer.hidden:
        context["wa_id"] = user
    items = [_item(number, user, said) for said in chat if said.type != "reaction"]
    return {"id": user, "context": context, "messages": items}


def _item(number: Number, user: str, said: Said) -> Json:
    item: Json = {
        "from": number.phone if said.by == "business" else user,
        "id": said.id or ids.wamid(user),
        "timestamp": payload.stamp(said.at),
        "type": said.type,
        "history_context": {"status": said.status.upper()},
    }
    if said.by == "business":
        item["to"] = user
    if said.content is not None:
        item[said.type] = said.content
    return item
