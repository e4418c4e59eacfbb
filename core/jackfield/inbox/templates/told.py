"""What the provider tells of one template by a call: into our copy, at once.

A call that comes late does not turn the clock back: it goes into the history alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from jackfield.channel import TemplateState
from jackfield.inbox.columns import clip, ms
from jackfield.store.indexes import TEMPLATE, TEMPLATE_ACCOUNT, TEMPLATE_NEWS_OF
from jackfield.store.rows import TemplateRow
from jackfield.store.uow import Need, Uow

from .copies import account_of, account_row, add
from .news import REASON_MAX, SLACK, WORD_MAX, Change, becomes, note, stands

QUALITIES = frozenset({"high", "medium", "low"})
SOON = 2_000  # ms until an account is read again whose template reads otherwise now


def event_needs(uow: Uow, workspace: int, kind: str, event: TemplateState) -> Iterator[Need]:
    """What take() looks at."""
    account = account_of(kind, event.account)
    yield TEMPLATE_ACCOUNT(workspace, account)
    yield TEMPLATE(workspace, account, clip(event.id, 80))
    row = uow.peek(TEMPLATE, workspace, account, clip(event.id, 80))
    if row is not None:
        yield TEMPLATE_NEWS_OF(row.id)


def take(uow: Uow, workspace: int, kind: str, event: TemplateState) -> bool:
    """Apply what the provider told of a template. False: it was known."""
    account, at = account_of(kind, event.account), ms(event.at)
    row = uow.one(TEMPLATE, workspace, account, clip(event.id, 80))
    if row is None:
        row = add(uow, workspace, account, event.id, at=at)
        row.name, row.language = clip(event.name, 512), clip(event.language, 20)
        uow.place(row)
        uow.fresh(TEMPLATE_NEWS_OF(row.id))
    changes = list(_told(uow, row, event, at))
    if changes and (event.changed or not row.design):
        _read_soon(uow, workspace, account)
    return bool(changes)


def _told(uow: Uow, row: TemplateRow, event: TemplateState, at: int) -> Iterator[Change]:
    """What an event changes. One that is older than what we know is put into the history alone."""
    word, reason = clip(event.state, WORD_MAX), clip(event.reason, REASON_MAX)
    if event.standing is not None:
        if at + SLACK < row.standing_at:
            late = Change(what="standing", value=event.standing, was="", reason=reason)
            yield from note(uow, row, late, at)
        else:
            yield from stands(uow, row, event.standing, at=at, word=word, reason=reason)
    if event.quality and at + SLACK >= row.quality_at:
        yield from becomes(uow, row, "quality", event.quality if event.quality in QUALITIES else "", at)
    if at + SLACK >= row.category_at:
        if event.category:
            yield from becomes(uow, row, "category", clip(event.category, 20), at, reason=reason)
        if event.next_category or event.category:
            yield from becomes(uow, row, "next_category", clip(event.next_category, 20), at, reason=reason)
    if event.changed:
        change = Change(what="design", value=word or "changed", was="", reason=reason)
        yield from note(uow, row, change, at)


def _read_soon(uow: Uow, workspace: int, account: str) -> None:
    row = uow.edit(account_row(uow, workspace, account))
    row.wanted_at = min(row.wanted_at or uow.now + SOON, uow.now + SOON)
