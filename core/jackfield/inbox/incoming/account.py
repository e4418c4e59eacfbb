"""What the provider says of the account: templates, limits, quality, standing."""

from __future__ import annotations

from msgspec import structs

from jackfield.channel import LimitChange, TemplateState
from jackfield.ids import new_id, show
from jackfield.inbox.columns import SAID, clip, ms, to_json
from jackfield.inbox.derive import notice
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.templates import told
from jackfield.store.indexes import CHANNEL
from jackfield.store.rows import ChannelRow, RemarkRow
from jackfield.store.uow import Needs, Uow
from jackfield.wire.stream import Notice
from jackfield.wire.views import RemarkView

from .scene import Scene

TEXT_MAX, ABOUT_MAX, DETAIL_MAX = 2000, 40, 65_536  # characters
_BAD_STATES = frozenset({"rejected", "paused", "disabled", "flagged", "limit_exceeded"})


def needs(facts: ChannelFacts) -> Needs:
    yield CHANNEL(facts.channel)


def template_needs(uow: Uow, facts: ChannelFacts, event: TemplateState) -> Needs:
    if event.account:
        yield from told.event_needs(uow, facts.workspace, facts.kind, event)


def take_template(scene: Scene, event: TemplateState) -> None:
    """Into our copy; and a notice, unless another channel of the account has told it before."""
    facts = scene.facts
    if event.account and not told.take(scene.uow, facts.workspace, facts.kind, event):
        return
    said = {
        "id": event.id,
        "name": event.name,
        "language": event.language,
        "state": event.state,
        "category": event.category or event.next_category,
        "quality": event.quality,
    }
    notice(
        scene.uow,
        scene.facts.workspace,
        Notice(
            channel=show("ch", scene.facts.channel),
            severity="warning" if event.state in _BAD_STATES else "info",
            code="template",
            text=clip(event.reason, TEXT_MAX),
            at=ms(event.at),
            data={key: clip(value, TEXT_MAX) for key, value in said.items() if value},
        ),
    )


def take_limit(scene: Scene, event: LimitChange) -> None:
    """Kept with the channel and in its history, and a notice. What is said of the account's standing is the
    channel's trouble until it is better. The same again is no news."""
    channel = scene.uow.one(CHANNEL, scene.facts.channel)
    if channel is None or not _remember(scene.uow, channel, event):
        return
    notice(
        scene.uow,
        scene.facts.workspace,
        Notice(
            channel=show("ch", scene.facts.channel),
            severity=event.severity,
            code=event.about,
            text=clip(event.text, TEXT_MAX),
            at=ms(event.at),
            data={"value": clip(event.value, TEXT_MAX)},
        ),
    )
    if event.about != "account":
        return
    if event.severity == "critical":
        scene.uow.edit(channel)
        channel.state_code, channel.state_at = "account", ms(event.at)
        channel.state_text = clip(event.text or event.value, TEXT_MAX)
    elif channel.state_code == "account":
        scene.uow.edit(channel)
        channel.state_code, channel.state_text, channel.state_at = "", "", ms(event.at)


def _remember(uow: Uow, channel: ChannelRow, event: LimitChange) -> bool:
    """Whether it is news. What comes late goes into the history, and changes nothing of what is said now."""
    about = clip(event.about, ABOUT_MAX)
    now = RemarkView(
        value=clip(event.value, TEXT_MAX),
        severity=event.severity,
        text=clip(event.text, TEXT_MAX),
        at=ms(event.at),
    )
    said = SAID.decode(channel.said)
    before = said.get(about)
    if before is not None and structs.replace(before, at=now.at) == now:
        return False
    raw = bytes(event.detail)
    uow.add(
        RemarkRow(
            id=new_id(),
            workspace_id=channel.workspace_id,
            channel_id=channel.id,
            about=about,
            value=now.value,
            severity=now.severity,
            text=now.text,
            detail="" if raw == b"null" else clip(raw.decode(errors="replace"), DETAIL_MAX),
            at=now.at,
        )
    )
    if before is None or before.at <= now.at:
        uow.edit(channel).said = to_json({**said, about: now})
    return True
