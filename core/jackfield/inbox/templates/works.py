"""The works that store templates: those of a listing, and one that was made, edited or deleted here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from jackfield.channel import TemplateRecord
from jackfield.inbox.columns import clip, ms, to_json
from jackfield.store.indexes import TEMPLATE, TEMPLATE_ACCOUNT, TEMPLATES_OF
from jackfield.store.rows import TemplateRow
from jackfield.store.uow import Need, Uow

from .copies import account_row, add
from .news import SLACK, Change, becomes, note, stands, tell


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
                for change in stands(uow, row, "deleted", at=self.asked_at):
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
            changes += stands(uow, row, record.standing, at=uow.now, word=record.word, reason=record.reason)
            changes += learn(uow, row, record, at=uow.now)
        elif row is not None:
            changes += stands(uow, row, "pending_deletion", at=uow.now)
        for change in changes[:1]:
            if row is not None:
                tell(uow, self.channel, row, change, at=uow.now)


def learn(uow: Uow, row: TemplateRow, record: TemplateRecord, *, at: int) -> list[Change]:
    """Take over what a listing says, but for what was told after it had begun."""
    uow.edit(row)
    design = record.design
    changes: list[Change] = []
    if not _may_be_newer(row, record, at):
        changes += stands(uow, row, record.standing, at=at, word=record.word, reason=record.reason)
    changes += becomes(uow, row, "quality", record.quality, at)
    changes += becomes(uow, row, "category", design.category, at)
    changes += becomes(uow, row, "next_category", record.next_category, at)
    text = to_json(design)
    if row.design and row.design != text:
        changes += note(uow, row, Change(what="design", value="changed", was=""), at)
    row.design, row.gone = text, False
    row.name, row.language = clip(design.name, 512), clip(design.language, 20)
    uow.place(row)
    return changes


def _may_be_newer(row: TemplateRow, record: TemplateRecord, asked_at: int) -> bool:
    """Whether what we were told of where it stands may be newer than a listing that says otherwise."""
    differs = row.standing not in ("unknown", record.standing)
    return differs and row.standing_at + SLACK > asked_at
