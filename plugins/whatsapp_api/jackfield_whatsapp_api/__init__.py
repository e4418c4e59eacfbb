"""The WhatsApp Business API as a channel of Jackfield: Meta's Cloud API and whatever speaks like it."""

from __future__ import annotations

from collections.abc import Sequence

from jackfield.channel import ChannelKind, hookimpl

from .kind import WhatsAppApi


@hookimpl
def jackfield_channel_kinds() -> Sequence[ChannelKind]:
    return (WhatsAppApi(),)
