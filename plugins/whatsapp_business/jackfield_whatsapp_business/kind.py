"""The kind of channel this plugin brings. Static: nothing here starts anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from jackfield.channel import (
    CONTRACT,
    ChannelId,
    ChannelKind,
    Field,
    Login,
    LoginPort,
    NotSupported,
    Port,
    Vital,
)

from .channel import BusinessChannel
from .config import FIELDS
from .engines.neonize.check import EngineMissing, installed
from .health import engine
from .login import DeviceLogin

if TYPE_CHECKING:

    def protocols(it: WhatsAppBusiness) -> ChannelKind:
        return it


class WhatsAppBusiness:
    name: ClassVar[str] = "whatsapp_business"
    title: ClassVar[str] = "WhatsApp Business app"
    contract: ClassVar[int] = CONTRACT
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    free_form_window: ClassVar[timedelta | None] = None

    def logins(self) -> Mapping[str, str]:
        """Flow → key of its name in the catalogue."""
        return {"qr": "whatsapp_business.login.qr", "code": "whatsapp_business.login.code"}

    def client_logins(self) -> Mapping[str, Literal["any", "other"]]:
        return {"qr": "other", "code": "any"}

    def login(self, flow: str, port: LoginPort) -> Login:
        if flow not in self.logins():
            raise NotSupported(f"there is no way to connect called {flow!r}")
        return DeviceLogin(port, by_code=flow == "code")

    def open(self, channel: ChannelId, config: Mapping[str, str], port: Port) -> BusinessChannel:
        return BusinessChannel(port)

    def check(self) -> Sequence[Vital]:
        try:
            about = installed()
        except EngineMissing as error:
            return (Vital(name="engine", value=str(error), level="warn"),)
        return tuple(engine(about.name, about.version, about.built, datetime.now(UTC).date()))
