"""Interactive content: what a person chose or filled in, and (in echoes) what was offered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from jackfield.channel import ChoiceMade, ChoiceOffered, FormReply, Option, Part
from jackfield_whatsapp_api.payload import (
    Node,
    Odd,
    is_node,
    listed,
    name,
    need_node,
    need_text,
    node,
    text,
    when,
)


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
        case "button" | "list" | "cta_url" | "location_request_message":
            return _offered(kind, said)
        case _:
            return _other(kind, said)


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


def _offered(kind: str, said: Node) -> ChoiceOffered:
    action = node(said.get("action"))
    header = text(node(said.get("header")).get("text"))
    body, footer = text(node(said.get("body")).get("text")), text(node(said.get("footer")).get("text"))
    match kind:
        case "button":
            options = tuple(_buttons(action))
            return ChoiceOffered(style="buttons", body=body, header=header, footer=footer, options=options)
        case "list":
            return ChoiceOffered(
                style="list",
                body=body,
                header=header,
                footer=footer,
                options=tuple(_rows(action)),
                button=text(action.get("button")),
            )
        case "cta_url":
            link = node(action.get("parameters"))
            option = Option(id="", title=text(link.get("display_text")), url=text(link.get("url")))
            return ChoiceOffered(style="link", body=body, header=header, footer=footer, options=(option,))
        case _:
            return ChoiceOffered(style="location_request", body=body)


def _buttons(action: Node) -> Iterator[Option]:
    for button in map(node, listed(action.get("buttons"))):
        reply = node(button.get("reply"))
        yield Option(id=text(reply.get("id")), title=text(reply.get("title")))


def _rows(action: Node) -> Iterator[Option]:
    for section in map(node, listed(action.get("sections"))):
        for row in map(node, listed(section.get("rows"))):
            yield Option(
                id=text(row.get("id")),
                title=text(row.get("title")),
                description=text(row.get("description")),
                section=text(section.get("title")),
            )


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
