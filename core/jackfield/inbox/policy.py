"""Policy: may this conversation be written to now, and may this be what is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from jackfield.channel import (
    Address,
    Capabilities,
    ConversationId,
    Facts,
    Level,
    MediaLimit,
    Template,
)
from jackfield.errors import Invalid, NotSendable
from jackfield.store.rows import ChannelRow, ContactRow, ConversationRow, IdentityRow
from jackfield.wire.commands import Sendable
from jackfield.wire.views import CanSend, Role

from .columns import ms
from .protection.asking import refusal
from .protection.limits import Watch
from .window import is_shut
from .wishes import attributes_of, is_blocked, wants_no_marketing, wants_nothing

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
    watch: Watch | None = None  # of an account that is used with care
    automatic: bool = False  # a program writes
    now: int = 0  # when it would leave, ms; told where there is a watch


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def facts(conversation: ConversationRow, identities: Iterable[IdentityRow], *, now: int) -> Facts:
    """What a channel is told when it is asked what it can do in a conversation.

    Where the provider closed the window, the channel is not told of the words that had opened it.
    """
    seen = None if is_shut(conversation) else conversation.last_in_at
    return Facts(
        conversation=ConversationId(conversation.peer),
        group=conversation.is_group,
        addresses=tuple(Address(kind=i.kind, value=i.value, scope=i.scope) for i in identities),
        last_inbound_at=None if seen is None else moment(seen),
        now=moment(now),
    )


def can_send(about: Situation) -> CanSend:
    """May free text be sent? The first thing in the way is the reason: our rights, then the channel,
    then the person's will, then the account's protection, then the provider's window."""
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
    wishes = attributes_of(about.contact)
    if is_blocked(wishes, about.channel.id):
        reason, alternatives = "blocked", ("unblock", "note")
    elif wants_nothing(wishes):
        reason, alternatives = "opted_out", ("note",)
    elif guarded := _protection(about):
        reason, alternatives = guarded, ("start", "note") if guarded == "reply_only" else ("note",)
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
        free_until=about.conversation.free_until,
        marketing=not wants_no_marketing(wishes),
        choices=caps.choices if caps.choices.level > Level.DROPPED else None,
        products=caps.products if caps.products.level > Level.DROPPED else None,
        carousel=caps.carousel if caps.carousel.level > Level.DROPPED else None,
    )


def check_sendable(answer: CanSend, parts: Sequence[Sendable], contact: ContactRow | None) -> None:
    """Raise NotSendable, with the reason and what could be done instead, unless these may leave now."""
    only_templates = all(isinstance(part, Template) for part in parts)
    if not (answer.ok or ("template" in answer.alternatives and only_templates)):
        raise NotSendable(code=answer.reason, alternatives=list(answer.alternatives), until=answer.until)
    marketing = any(isinstance(part, Template) and part.category.lower() == "marketing" for part in parts)
    if marketing and wants_no_marketing(attributes_of(contact)):
        raise NotSendable(code="marketing_opted_out", alternatives=["note"], until=None)


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


def _protection(about: Situation) -> str:
    if about.watch is None:
        return ""
    return refusal(about.watch, about.conversation, automatic=about.automatic, now=about.now)


def _channel_trouble(channel: ChannelRow) -> str:
    if channel.removed_at is not None:
        return "channel_removed"
    if not channel.enabled:
        return "channel_disabled"
    return channel.state if channel.state in DOWN else ""


def _most(limit: MediaLimit) -> int:
    return NO_LIMIT if limit.max_bytes is None else limit.max_bytes


def _able(caps: Capabilities) -> Iterable[str]:
    levels = {
        "reply": caps.reply,
        "react": caps.react,
        "edit": caps.edit,
        "delete": caps.delete,
        "pin": caps.pin,
        "location": caps.location,
        "contacts": caps.contacts,
        "template": caps.template,
        "choices": caps.choices.level,
        "products": caps.products.level,
        "carousel": caps.carousel.level,
        "links": caps.media_links,
        "preview": caps.preview,
    }
    return (name for name, level in levels.items() if level > Level.DROPPED)
