"""What we know of a template that is about to be sent: its words, and whether it may be sent at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jackfield.channel import Channel, DesignsTemplates, Template
from jackfield.errors import Invalid, NotSendable
from jackfield.store.indexes import CHANNEL, TEMPLATES_NAMED
from jackfield.store.rows import ChannelRow, TemplateRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import Sendable

from .copies import account_of, design_of
from .filling import as_sent, filled, wanting

REASONS: Mapping[str, str] = {
    "draft": "template_pending",
    "pending": "template_pending",
    "in_appeal": "template_pending",
    "rejected": "template_rejected",
    "paused": "template_paused",
    "disabled": "template_disabled",
    "archived": "template_archived",
    "pending_deletion": "template_gone",
    "deleted": "template_gone",
}
"""Why one that stands so is not sent. It is tried where the provider's word is unknown to us."""


def template_needs(
    uow: Uow, channel_id: int, channel: Channel | None, parts: Sequence[Sendable]
) -> Iterator[Need]:
    """What fitted() looks at. The channel's row has to be named before."""
    asked = [part for part in parts if isinstance(part, Template)]
    row = uow.peek(CHANNEL, channel_id)
    if not asked or row is None or not isinstance(channel, DesignsTemplates):
        return
    yield from (TEMPLATES_NAMED(*_key(row, channel, part)) for part in asked)


def fitted(uow: Uow, channel_id: int, channel: Channel | None, part: Sendable) -> Sendable:
    """The part as the person will see it. Raises NotSendable for a template that is known to be stopped,
    Invalid for a place without its value. One that we do not know goes out as it is said."""
    if not isinstance(part, Template):
        return part
    row = uow.one(CHANNEL, channel_id)
    if row is None or not isinstance(channel, DesignsTemplates):
        return filled(part, part.parameters)
    known = _known(uow, row, channel, part)
    if known is None:
        return filled(part, part.parameters)
    if reason := REASONS.get(known.standing):
        raise NotSendable(code=reason, alternatives=["note"], until=None)
    design = design_of(known)
    if design is None:
        return filled(part, part.parameters)
    shown = channel.template_part(design)
    if places := wanting(shown, part):
        raise Invalid(f"{places[0]} has no value", code="empty", field=f"parameters.{places[0]}")
    return as_sent(shown, part)


def _known(uow: Uow, row: ChannelRow, channel: DesignsTemplates, part: Template) -> TemplateRow | None:
    """The newest of this name and language; one that may be sent before the others."""
    found = [
        one for one in uow.all(TEMPLATES_NAMED, *_key(row, channel, part)) if one.language == part.language
    ]
    found.sort(key=lambda one: (not one.gone, one.standing not in REASONS, one.id))
    return found[-1] if found else None


def _key(row: ChannelRow, channel: DesignsTemplates, part: Template) -> tuple[int, str, str]:
    return row.workspace_id, account_of(row.kind, channel.template_account), part.name
