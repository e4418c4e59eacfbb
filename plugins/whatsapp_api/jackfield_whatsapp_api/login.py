"""Connecting a number, step by step: each answer is tried at the provider before the next is asked for.

token | business ─► number ─► (code ─► PIN) ─► webhooks ─► waiting for a call ─► (history) ─► done
renewing:  token ─► done
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import structs
from yarl import URL

from jackfield.channel import (
    Ask,
    ChannelError,
    ChannelId,
    Done,
    Hooked,
    HookedLogin,
    HookRequest,
    Login,
    LoginPort,
    Show,
    Step,
)

from . import login_forms as forms
from . import login_hook, portfolio, setting_up
from .client import GraphClient
from .coexistence import PAST, WANTED
from .config import Config
from .login_forms import ADD, BUSINESS, KEY, STEP, WAITING, Mistake, blaming
from .numbers import Number, look, read_number

if TYPE_CHECKING:

    def protocols(it: NumberLogin) -> tuple[Login, HookedLogin]:
        return it, it


__all__ = ["BUSINESS", "STEP", "NumberLogin"]

Flow = Literal["token", "business"]
LACKS: Mapping[tuple[str, ...], str] = {
    (portfolio.MESSAGING,): "no_messaging",
    (portfolio.MANAGEMENT,): "no_management",
}
Handle = Callable[[Mapping[str, str]], Awaitable[Step]]
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


class NumberLogin:
    """One attempt. What was typed stays in this object's memory until it ends."""

    def __init__(self, flow: Flow, port: LoginPort) -> None:
        self._flow: Flow = flow
        self._port = port
        self._values: dict[str, str] = {"verify_token": secrets.token_urlsafe(24)}
        self._renewed, self._app = False, ""
        self._wabas: Sequence[portfolio.Waba] = ()
        self._number = Number(id="")
        self._step: Step = forms.business() if flow == "business" else forms.credentials({})
        self._handle: Handle = self._business if flow == "business" else self._credentials
        self._way = ""  # how the webhooks come here, while that is waited for
        self._called = asyncio.Event()
        self._made: tuple[Config, GraphClient] | None = None

    async def start(self, again: ChannelId | None = None) -> Step:
        """A renewed channel keeps all it has but its token; one like another has its token already."""
        known = {key: value for key, value in self._port.known.items() if key in KEPT and value}
        if again is not None and known:
            self._renewed = True
            self._values |= known
            return self._next(forms.renew(), self._renew)
        if not known:
            return self._step
        shared = ("access_token", "app_secret", "marketing_api", "api_base", "api_version")
        self._values |= {key: known[key] for key in shared if key in known}
        if self._flow == "token":
            known = {key: value for key, value in known.items() if key != "phone_number_id"}
            return self._next(forms.credentials(known), self._credentials)
        try:
            return await self._listed()
        except Mistake as mistake:  # the token of the other channel does not do any more
            return self._next(forms.placed(forms.business(), mistake), self._business)

    async def submit(self, values: Mapping[str, str]) -> Step:
        if isinstance(self._step, Show):
            return await self._after_call()  # without waiting any longer
        if isinstance(self._step, Done):
            return self._step
        asked = self._step
        given = forms.answers(asked, values)
        try:
            forms.check(asked, given)
            return await self._handle(given)
        except Mistake as mistake:
            shown = structs.replace(asked, fields=forms.with_values(asked.fields, given))
            self._step = forms.placed(shown, mistake)
            return self._step

    async def wait(self) -> Step:
        """Have the provider call, and go on when it has. May be cancelled and called again."""
        if not isinstance(self._step, Show):
            return self._step
        if self._way != "dashboard":
            try:
                with blaming("hook", "not_reached"):
                    await setting_up.point(self._client, self._config, self._way, self._address)
            except Mistake as mistake:
                ask = forms.hook(on_phone=self._number.on_phone)
                chosen = structs.replace(ask, fields=forms.with_values(ask.fields, {"hook": self._way}))
                return self._next(forms.placed(chosen, mistake), self._hooks)
        elif await self._is_set():
            self._called.set()
        await self._called.wait()
        return await self._after_call()

    async def cancel(self) -> None:
        """Nothing is left open between two steps."""

    def webhook(self, request: HookRequest) -> Hooked | None:
        """The call that is waited for."""
        if not isinstance(self._step, Show):
            return None
        said = login_hook.answer(
            request,
            verify_token=self._values["verify_token"],
            app_secret=self._values["app_secret"],
            phone_id=self._number.id,
        )
        if said is not None:
            self._called.set()
        return said

    # the steps

    async def _credentials(self, given: Mapping[str, str]) -> Step:
        self._values |= given
        await self._check_token()
        await self._check_free(given["phone_number_id"], "phone_number_id")
        async with self._client.held():
            with blaming("phone_number_id", "no_such_number"):
                self._number = read_number(await look(self._client))
            return await self._go_on("waba_id")

    async def _business(self, given: Mapping[str, str]) -> Step:
        self._values |= given
        return await self._listed()

    async def _listed(self) -> Step:
        """The numbers that the token opens, to choose from."""
        async with self._client.held():
            found = await self._check_token()
            with blaming("access_token"):
                self._wabas = await portfolio.accounts(
                    self._client, found, self._values.get("business_id", "")
                )
        if not self._wabas:
            raise Mistake({"access_token": f"{KEY}no_accounts"})
        ids = [number.id for waba in self._wabas for number in waba.numbers]
        here = frozenset([id_ for id_ in ids if await self._port.taken(id_) == "here"])
        return self._next(forms.number(self._wabas, here), self._chosen)

    async def _chosen(self, given: Mapping[str, str]) -> Step:
        if given["number"] == ADD:
            return self._next(forms.new_number(self._wabas), self._new)
        waba_id, _, phone_id = given["number"].partition("/")
        await self._check_free(phone_id, "number")
        return await self._enter(waba_id, phone_id, "number")

    async def _new(self, given: Mapping[str, str]) -> Step:
        with blaming("local_number"):
            phone_id = await setting_up.add(
                self._client,
                given["account"],
                country_code=given["country_code"],
                number=given["local_number"],
                name=given["verified_name"],
            )
        return await self._enter(given["account"], phone_id, "local_number")

    async def _enter(self, waba_id: str, phone_id: str, field: str) -> Step:
        """Take up the number that was chosen or made."""
        owner = next((waba.business_id for waba in self._wabas if waba.id == waba_id), "")
        self._values |= {"waba_id": waba_id, "phone_number_id": phone_id}
        self._values["business_id"] = owner or self._values.get("business_id", "")
        async with self._client.held():
            with blaming(field, "no_such_number"):
                self._number = read_number(await look(self._client))
            return await self._go_on(field)

    async def _go_on(self, field: str) -> Step:
        """What the number still needs; then where its webhooks go. `field`: to blame for the account."""
        await self._prove_secret()
        with blaming(field, "no_such_waba"):
            await setting_up.subscribe(self._client, self._config.waba_id, self._app)
        if not self._values.get("business_id"):
            with blaming(field):
                self._values["business_id"] = await portfolio.owner(self._client, self._config.waba_id)
        return self._needed()

    def _needed(self) -> Step:
        """The next thing the number needs before it works."""
        if not self._number.proven:
            return self._next(forms.ask_code(), self._ask_code)
        if not self._number.registered:
            return self._next(forms.register(), self._register)
        if self._renewed:  # its webhooks are where they were
            return self._done()
        return self._next(forms.hook(on_phone=self._number.on_phone), self._hooks)

    async def _ask_code(self, given: Mapping[str, str]) -> Step:
        with blaming("code_method"):
            await setting_up.request_code(
                self._client, self._number.id, given["code_method"], given["language"]
            )
        return self._next(forms.code(), self._prove_number)

    async def _prove_number(self, given: Mapping[str, str]) -> Step:
        if given["another_code"]:
            return self._next(forms.ask_code(), self._ask_code)
        if not given["code"]:
            raise Mistake({"code": forms.MISSING})
        with blaming("code", "wrong_code"):
            await setting_up.verify_code(self._client, self._number.id, given["code"].replace("-", ""))
        self._number = structs.replace(self._number, verified="VERIFIED")
        return self._needed()

    async def _register(self, given: Mapping[str, str]) -> Step:
        with blaming("pin", codes=setting_up.ABOUT_PIN):
            await setting_up.register(self._client, self._number.id, given["pin"])
        self._number = structs.replace(self._number, status="CONNECTED", platform="CLOUD_API")
        return self._needed()

    async def _hooks(self, given: Mapping[str, str]) -> Step:
        await self._set_pin(given)
        self._way = given["hook"]
        if self._way == "dashboard":
            asked = forms.dashboard(self._shared, self._values["verify_token"])
            return self._next(asked, self._dashboard)
        return self._wait_for_call(self._address)

    async def _dashboard(self, given: Mapping[str, str]) -> Step:
        self._values["verify_token"] = given["verify_token"]
        return self._wait_for_call(self._shared)

    async def _renew(self, given: Mapping[str, str]) -> Step:
        before = dict(self._values)
        self._values |= {key: given[key] for key in ("access_token", "app_secret") if given[key]}
        try:
            await self._check_token()
            async with self._client.held():
                with blaming("access_token", "other_number"):
                    self._number = read_number(await look(self._client))
                await self._prove_secret()
                with blaming("access_token"):
                    await setting_up.subscribe(self._client, self._config.waba_id, self._app)
            await self._set_pin(given)
        except Mistake:
            self._values = before
            raise
        return self._needed()

    async def _past(self, given: Mapping[str, str]) -> Step:
        if given["bring_past"]:
            await self._port.put(PAST, WANTED)
        return self._done()

    # what the steps share

    def _next(self, step: Ask, handle: Handle) -> Step:
        self._step, self._handle = step, handle
        return step

    def _wait_for_call(self, address: str) -> Step:
        self._called.clear()
        self._step = Show(step=WAITING, kind="waiting", data=address, skippable=True)
        return self._step

    async def _after_call(self) -> Step:
        if self._number.on_phone:
            return self._next(forms.past(), self._past)
        return self._done()

    def _done(self) -> Done:
        self._values["display_phone_number"] = self._number.display or self._values.get(
            "display_phone_number", ""
        )
        phone_id = self._values["phone_number_id"]
        name = self._number.name or self._number.display or phone_id
        done = Done(name=name, external_id=phone_id, config={key: self._values.get(key, "") for key in KEPT})
        self._step = done
        return done

    async def _check_token(self) -> portfolio.Token:
        """Is the token good, and has it both permissions?"""
        with blaming("access_token"):
            found = await portfolio.token(self._client, self._values["access_token"])
        if found.missing:
            lacks = LACKS.get(found.missing, "no_scopes")
            raise Mistake({"access_token": KEY + lacks})
        self._app = found.app
        return found

    async def _check_free(self, phone_id: str, field: str) -> None:
        """Before anything is changed at the provider: no other channel may lose its webhooks to this one."""
        if where := await self._port.taken(phone_id):
            raise Mistake({field: f"{KEY}taken_{where}"})

    async def _prove_secret(self) -> None:
        """The API checks a proof made of token and secret: a wrong secret shows before the first call."""
        key, token = self._values["app_secret"].encode(), self._values["access_token"].encode()
        proof = hmac.new(key, token, hashlib.sha256).hexdigest()
        try:
            await self._client.number(("id",), {"appsecret_proof": proof})
        except ChannelError as error:
            if "appsecret_proof" in error.detail:
                raise Mistake({"app_secret": f"{KEY}wrong_secret"}) from error
            raise Mistake({"": f"error.{error.code}"}) from error

    async def _set_pin(self, given: Mapping[str, str]) -> None:
        if given.get("new_pin"):
            with blaming("new_pin", codes=setting_up.ABOUT_PIN):
                await setting_up.set_pin(self._client, self._values["phone_number_id"], given["new_pin"])

    async def _is_set(self) -> bool:
        """Whether the provider calls us already: another number of the same app may have seen to it."""
        try:
            called = read_number(await look(self._client)).called
        except ChannelError:
            return False
        return bool(called) and called in (self._port.hook, self._shared)

    @property
    def _address(self) -> str:
        """Where the webhooks come: those of an account are for all its numbers."""
        return self._shared if self._way == "account" else self._port.hook

    @property
    def _shared(self) -> str:
        """The address that serves all numbers of an app."""
        return str(URL(self._port.hook).with_name("whatsapp_api"))

    @property
    def _config(self) -> Config:
        """As far as it is known; the number may not be yet."""
        return Config.partly(self._values)

    @property
    def _client(self) -> GraphClient:
        """For what is known now. One per set of values, so that it can be held()."""
        config = self._config
        if self._made is None or self._made[0] != config:
            self._made = (config, GraphClient(config, self._port))
        return self._made[1]
