"""Interactive content: what a person chose or filled in, and (in echoes) what was offered."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from jackfield.channel import ChoiceMade, FormReply, Part
from jackfield_whatsapp_api.payload import (
    Node,
    Odd,
    is_node,
    name,
    need_node,
    need_text,
    node,
    text,
    when,
)

from .offers import offered


def interactive(item: Node) -> Part:
    said = need_node(item, "interactive")
    match kind := name(said.get("type")):
        case "button_reply":
            return _pressed(need_node(said, kind))
        case "list_reply":
            return _picked(need_node(said, kind))
        case "nfm_reply":
            return _form(need_node(said, kind))
        case "call_permission_reply":
            return _permission(need_node(said, kind))
        case _:
            return offered(kind, said) or _other(kind, said)


def _pressed(reply: Node) -> ChoiceMade:
    return ChoiceMade(source="buttons", title=_title(reply), id=text(reply.get("id")))


def _picked(reply: Node) -> ChoiceMade:
    return ChoiceMade(
        source="list",
        title=_title(reply),
        id=text(reply.get("id")),
        description=text(reply.get("description")),
    )


def _title(reply: Node) -> str:
    title = text(reply.get("title")) or text(reply.get("id"))
    if not title:
        raise Odd("a reply has neither title nor id")
    return title


def _permission(reply: Node) -> ChoiceMade:
    """May we call? "accept" or "reject", and until when."""
    answer = need_text(reply, "response")
    never = datetime.min.replace(tzinfo=UTC)
    until = when(reply.get("expiration_timestamp"), never)
    return ChoiceMade(
        source="permission",
        title=answer,
        id=answer,
        description="" if until == never else until.isoformat(),
    )


def _form(reply: Node) -> FormReply:
    return FormReply(
        name=text(reply.get("name")),
        body=text(reply.get("body")),
        fields=_form_fields(reply.get("response_json")),
    )


def _form_fields(said: object) -> dict[str, str]:
    """The answers in their order; nested ones stay JSON. What is no JSON object is kept under one name."""
    if isinstance(said, str):
        try:
            filled: object = json.loads(said)
        except (ValueError, RecursionError):
            return {"response_json": said}
    else:
        filled = said
    if filled is None:
        return {}
    if not is_node(filled):
        return {"response_json": said if isinstance(said, str) else _as_text(filled)}
    return {key: _as_text(value) for key, value in filled.items()}


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _other(kind: str, said: Node) -> ChoiceMade:
    """A kind of reply that is newer than this code, if it looks like a choice."""
    reply = node(said.get(kind))
    if not text(reply.get("title")):
        raise Odd(f"interactive.{kind or 'type'} is not known")
    return ChoiceMade(
        source="other",
        title=text(reply.get("title")),
        id=text(reply.get("id")),
        description=text(reply.get("description")),
    )
