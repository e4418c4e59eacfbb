"""The WhatsApp Business app as a channel of Jackfield: a linked companion of the phone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from jackfield.channel import ChannelKind, DemoPart, DemoStage, hookimpl


@hookimpl
def jackfield_channel_kinds() -> Sequence[ChannelKind]:
    from .kind import WhatsAppBusiness  # the bridge imports this package too, and needs no channel

    return (WhatsAppBusiness(),)


@hookimpl
def jackfield_demo(stage: DemoStage) -> AbstractAsyncContextManager[DemoPart]:
    from .demo import demo

    return demo(stage)
