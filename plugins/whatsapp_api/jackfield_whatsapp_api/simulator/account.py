"""What happens to accounts, numbers and identities, told by webhook: reviews of templates, new numbers."""

from __future__ import annotations

from typing import Any

from . import ids, payload
from .customer import who
from .model import Json, Number, Said, Template
from .state import digits
from .world import World


def template_becomes(
    world: World,
    template: Template,
    status: str,
    reason: str | None = "NONE",
    *,
    event: str = "",
    **more: Any,
) -> None:
    """APPROVED, REJECTED, PAUSED, DISABLED, FLAGGED …: noted and told. The provider's reason may be null.
    `event`: what the webhook calls it, if not the status."""
    template.status, template.reason = status, reason or "NONE"
    value = payload.template_status(template, event or status, reason) | more
    tells_account(world, template.account, "message_template_status_update", value)


async def review(world: World, template: Template) -> None:
    """Approved after a while, unless somebody holds the reviews or has decided before."""
    await world.crew.pause(world.settings.review_after)
    if template.status == "PENDING" and not world.state.reviews_held:
        template_becomes(world, template, "APPROVED")


def tells_account(world: World, account_id: str, field: str, value: Json) -> None:
    """A webhook about an account: any field, any value."""
    account = world.state.accounts.get(account_id)
    if account is None:
        raise ValueError(f"no such account: {account_id!r}")
    world.courier.post(account, _first_number(world, account_id), payload.change(field, value))


def _first_number(world: World, account_id: str) -> Number | None:
    """Account events go to the account's address; one that only has numbers' addresses uses the first."""
    account = world.state.accounts[account_id]
    if account.callback or world.settings.callback:
        return None
    return next((one for one in world.state.numbers.values() if one.account == account_id), None)


def tells_number(world: World, number_id: str, field: str, parts: Json) -> None:
    """A webhook about a number under any field: `parts` beside its metadata."""
    number = world.state.numbers.get(number_id)
    if number is None:
        raise ValueError(f"no such number: {number_id!r}")
    world.post(number, field, **parts)


def changes_number(world: World, number_id: str, user: str, new_phone: str) -> Said:
    """The customer has a new phone number, and with it a new BSUID. The message has no contacts[]."""
    number, customer = who(world, number_id, user)
    old, new = customer.phone, digits(new_phone)
    if not 7 <= len(new) <= 15 or new in world.state.customers:
        raise ValueError(f"not a free phone number: {new_phone!r}")
    world.state.customers[new] = world.state.customers.pop(old)
    customer.phone, customer.generation = new, customer.generation + 1
    _move_chats(world, old, new)
    system: Json = {
        "body": f"User {customer.name} changed from {old} to {new}",
        "wa_id": new,
        "user_id": world.state.bsuid(customer, number),
        "type": "user_changed_number",
    }
    return _system(world, number, customer.phone, {"from": old}, system)


def _move_chats(world: World, old: str, new: str) -> None:
    for number_id, phone in list(world.state.chats):
        if phone != old:
            continue
        moved = world.state.chats.pop((number_id, phone))
        for said in moved:
            said.user = new
        world.state.chats[number_id, new] = moved
        if last := world.state.last_inbound.pop((number_id, old), None):
            world.state.last_inbound[number_id, new] = last
    for number in world.state.numbers.values():
        if old in number.blocked:
            number.blocked.remove(old)
            number.blocked.add(new)
    world.feed.tell({"event": "customers"})


def changes_user_id(world: World, number_id: str, user: str) -> Said:
    """The customer's BSUID is made anew; the phone stays. No contacts[], and no `from` of who hides it."""
    number, customer = who(world, number_id, user)
    before = world.state.bsuid(customer, number)
    customer.generation += 1
    after = world.state.bsuid(customer, number)
    system: Json = {
        "body": f"User {customer.name} changed from {before} to {after}",
        "user_id": after,
        "previous_user_id": before,
        "type": "user_changed_user_id",
    }
    origin = {} if customer.hidden else {"from": customer.phone}
    return _system(world, number, customer.phone, origin, system)


def changes_identity(world: World, number_id: str, user: str) -> Said:
    """The customer's security code changed. This one does carry contacts[]."""
    number, customer = who(world, number_id, user)
    bsuid = world.state.bsuid(customer, number)
    now = payload.stamp(world.state.clock.now())
    extra: Json = {
        **payload.sender(customer, bsuid),
        "identity": {"acknowledged": True, "created_timestamp": now, "hash": ids.trace()},
    }
    system: Json = {"body": f"User {customer.name} has a new identity", "type": "customer_identity_changed"}
    contacts = [payload.contact(customer, bsuid)]
    return _system(world, number, customer.phone, extra, system, contacts=contacts)


def _system(world: World, number: Number, phone: str, extra: Json, system: Json, **parts: Any) -> Said:
    said = Said(
        id=ids.wamid(phone),
        number=number.id,
        user=phone,
        by="customer",
        at=world.state.clock.now(),
        type="system",
        content=system,
    )
    item = {**extra, "id": said.id, "timestamp": payload.stamp(said.at), "type": "system", "system": system}
    world.post(number, "messages", **parts, messages=[item])
    return said
