"""What became of a template: its row changes, its history grows, and whoever works here is told.

What is said of it is compared with the row, and what differs is news: so the same webhook heard through
two channels of one account is one piece of news.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from jackfield.channel import TemplateStanding
from jackfield.ids import new_id, show
from jackfield.inbox.columns import clip
from jackfield.inbox.derive import notice
from jackfield.store.indexes import TEMPLATE_NEWS_OF
from jackfield.store.rows import TemplateNewsRow, TemplateRow
from jackfield.store.uow import Uow
from jackfield.wire.stream import Notice

What = Literal["standing", "quality", "category", "next_category", "design"]

SLACK = 60_000  # ms: providers say seconds, and their clock is not ours
BAD = frozenset({"rejected", "paused", "disabled", "limit_exceeded"})
WORD_MAX, REASON_MAX = 64, 2000  # characters


class Change(Struct, frozen=True, kw_only=True):
    """One thing that is other than it was."""

    what: What
    value: str
    was: str
    reason: str = ""


def stands(
    uow: Uow, row: TemplateRow, standing: TemplateStanding, *, at: int, word: str = "", reason: str = ""
) -> list[Change]:
    uow.edit(row)
    was = row.standing
    row.word, row.reason = clip(word or standing, WORD_MAX), clip(reason, REASON_MAX)
    if was == standing:
        return []
    row.standing, row.standing_at = standing, at
    change = Change(what="standing", value=standing, was="" if was == "unknown" else was, reason=row.reason)
    return note(uow, row, change, at)


def becomes(
    uow: Uow,
    row: TemplateRow,
    what: Literal["quality", "category", "next_category"],
    value: str,
    at: int,
    *,
    reason: str = "",
) -> list[Change]:
    was = getattr(row, what)
    if was == value:
        return []
    setattr(uow.edit(row), what, value)
    if what == "quality":
        row.quality_at = at
    else:
        row.category_at = at
    if not was and not row.design:
        return []  # so it was found: that is no change
    return note(uow, row, Change(what=what, value=value, was=was, reason=reason), at)


def note(uow: Uow, row: TemplateRow, change: Change, at: int) -> list[Change]:
    """Into the history, unless it is there: two channels of one account hear the same."""
    if uow.knows(TEMPLATE_NEWS_OF, row.id) and any(
        (news.what, news.at, news.value) == (change.what, at, change.value)
        for news in uow.all(TEMPLATE_NEWS_OF, row.id)
    ):
        return []
    uow.add(
        TemplateNewsRow(
            id=new_id(),
            workspace_id=row.workspace_id,
            template_id=row.id,
            at=at,
            what=change.what,
            value=clip(change.value, 80),
            was=clip(change.was, 80),
            reason=change.reason,
        )
    )
    return [change]


def tell(uow: Uow, channel: int, row: TemplateRow, change: Change, *, at: int) -> None:
    """A notice to whoever works here."""
    said = {
        "id": row.external_id,
        "name": row.name,
        "language": row.language,
        "state": row.word if change.what == "standing" else "",
        "category": row.category if "category" in change.what else "",
        "quality": row.quality if change.what == "quality" else "",
    }
    event = Notice(
        channel=show("ch", channel),
        severity="warning" if row.standing in BAD and change.what == "standing" else "info",
        code="template",
        text=change.reason,
        at=at,
        data={key: value for key, value in said.items() if value},
    )
    notice(uow, row.workspace_id, event)
