"""Echo: a channel that answers every message with the same words."""

from __future__ import annotations

from collections.abc import Sequence

from jackfield.channel import ChannelKind, hookimpl

from .kind import EchoKind


@hookimpl
def jackfield_channel_kinds() -> Sequence[ChannelKind]:
    return [EchoKind()]
