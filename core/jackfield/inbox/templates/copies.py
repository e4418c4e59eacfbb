"""Our copy of a template: the account it is in, its row, and the row as the provider's record of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

import msgspec

from jackfield.channel import DesignsTemplates, TemplateDesign, TemplateRecord, TemplateStanding
from jackfield.ids import new_id
from jackfield.inbox.columns import clip
from jackfield.inbox.policy import moment
from jackfield.store.indexes import TEMPLATE_ACCOUNT
from jackfield.store.rows import TemplateAccountRow, TemplateRow
from jackfield.store.uow import Uow

DESIGN = msgspec.json.Decoder(TemplateDesign)


def account_of(kind: str, word: str) -> str:
    """The account as rows have it: the word means something to its kind of channel only."""
    return clip(f"{kind}:{word}", 120)


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
