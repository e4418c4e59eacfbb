"""What the provider says of the account: templates, limits, quality, standing."""

from __future__ import annotations

from jackfield.channel import LimitChange, TemplateState
from jackfield.ids import show
from jackfield.inbox.columns import clip, ms
from jackfield.inbox.derive import notice
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.templates import copies
from jackfield.store.indexes import CHANNEL
from jackfield.store.uow import Needs, Uow
from jackfield.wire.stream import Notice

from .scene import Scene

TEXT_MAX = 2000
_BAD_STATES = frozenset({"rejected", "paused", "disabled", "flagged", "limit_exceeded"})


def needs(facts: ChannelFacts, event: LimitChange) -> Needs:
    if event.about == "account":
        yield CHANNEL(facts.channel)


def template_needs(uow: Uow, facts: ChannelFacts, event: TemplateState) -> Needs:
    if event.account:
        yield from copies.event_needs(uow, facts.workspace, facts.kind, event)


def take_template(scene: Scene, event: TemplateState) -> None:
    """Into our copy; and a notice, unless another channel of the account has told it before."""
    facts = scene.facts
    if event.account and not copies.take(scene.uow, facts.workspace, facts.kind, event):
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
    """A notice; and what is said of the account's standing stays with the channel until it is better."""
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
    channel = scene.uow.one(CHANNEL, scene.facts.channel)
    if channel is None:
        return
    if event.severity == "critical":
        scene.uow.edit(channel)
        channel.state_code, channel.state_at = "account", ms(event.at)
        channel.state_text = clip(event.text or event.value, TEXT_MAX)
    elif channel.state_code == "account":
        scene.uow.edit(channel)
        channel.state_code, channel.state_text, channel.state_at = "", "", ms(event.at)
