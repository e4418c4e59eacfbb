"""The WhatsApp Business API as a channel of Jackfield: Meta's Cloud API and whatever speaks like it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from jackfield.channel import ChannelKind, DemoPart, DemoStage, hookimpl

from .kind import WhatsAppApi

if TYPE_CHECKING:
    import click


@hookimpl
def jackfield_channel_kinds() -> Sequence[ChannelKind]:
    return (WhatsAppApi(),)


@hookimpl
def jackfield_commands() -> Sequence[click.Command]:
    from .cli import commands  # the command line is not needed to carry messages

    return commands()


@hookimpl
def jackfield_demo(stage: DemoStage) -> AbstractAsyncContextManager[DemoPart]:
    from .demo import demo  # the simulator is not needed to carry messages

    return demo(stage)
