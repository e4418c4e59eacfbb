"""Groups: made, renamed, joined, left, suspended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from msgspec import UNSET, UnsetType

from jackfield.channel import (
    AnyEvent,
    ConversationId,
    ConversationInfo,
    Message,
    MessageId,
    Sender,
    System,
)
from jackfield_whatsapp_api.ids import group_of, make_conversation, make_message
from jackfield_whatsapp_api.payload import Node, Odd, is_node, listed, name, node, raw, text, when

from .ground import Ground, each
from .people import Person

SETTINGS = ("subject", "description", "profile_picture", "join_approval_mode")

CODES: Mapping[str, str] = {
    "group_create": "group_created",
    "group_delete": "group_deleted",
    "group_suspend": "group_suspended",
    "group_suspend_cleared": "group_restored",
    "group_settings_update": "group_changed",
}
"""Types of news → the words of the catalogue. In the samples, news of people may call themselves anything."""


def groups(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The fields `group_lifecycle_update`, `…_participants_…`, `…_settings_…` and `…_status_update`."""
    yield from each("groups", value.get("groups"), ground, _group)


def _group(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    peer = group_of(text(item.get("group_id")))
    if peer is None:
        raise Odd("group_id is missing or too long")
    group = make_conversation(peer)
    at = when(item.get("timestamp"), ground.at)
    called, about = _setting(item, "subject"), _setting(item, "description")
    members = _members(item, ground)
    if not all(isinstance(said, UnsetType) for said in (called, about, members)):
        yield ConversationInfo(at=at, conversation=group, name=called, about=about, members=members)
    yield Message(
        at=at,
        conversation=group,
        id=_id_of(item, group),
        sender=Sender(from_me=True),
        parts=(_line(item, ground),),
        group=True,
        origin="api",
    )


def _id_of(item: Node, group: ConversationId) -> MessageId:
    """Groups' news have no id: the same news, told again, must get the same one."""
    return make_message("news." + hashlib.sha256(group.encode() + bytes(raw(item))).hexdigest()[:40])


def _setting(item: Node, key: str) -> str | UnsetType:
    """A subject or description that really changed."""
    said = item.get(key, item.get(f"group_{key}"))
    if not is_node(said):
        return text(said) if said is not None else UNSET
    return text(said.get("text")) if said.get("update_successful") is not False else UNSET


def _members(item: Node, ground: Ground) -> tuple[Sender, ...] | UnsetType:
    """All members are known only at the beginning; later news tell who came and who went."""
    if name(item.get("type")) != "group_create" or not listed(item.get("added_participants")):
        return UNSET
    people = _people(item.get("added_participants"), ground)
    return tuple(who.sender(ground.account.scope) for who in people)


def _people(value: object, ground: Ground) -> list[Person]:
    found = (
        ground.book.person(
            said.get("wa_id") or said.get("input"), said.get("user_id"), said.get("parent_user_id")
        )
        for said in map(node, listed(value))
    )
    return [who for who in found if who.peers]


def _line(item: Node, ground: Ground) -> System:
    """One line in the group's conversation."""
    data: dict[str, str] = {}
    for change in ("added", "removed", "failed"):
        people = _people(item.get(f"{change}_participants"), ground)
        if people:
            data[change] = ", ".join(who.peers[0].value for who in people)
    for key in SETTINGS:
        said = item.get(key, item.get(f"group_{key}"))
        if said is not None:
            data[key] = text(said) or text(node(said).get("text")) or text(node(said).get("mime_type"))
    for key in ("reason", "initiated_by", "request_id"):
        if said := text(item.get(key)):
            data[key] = said
    for error in map(node, listed(item.get("errors"))):
        data["error"] = text(node(error.get("error_data")).get("details")) or text(error.get("message"))
    return System(code=_code(item, data), data=data)


def _code(item: Node, data: dict[str, str]) -> str:
    if "error" in data:
        return "group_failed"
    if "removed" in data:
        return "group_left"
    usual = "group_joined" if "added" in data else "group_changed"
    return CODES.get(name(item.get("type")), usual)
