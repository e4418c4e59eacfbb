"""The kind: what core knows of this channel before there is one. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from jackfield.channel import Channel, ChannelId, Field, Login, Port

from .channel import EchoChannel
from .login import FIELDS, EchoLogin


class EchoKind:
    name: ClassVar[str] = "echo"
    title: ClassVar[str] = "Echo"
    contract: ClassVar[int] = 1
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    free_form_window: ClassVar[timedelta | None] = None

    def logins(self) -> Mapping[str, str]:
        return {"form": "echo.login.form"}

    def login(self, flow: str, port: Port) -> Login:
        return EchoLogin()

    def open(self, channel: ChannelId, config: Mapping[str, str], port: Port) -> Channel:
        return EchoChannel(config, port)
