"""The copy of an account's templates: read whole now and then, kept current by what the provider tells.

What both say is compared with the row, and what differs is news: so the same webhook heard through two
channels of one account is one piece of news, and one that comes late does not turn the clock back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, cast

import msgspec
from msgspec import Struct

from jackfield.channel import (
    DesignsTemplates,
    TemplateDesign,
    TemplateRecord,
    TemplateStanding,
    TemplateState,
)
from jackfield.ids import new_id, show
from jackfield.inbox.columns import clip, ms, to_json
from jackfield.inbox.derive import notice
from jackfield.inbox.policy import moment
from jackfield.store.indexes import TEMPLATE, TEMPLATE_ACCOUNT, TEMPLATE_NEWS_OF, TEMPLATES_OF
from jackfield.store.rows import TemplateAccountRow, TemplateNewsRow, TemplateRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.stream import Notice

What = Literal["standing", "quality", "category", "next_category", "design"]

DESIGN = msgspec.json.Decoder(TemplateDesign)
QUALITIES = frozenset({"high", "medium", "low"})
SLACK = 60_000  # ms: providers say seconds, and their clock is not ours
SOON = 2_000  # ms until an account is read again whose template reads otherwise now
BAD = frozenset({"rejected", "paused", "disabled", "limit_exceeded"})
WORD_MAX, REASON_MAX = 64, 2000  # characters


def account_of(kind: str, word: str) -> str:
    """The account as rows have it: the word means something to its kind of channel only."""
    return clip(f"{kind}:{word}", 120)


class Change(Struct, frozen=True, kw_only=True):
    """One thing that is other than it was."""

    what: What
    value: str
    was: str
    reason: str = ""


class Read(Struct, frozen=True, kw_only=True):
    """A Work: all the templates of an account, as its provider listed them to a channel.

    `asked_at`: when the listing began, ms. What was told about that time or later may be newer than the
    list: then it stays, and the account is read again soon.
    """

    workspace: int
    channel: int
    account: str
    records: Sequence[TemplateRecord]
    asked_at: int
    again_at: int

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield TEMPLATE_ACCOUNT(self.workspace, self.account)
        yield TEMPLATES_OF(self.workspace, self.account)

    def apply(self, uow: Uow) -> None:
        account = uow.edit(account_row(uow, self.workspace, self.account))
        account.read_at, account.wanted_at, account.problem = uow.now, self.again_at, ""
        known = {row.external_id: row for row in uow.all(TEMPLATES_OF, self.workspace, self.account)}
        for record in self.records:
            row = known.get(record.id)
            if row is None:
                self._add(uow, record)
                continue
            if _may_be_newer(row, record, self.asked_at):
                account.wanted_at = min(account.wanted_at, uow.now + 2 * SLACK)
            for change in learn(uow, row, record, at=self.asked_at):
                tell(uow, self.channel, row, change, at=self.asked_at)
        listed = {record.id for record in self.records}
        for row in known.values():
            if row.external_id not in listed and not row.gone and row.created_at < self.asked_at:
                uow.edit(row).gone = True
                for change in _stands(uow, row, "deleted", at=self.asked_at):
                    tell(uow, self.channel, row, change, at=self.asked_at)

    def _add(self, uow: Uow, record: TemplateRecord) -> None:
        since = self.asked_at if record.changed_at is None else ms(record.changed_at)
        row = add(uow, self.workspace, self.account, record.id, at=since)
        learn(uow, row, record, at=since)


class NotRead(Struct, frozen=True, kw_only=True):
    """A Work: the provider did not list them. `code`: of the ChannelError; `again_at`: ms."""

    workspace: int
    account: str
    code: str
    again_at: int

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield TEMPLATE_ACCOUNT(self.workspace, self.account)

    def apply(self, uow: Uow) -> None:
        row = uow.edit(account_row(uow, self.workspace, self.account))
        row.problem, row.wanted_at = clip(self.code, 80), self.again_at


class Claim(Struct, frozen=True, kw_only=True):
    """A Work: whether it is time to read an account, and then nobody else does until `busy_until`, ms."""

    workspace: int
    account: str
    busy_until: int

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield TEMPLATE_ACCOUNT(self.workspace, self.account)

    def apply(self, uow: Uow) -> bool:
        row = account_row(uow, self.workspace, self.account)
        if row.wanted_at > uow.now:
            return False
        uow.edit(row).wanted_at = self.busy_until
        return True


class Keep(Struct, frozen=True, kw_only=True):
    """A Work: what became of one template that was made, edited or deleted here."""

    workspace: int
    channel: int
    account: str
    template: str
    record: TemplateRecord | None
    """None: it is deleted, or about to be."""

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield TEMPLATE(self.workspace, self.account, self.template)
        yield TEMPLATE_ACCOUNT(self.workspace, self.account)

    def apply(self, uow: Uow) -> None:
        row, record = uow.one(TEMPLATE, self.workspace, self.account, self.template), self.record
        changes: list[Change] = []
        if record is not None:
            if row is None:
                row = add(uow, self.workspace, self.account, self.template, at=uow.now)
            changes += _stands(uow, row, record.standing, at=uow.now, word=record.word, reason=record.reason)
            changes += learn(uow, row, record, at=uow.now)
        elif row is not None:
            changes += _stands(uow, row, "pending_deletion", at=uow.now)
        for change in changes[:1]:
            if row is not None:
                tell(uow, self.channel, row, change, at=uow.now)


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
            yield from _note(uow, row, late, at)
        else:
            yield from _stands(uow, row, event.standing, at=at, word=word, reason=reason)
    if event.quality and at + SLACK >= row.quality_at:
        yield from _becomes(uow, row, "quality", event.quality if event.quality in QUALITIES else "", at)
    if at + SLACK >= row.category_at:
        if event.category:
            yield from _becomes(uow, row, "category", clip(event.category, 20), at, reason=reason)
        if event.next_category or event.category:
            yield from _becomes(uow, row, "next_category", clip(event.next_category, 20), at, reason=reason)
    if event.changed:
        change = Change(what="design", value=word or "changed", was="", reason=reason)
        yield from _note(uow, row, change, at)


def learn(uow: Uow, row: TemplateRow, record: TemplateRecord, *, at: int) -> list[Change]:
    """Take over what a listing says, but for what was told after it had begun."""
    uow.edit(row)
    design = record.design
    changes: list[Change] = []
    if not _may_be_newer(row, record, at):
        changes += _stands(uow, row, record.standing, at=at, word=record.word, reason=record.reason)
    changes += _becomes(uow, row, "quality", record.quality, at)
    changes += _becomes(uow, row, "category", design.category, at)
    changes += _becomes(uow, row, "next_category", record.next_category, at)
    text = to_json(design)
    if row.design and row.design != text:
        changes += _note(uow, row, Change(what="design", value="changed", was=""), at)
    row.design, row.gone = text, False
    row.name, row.language = clip(design.name, 512), clip(design.language, 20)
    uow.place(row)
    return changes


def _may_be_newer(row: TemplateRow, record: TemplateRecord, asked_at: int) -> bool:
    """Whether what we were told of where it stands may be newer than a listing that says otherwise."""
    differs = row.standing not in ("unknown", record.standing)
    return differs and row.standing_at + SLACK > asked_at


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


def add(uow: Uow, workspace: int, account: str, template: str, *, at: int) -> TemplateRow:
    """A template nobody knew. Where it stands is for the caller to say."""
    return uow.add(
        TemplateRow(
            id=new_id(),
            workspace_id=workspace,
            account=account,
            external_id=clip(template, 80),
            name="",
            language="",
            standing="unknown",
            standing_at=at,
            created_at=uow.now,
        )
    )


def account_row(uow: Uow, workspace: int, account: str) -> TemplateAccountRow:
    row = uow.one(TEMPLATE_ACCOUNT, workspace, account)
    if row is None:
        row = uow.add(TemplateAccountRow(id=new_id(), workspace_id=workspace, account=account))
    return row


def _read_soon(uow: Uow, workspace: int, account: str) -> None:
    row = uow.edit(account_row(uow, workspace, account))
    row.wanted_at = min(row.wanted_at or uow.now + SOON, uow.now + SOON)


def _stands(
    uow: Uow, row: TemplateRow, standing: TemplateStanding, *, at: int, word: str = "", reason: str = ""
) -> list[Change]:
    uow.edit(row)
    was = row.standing
    row.word, row.reason = clip(word or standing, WORD_MAX), clip(reason, REASON_MAX)
    if was == standing:
        return []
    row.standing, row.standing_at = standing, at
    change = Change(what="standing", value=standing, was="" if was == "unknown" else was, reason=row.reason)
    return _note(uow, row, change, at)


def _becomes(
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
    return _note(uow, row, Change(what=what, value=value, was=was, reason=reason), at)


def _note(uow: Uow, row: TemplateRow, change: Change, at: int) -> list[Change]:
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


def record_of(row: TemplateRow, channel: DesignsTemplates | None) -> TemplateRecord:
    """A row as its provider said it, with what may not be done with it now."""
    standing = cast("TemplateStanding", row.standing)
    problems: Mapping[str, str] = {} if channel is None else channel.template_problems(standing)
    design = design_of(row) or TemplateDesign(name=row.name, language=row.language, category="utility")
    return TemplateRecord(
        id=row.external_id,
        design=design,
        standing=standing,
        word=row.word,
        reason=row.reason,
        quality=cast("Literal['', 'high', 'medium', 'low']", row.quality),
        next_category=row.next_category,
        changed_at=moment(row.standing_at),
        problems=problems,
    )


def design_of(row: TemplateRow) -> TemplateDesign | None:
    """None: it was not read yet."""
    return DESIGN.decode(row.design) if row.design else None
