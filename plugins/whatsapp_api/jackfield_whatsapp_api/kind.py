"""The kind of channel this plugin brings. Static: nothing here talks to anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from jackfield.channel import (
    CONTRACT,
    ChannelId,
    ChannelKind,
    Field,
    HookRequest,
    Login,
    LoginPort,
    NotSupported,
    Port,
    SharedWebhooks,
)

from . import limits
from .channel import CloudChannel
from .config import FIELDS, Config
from .convert_in import recipients
from .login import NumberLogin
from .payload import TooDeep, Unreadable, decode

if TYPE_CHECKING:

    def protocols(it: WhatsAppApi) -> tuple[ChannelKind, SharedWebhooks]:
        return it, it


class WhatsAppApi:
    name: ClassVar[str] = "whatsapp_api"
    title: ClassVar[str] = "WhatsApp Business API"
    contract: ClassVar[int] = CONTRACT
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    free_form_window: ClassVar[timedelta | None] = limits.FREE_FORM

    def logins(self) -> Mapping[str, str]:
        """Flow → key of its name in the catalogue."""
        return {"business": "whatsapp_api.login.business", "token": "whatsapp_api.login.token"}

    def login(self, flow: str, port: LoginPort) -> Login:
        match flow:
            case "token" | "business":
                return NumberLogin(flow, port)
            case _:
                raise NotSupported(f"there is no way to connect called {flow!r}")

    def open(
        self,
        channel: ChannelId,
        config: Mapping[str, str],
        port: Port,
    ) -> CloudChannel:
        return CloudChannel(Config.read(config), port)

    def recipients(self, request: HookRequest) -> frozenset[str]:
        """The numbers, and where no number is said the accounts, that a body speaks of."""
        try:
            return recipients(decode(request.body))
        except (Unreadable, TooDeep):
            return frozenset()

    def keys(self, config: Mapping[str, str]) -> frozenset[str]:
        found = (config.get("phone_number_id", ""), config.get("waba_id", ""))
        return frozenset(key.strip() for key in found if key.strip())
