"""Whether a conversation may be written to as far as protection goes: who wrote first, and who writes now."""

from __future__ import annotations

from jackfield.store.rows import ConversationRow

from .limits import DAY, Watch


def refusal(watch: Watch, conversation: ConversationRow, *, automatic: bool, now: int) -> str:
    """The reason why not; "": it may. `automatic`: no person writes this. `now` in ms.

    People who wrote lately are answered, and groups, whose members are there of their own will. Whoever did
    not write is written to by a person who began the conversation, for a day: then he has to begin it anew.
    """
    if watch.paused and automatic:
        return "paused"
    seen = conversation.last_in_at
    if conversation.is_group or (seen is not None and now - seen <= watch.limits.reply_within_days * DAY):
        return ""
    if automatic or not has_begun(conversation, now=now):
        return "reply_only"
    return "paused_new" if watch.paused else ""


def has_begun(conversation: ConversationRow, *, now: int) -> bool:
    """Whether one of us began it, or began it anew, within the last day."""
    return conversation.begun_at is not None and now - conversation.begun_at <= DAY
