"""Ids as this plugin makes them; to everybody else they are opaque."""

from __future__ import annotations

from jackfield.channel import ConversationId, MessageId

PERSON = "person:"
SORTS = ("in", "out", "answer")  # theirs, ours, and what came back for ours


def make_conversation(person: str) -> ConversationId:
    return ConversationId(f"{PERSON}{person}")


def parse_conversation(conversation: str) -> str:
    """The person at the other end. Raises ValueError."""
    if not conversation.startswith(PERSON) or conversation == PERSON:
        raise ValueError(f"no conversation of ours: {conversation!r}")
    return conversation.removeprefix(PERSON)


def make_message(sort: str, value: str) -> MessageId:
    return MessageId(f"{sort}:{value}")


def parse_message(message: str) -> tuple[str, str]:
    """Its sort, one of SORTS, and the provider's id or our txn. Raises ValueError."""
    sort, _, value = message.partition(":")
    if sort not in SORTS or not value:
        raise ValueError(f"no message of ours: {message!r}")
    return sort, value
