"""The channel that a login is about, as far as it is known, and whether the provider agrees with it.

What does not hold is a Mistake that names the field to blame.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

from yarl import URL

from jackfield.channel import ChannelError, Done, LoginPort

from . import portfolio, setting_up
from .client import GraphClient
from .config import Config
from .login_forms import KEY, Mistake, blaming
from .numbers import Number, look, read_number

LACKS: Mapping[tuple[str, ...], str] = {
    (portfolio.MESSAGING,): "no_messaging",
    (portfolio.MANAGEMENT,): "no_management",
}
KEPT = (
    "phone_number_id",
    "waba_id",
    "access_token",
    "app_secret",
    "verify_token",
    "business_id",
    "display_phone_number",
    "marketing_api",
    "api_base",
    "api_version",
)


class Draft:
    """What was typed stays in this object's memory until the login ends."""

    def __init__(self, port: LoginPort) -> None:
        self.values: dict[str, str] = {"verify_token": secrets.token_urlsafe(24)}
        self.wabas: Sequence[portfolio.Waba] = ()
        self.number = Number(id="")
        self._port = port
        self._app = ""
        self._made: tuple[Config, GraphClient] | None = None

    @property
    def config(self) -> Config:
        """As far as it is known; the number may not be yet."""
        return Config.partly(self.values)

    @property
    def client(self) -> GraphClient:
        """For what is known now. One per set of values, so that it can be held()."""
        config = self.config
        if self._made is None or self._made[0] != config:
            self._made = (config, GraphClient(config, self._port))
        return self._made[1]

    @property
    def shared(self) -> str:
        """The address that serves all numbers of an app."""
        return str(URL(self._port.hook).with_name("whatsapp_api"))

    async def check_token(self) -> portfolio.Token:
        """Is the token good, and has it both permissions?"""
        with blaming("access_token"):
            found = await portfolio.token(self.client, self.values["access_token"])
        if found.missing:
            lacks = LACKS.get(found.missing, "no_scopes")
            raise Mistake({"access_token": KEY + lacks})
        self._app = found.app
        return found

    async def check_free(self, phone_id: str, field: str) -> None:
        """Before anything is changed at the provider: no other channel may lose its webhooks to this one."""
        if where := await self._port.taken(phone_id):
            raise Mistake({field: f"{KEY}taken_{where}"})

    async def look(self, field: str, refused: str) -> None:
        """Have the number as the provider shows it. `refused`: the words for a refusal, as of blaming()."""
        with blaming(field, refused):
            self.number = read_number(await look(self.client))

    async def prove_secret(self) -> None:
        """The API checks a proof made of token and secret: a wrong secret shows before the first call."""
        key, token = self.values["app_secret"].encode(), self.values["access_token"].encode()
        proof = hmac.new(key, token, hashlib.sha256).hexdigest()
        try:
            await self.client.number(("id",), {"appsecret_proof": proof})
        except ChannelError as error:
            if "appsecret_proof" in error.detail:
                raise Mistake({"app_secret": f"{KEY}wrong_secret"}) from error
            raise Mistake({"": f"error.{error.code}"}) from error

    async def subscribe(self) -> None:
        """Have the account's webhooks sent to the app of the token."""
        await setting_up.subscribe(self.client, self.config.waba_id, self._app)

    async def set_pin(self, given: Mapping[str, str]) -> None:
        if given.get("new_pin"):
            with blaming("new_pin", codes=setting_up.ABOUT_PIN):
                await setting_up.set_pin(self.client, self.values["phone_number_id"], given["new_pin"])

    async def is_set(self) -> bool:
        """Whether the provider calls us already: another number of the same app may have seen to it."""
        try:
            called = read_number(await look(self.client)).called
        except ChannelError:
            return False
        return bool(called) and called in (self._port.hook, self.shared)

    def done(self) -> Done:
        """The channel, whole."""
        number, values = self.number, self.values
        values["display_phone_number"] = number.display or values.get("display_phone_number", "")
        phone_id = values["phone_number_id"]
        name = number.name or number.display or phone_id
        return Done(name=name, external_id=phone_id, config={key: values.get(key, "") for key in KEPT})
