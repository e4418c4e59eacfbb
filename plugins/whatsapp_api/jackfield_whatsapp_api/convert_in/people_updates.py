"""News of persons outside any message: what they agreed to, a new id."""

from __future__ import annotations

from collections.abc import Iterator

from jackfield.channel import AnyEvent, Profile
from jackfield_whatsapp_api.payload import Node, Odd, name, need_node, need_text, text, when

from .ground import Ground, each
from .people import person
from .system import same_person


def preferences(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The field `user_preferences`: marketing stopped or resumed."""
    yield from each("user_preferences", value.get("user_preferences"), ground, _preference)


def _preference(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    who = ground.book.person(item.get("wa_id"), item.get("user_id"), item.get("parent_user_id"))
    if not who.peers:
        raise Odd("the person is not named")
    about = name(item.get("category")).removesuffix("_messages") or "marketing"
    attributes = {f"consent.{about}": need_text(item, "value")}
    if detail := text(item.get("detail")):
        attributes[f"consent.{about}.detail"] = detail
    yield Profile(
        at=when(item.get("timestamp"), ground.at),
        person=who.addresses(ground.account.scope),
        attributes=attributes,
    )


def user_ids(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The field `user_id_update`, which old documents show: today a system message says it."""
    yield from each("user_id_update", value.get("user_id_update"), ground, _user_id)


def _user_id(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    ids = need_node(item, "user_id")
    before, now = need_text(ids, "previous"), need_text(ids, "current")
    yield from same_person(
        person(user_id=before),
        person(wa_id=item.get("wa_id"), user_id=now),
        ground,
        at=when(item.get("timestamp"), ground.at),
    )
