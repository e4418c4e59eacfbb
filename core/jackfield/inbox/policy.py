"""Policy: may this conversation be written to now, and may this be what is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import assert_never

from msgspec import Struct

from jackfield.channel import (
    Address,
    Capabilities,
    ChoiceOffered,
    Contacts,
    ConversationId,
    Facts,
    Level,
    Location,
    Media,
    MediaLimit,
    Template,
    Text,
)
from jackfield.errors import Invalid, NotSendable
from jackfield.store.rows import ChannelRow, ContactRow, ConversationRow, FileRow, IdentityRow
from jackfield.wire.commands import Sendable
from jackfield.wire.views import CanSend, Role

from .columns import ATTRIBUTES, ms

RANK: Mapping[Role, int] = {"viewer": 0, "operator": 1, "admin": 2, "owner": 3}
DOWN = frozenset({"bad_credentials", "logged_out", "suspended"})  # states that need a person
NO_LIMIT = 1 << 40  # bytes: the channel itself names none
NOTE_MAX = 65_536  # characters: a note stays in the house


class Situation(Struct, frozen=True, kw_only=True):
    """All that decides whether a conversation can be written to."""

    role: Role
    channel: ChannelRow
    conversation: ConversationRow
    contact: ContactRow | None = None
    capabilities: Capabilities | None  # None: the channel is not open in this process


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def facts(conversation: ConversationRow, identities: Iterable[IdentityRow], *, now: int) -> Facts:
    """What a channel is told when it is asked what it can do in a conversation."""
    seen = conversation.last_in_at
    return Facts(
        conversation=ConversationId(conversation.peer),
        group=conversation.is_group,
        addresses=tuple(Address(kind=i.kind, value=i.value, scope=i.scope) for i in identities),
        last_inbound_at=None if seen is None else moment(seen),
        now=moment(now),
    )


def can_send(about: Situation) -> CanSend:
    """May free text be sent? The first thing in the way is the reason: our rights, then the channel,
    then the person's will, then the provider's window."""
    caps = about.capabilities
    if RANK[about.role] < RANK["operator"]:
        return CanSend(ok=False, reason="rights", text_max=0)
    if trouble := _channel_trouble(about.channel):
        return CanSend(ok=False, reason=trouble, alternatives=("note",), text_max=0)
    if caps is None:
        return CanSend(ok=False, reason="channel_away", alternatives=("note",), text_max=0)
    until = None if caps.free_form_until is None else ms(caps.free_form_until)
    reason: str = ""
    alternatives: tuple[str, ...] = ()
    if opted_out(about.contact):
        reason, alternatives = "opted_out", ("note",)
    elif caps.free_form_closed:
        reason = "window_closed"
        alternatives = ("template", "note") if caps.template > Level.DROPPED else ("note",)
    return CanSend(
        ok=not reason,
        reason=reason,
        until=until,
        alternatives=alternatives,
        text_max=caps.text_max,
        media={pattern: _most(limit) for pattern, limit in caps.media.items() if limit.level > Level.DROPPED},
        can=tuple(_able(caps)),
    )


def check_sendable(answer: CanSend, parts: Sequence[Sendable], contact: ContactRow | None) -> None:
    """Raise NotSendable, with the reason and what could be done instead, unless these may leave now."""
    only_templates = all(isinstance(part, Template) for part in parts)
    if not (answer.ok or ("template" in answer.alternatives and only_templates)):
        raise NotSendable(code=answer.reason, alternatives=list(answer.alternatives), until=answer.until)
    marketing = any(isinstance(part, Template) and part.category.lower() == "marketing" for part in parts)
    if marketing and _wishes(contact).get("consent.marketing") == "stop":
        raise NotSendable(code="marketing_opted_out", alternatives=["note"], until=None)


def opted_out(contact: ContactRow | None) -> bool:
    """The person wants nothing from us at all (attribute "consent.messages" is "stop")."""
    return _wishes(contact).get("consent.messages") == "stop"


def check_part(part: Sendable, caps: Capabilities, files: Mapping[str, FileRow]) -> None:
    """Raise Invalid, naming the limit, if the channel cannot carry this part. `files` by ref."""
    match part:
        case Text():
            at_most("text", part.body, caps.text_max)
        case Media():
            _check_media(part, caps, files[part.ref])
        case Location():
            _need("location", caps.location)
        case Contacts():
            _need("contacts", caps.contacts)
        case Template():
            _need("template", caps.template)
            if part.header_media is not None:
                _check_media(part.header_media, caps, files[part.header_media.ref])
        case ChoiceOffered():
            _check_choice(part, caps)
            if part.header_media is not None:
                _check_media(part.header_media, caps, files[part.header_media.ref])
        case _:
            assert_never(part)


def at_most(what: str, value: str, limit: int) -> None:
    """Raise Invalid for a text that is empty, or longer than `limit` characters."""
    if not value.strip():
        raise Invalid(f"{what} is empty", code="empty", field=what)
    if len(value) > limit:
        raise Invalid(
            f"{what} has {len(value)} characters, at most {limit} are allowed",
            code="too_long",
            field=what,
            limit=limit,
        )


def _channel_trouble(channel: ChannelRow) -> str:
    if channel.removed_at is not None:
        return "channel_removed"
    if not channel.enabled:
        return "channel_disabled"
    return channel.state if channel.state in DOWN else ""


def _wishes(contact: ContactRow | None) -> Mapping[str, str]:
    return {} if contact is None else ATTRIBUTES.decode(contact.attributes)


def _most(limit: MediaLimit) -> int:
    return NO_LIMIT if limit.max_bytes is None else limit.max_bytes


def _able(caps: Capabilities) -> Iterable[str]:
    levels = {
        "reply": caps.reply,
        "react": caps.react,
        "edit": caps.edit,
        "delete": caps.delete,
        "location": caps.location,
        "contacts": caps.contacts,
        "template": caps.template,
        "choices": caps.choices.level,
    }
    return (name for name, level in levels.items() if level > Level.DROPPED)


def _need(what: str, level: Level) -> None:
    if level <= Level.DROPPED:
        raise Invalid(f"this channel carries no {what}", code="not_supported", field=what)


def _check_media(media: Media, caps: Capabilities, file: FileRow) -> None:
    if caps.media_sorts and media.sort not in caps.media_sorts:
        raise Invalid(
            f"this channel carries no {media.sort}",
            code="not_supported",
            field=media.sort,
            allowed=list(caps.media_sorts),
        )
    limit = media_limit(caps.media, file.mime)
    if limit is None:
        raise Invalid(
            f"this channel carries no {file.mime or 'file of unknown type'}",
            code="media_type",
            field="media",
            allowed=sorted(caps.media),
        )
    if limit.max_bytes is not None and (file.size or 0) > limit.max_bytes:
        raise Invalid(
            f"the file has {file.size} bytes, at most {limit.max_bytes} are allowed",
            code="media_size",
            field="media",
            limit=limit.max_bytes,
        )
    if len(media.caption) > limit.caption_max:
        raise Invalid(
            f"the caption has {len(media.caption)} characters, at most {limit.caption_max} are allowed",
            code="too_long",
            field="caption",
            limit=limit.caption_max,
        )


def media_limit(limits: Mapping[str, MediaLimit], mime: str) -> MediaLimit | None:
    """The limit of the narrowest pattern that fits: "image/jpeg" before "image/*" before "*/*"."""
    plain = mime.partition(";")[0].strip().lower()
    for pattern in (plain, f"{plain.partition('/')[0]}/*", "*/*"):
        limit = limits.get(pattern)
        if limit is not None:
            return limit if limit.level > Level.DROPPED else None
    return None


def _check_choice(part: ChoiceOffered, caps: Capabilities) -> None:
    limits = caps.choices
    _need("choices", limits.level)
    if limits.body:
        at_most("body", part.body, limits.body)
    if part.style not in ("buttons", "list"):
        return
    most, title = (
        (limits.buttons, limits.button_title) if part.style == "buttons" else (limits.rows, limits.row_title)
    )
    if not 1 <= len(part.options) <= most:
        raise Invalid(
            f"{len(part.options)} options, from 1 to {most} are allowed",
            code="too_many_options",
            field="options",
            limit=most,
        )
    for option in part.options:
        at_most("option", option.title, title)
        if part.style == "list" and len(option.description) > limits.row_description:
            raise Invalid(
                f"a description has at most {limits.row_description} characters",
                code="too_long",
                field="description",
                limit=limits.row_description,
            )
