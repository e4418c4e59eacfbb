"""Connecting a number, step by step: each answer is tried at the provider before the next is asked for.

token | business ─► number ─► (code ─► PIN) ─► webhooks ─► waiting for a call ─► (history) ─► done
renewing:  token ─► done
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import structs

from jackfield.channel import (
    Ask,
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
from .coexistence import PAST, WANTED
from .login_draft import KEPT, Draft
from .login_forms import ADD, BUSINESS, KEY, STEP, WAITING, Mistake, blaming

if TYPE_CHECKING:

    def protocols(it: NumberLogin) -> tuple[Login, HookedLogin]:
        return it, it


__all__ = ["BUSINESS", "STEP", "NumberLogin"]

Flow = Literal["token", "business"]
Handle = Callable[[Mapping[str, str]], Awaitable[Step]]


class NumberLogin:
    """One attempt: the step it is at, and what it has found out so far in its draft."""

    def __init__(self, flow: Flow, port: LoginPort) -> None:
        self._flow: Flow = flow
        self._port = port
        self._draft = Draft(port)
        self._renewed = False
        self._step: Step = forms.business() if flow == "business" else forms.credentials({})
        self._handle: Handle = self._business if flow == "business" else self._credentials
        self._way = ""  # how the webhooks come here, while that is waited for
        self._called = asyncio.Event()

    async def start(self, again: ChannelId | None = None) -> Step:
        """A renewed channel keeps all it has but its token; one like another has its token already."""
        known = {key: value for key, value in self._port.known.items() if key in KEPT and value}
        if again is not None and known:
            self._renewed = True
            self._draft.values |= known
            return self._next(forms.renew(), self._renew)
        if not known:
            return self._step
        shared = ("access_token", "app_secret", "marketing_api", "api_base", "api_version")
        self._draft.values |= {key: known[key] for key in shared if key in known}
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
                    await setting_up.point(self._draft.client, self._draft.config, self._way, self._address)
            except Mistake as mistake:
                ask = forms.hook(on_phone=self._draft.number.on_phone)
                chosen = structs.replace(ask, fields=forms.with_values(ask.fields, {"hook": self._way}))
                return self._next(forms.placed(chosen, mistake), self._hooks)
        elif await self._draft.is_set():
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
            verify_token=self._draft.values["verify_token"],
            app_secret=self._draft.values["app_secret"],
            phone_id=self._draft.number.id,
        )
        if said is not None:
            self._called.set()
        return said

    # the steps

    async def _credentials(self, given: Mapping[str, str]) -> Step:
        self._draft.values |= given
        await self._draft.check_token()
        await self._draft.check_free(given["phone_number_id"], "phone_number_id")
        async with self._draft.client.held():
            await self._draft.look("phone_number_id", "no_such_number")
            return await self._go_on("waba_id")

    async def _business(self, given: Mapping[str, str]) -> Step:
        self._draft.values |= given
        return await self._listed()

    async def _listed(self) -> Step:
        """The numbers that the token opens, to choose from."""
        async with self._draft.client.held():
            found = await self._draft.check_token()
            with blaming("access_token"):
                self._draft.wabas = await portfolio.accounts(
                    self._draft.client, found, self._draft.values.get("business_id", "")
                )
        if not self._draft.wabas:
            raise Mistake({"access_token": f"{KEY}no_accounts"})
        ids = [number.id for waba in self._draft.wabas for number in waba.numbers]
        here = frozenset([id_ for id_ in ids if await self._port.taken(id_) == "here"])
        return self._next(forms.number(self._draft.wabas, here), self._chosen)

    async def _chosen(self, given: Mapping[str, str]) -> Step:
        if given["number"] == ADD:
            return self._next(forms.new_number(self._draft.wabas), self._new)
        waba_id, _, phone_id = given["number"].partition("/")
        await self._draft.check_free(phone_id, "number")
        return await self._enter(waba_id, phone_id, "number")

    async def _new(self, given: Mapping[str, str]) -> Step:
        with blaming("local_number"):
            phone_id = await setting_up.add(
                self._draft.client,
                given["account"],
                country_code=given["country_code"],
                number=given["local_number"],
                name=given["verified_name"],
            )
        return await self._enter(given["account"], phone_id, "local_number")

    async def _enter(self, waba_id: str, phone_id: str, field: str) -> Step:
        """Take up the number that was chosen or made."""
        owner = next((waba.business_id for waba in self._draft.wabas if waba.id == waba_id), "")
        self._draft.values |= {"waba_id": waba_id, "phone_number_id": phone_id}
        self._draft.values["business_id"] = owner or self._draft.values.get("business_id", "")
        async with self._draft.client.held():
            await self._draft.look(field, "no_such_number")
            return await self._go_on(field)

    async def _go_on(self, field: str) -> Step:
        """What the number still needs; then where its webhooks go. `field`: to blame for the account."""
        await self._draft.prove_secret()
        with blaming(field, "no_such_waba"):
            await self._draft.subscribe()
        if not self._draft.values.get("business_id"):
            with blaming(field):
                self._draft.values["business_id"] = await portfolio.owner(
                    self._draft.client, self._draft.config.waba_id
                )
        return self._needed()

    def _needed(self) -> Step:
        """The next thing the number needs before it works."""
        if not self._draft.number.proven:
            return self._next(forms.ask_code(), self._ask_code)
        if not self._draft.number.registered:
            return self._next(forms.register(), self._register)
        if self._renewed:  # its webhooks are where they were
            return self._done()
        return self._next(forms.hook(on_phone=self._draft.number.on_phone), self._hooks)

    async def _ask_code(self, given: Mapping[str, str]) -> Step:
        with blaming("code_method"):
            await setting_up.request_code(
                self._draft.client, self._draft.number.id, given["code_method"], given["language"]
            )
        return self._next(forms.code(), self._prove_number)

    async def _prove_number(self, given: Mapping[str, str]) -> Step:
        if given["another_code"]:
            return self._next(forms.ask_code(), self._ask_code)
        if not given["code"]:
            raise Mistake({"code": forms.MISSING})
        with blaming("code", "wrong_code"):
            await setting_up.verify_code(
                self._draft.client, self._draft.number.id, given["code"].replace("-", "")
            )
        self._draft.number = structs.replace(self._draft.number, verified="VERIFIED")
        return self._needed()

    async def _register(self, given: Mapping[str, str]) -> Step:
        with blaming("pin", codes=setting_up.ABOUT_PIN):
            await setting_up.register(self._draft.client, self._draft.number.id, given["pin"])
        self._draft.number = structs.replace(self._draft.number, status="CONNECTED", platform="CLOUD_API")
        return self._needed()

    async def _hooks(self, given: Mapping[str, str]) -> Step:
        await self._draft.set_pin(given)
        self._way = given["hook"]
        if self._way == "dashboard":
            asked = forms.dashboard(self._draft.shared, self._draft.values["verify_token"])
            return self._next(asked, self._dashboard)
        return self._wait_for_call(self._address)

    async def _dashboard(self, given: Mapping[str, str]) -> Step:
        self._draft.values["verify_token"] = given["verify_token"]
        return self._wait_for_call(self._draft.shared)

    async def _renew(self, given: Mapping[str, str]) -> Step:
        before = dict(self._draft.values)
        self._draft.values |= {key: given[key] for key in ("access_token", "app_secret") if given[key]}
        try:
            await self._draft.check_token()
            async with self._draft.client.held():
                await self._draft.look("access_token", "other_number")
                await self._draft.prove_secret()
                with blaming("access_token"):
                    await self._draft.subscribe()
            await self._draft.set_pin(given)
        except Mistake:
            self._draft.values = before
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
        if self._draft.number.on_phone:
            return self._next(forms.past(), self._past)
        return self._done()

    def _done(self) -> Done:
        self._step = done = self._draft.done()
        return done

    @property
    def _address(self) -> str:
        """Where the webhooks come: those of an account are for all its numbers."""
        return self._draft.shared if self._way == "account" else self._port.hook
