"""The window in which free text is allowed, and the time in which nothing is charged.

Both follow from what really happened: a person's message or call opens the first, our answer to somebody who
came by an advertisement the second. The provider's word goes over what we made of it.
"""

from __future__ import annotations

from jackfield.channel import Referral
from jackfield.store.rows import ConversationRow
from jackfield.store.uow import Uow


def heard(conversation: ConversationRow, *, at: int, window: int | None) -> None:
    """The person spoke at `at`; `window`: how long free text is allowed from then on. All in ms."""
    if conversation.windowed and window is not None:
        conversation.window_until = at + window


def shut(uow: Uow, conversation: ConversationRow, *, said_at: int) -> None:
    """The provider refused free text that was said at `said_at`: the window is closed until the person
    speaks again. If he has spoken since, that was about another window.

    A window that ends where it began is one that the provider closed.
    """
    began = conversation.last_in_at
    if conversation.windowed and began is not None and began <= said_at:
        uow.edit(conversation).window_until = began


def is_shut(conversation: ConversationRow) -> bool:
    began, until = conversation.last_in_at, conversation.window_until
    return conversation.windowed and began is not None and until is not None and until <= began


def came_by(conversation: ConversationRow, referral: Referral, *, at: int) -> None:
    """He came by an advertisement at `at`, ms: an answer in time will be free."""
    if referral.free_for > 0:
        conversation.free_by = at + referral.answer_within * 1000
        conversation.free_for = referral.free_for * 1000


def answered(uow: Uow, conversation: ConversationRow, *, at: int) -> None:
    """Something of ours left at `at`, ms."""
    if conversation.free_by is None:
        return
    uow.edit(conversation)
    if at <= conversation.free_by:
        conversation.free_until = at + conversation.free_for
    conversation.free_by, conversation.free_for = None, 0


def free_until(uow: Uow, conversation: ConversationRow, until: int) -> None:
    """The provider says so, ms."""
    if conversation.free_until != until:
        uow.edit(conversation)
        conversation.free_until, conversation.free_by, conversation.free_for = until, None, 0
