"""Connecting a number: each step is tried at the provider, against the simulator with its real calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, Literal

import pytest
from aiohttp import web
from waba_cloud import Answer, Cloud, cloud, refuses

from jackfield.channel import Ask, ChannelId, Done, HookRequest, NotSupported, Show, Step
from jackfield.testing import FakePort
from jackfield_whatsapp_api import login_forms as forms
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.coexistence import PAST, WANTED
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.kind import WhatsAppApi
from jackfield_whatsapp_api.login import NumberLogin
from jackfield_whatsapp_api.signature import sign
from jackfield_whatsapp_api.simulator import Callback, Number, Settings, Simulator
from jackfield_whatsapp_api.simulator.controls import numbers as controls
from jackfield_whatsapp_api.simulator.enrolment import Enrolment
from jackfield_whatsapp_api.simulator.script import RefuseCall

KEY = forms.KEY
PIN = "123456"
Where = Literal["here", "elsewhere"]


class House:
    """Where the provider calls: it hands each call to the login, as core does."""

    def __init__(self) -> None:
        self.login: NumberLogin | None = None
        self.url = ""
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        call = HookRequest(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
        )
        self.asked.append(request.path)
        said = self.login.webhook(call) if self.login else None
        return web.Response(status=404) if said is None else web.Response(body=said.body, status=said.status)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    found = House()
    app = web.Application()
    app.router.add_route("*", "/hooks/{name}", found.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield found
    finally:
        await runner.cleanup()


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator.start(Settings(speed=50)) as found:
        yield found


@pytest.fixture
def shop(sim: Simulator) -> Number:
    return sim.add_number("+1 555 010 0001", "Corner Shop", token="EAA-the-token-of-the-business")


@pytest.fixture
def port(house: House) -> FakePort:
    found = FakePort()
    found.hook = f"{house.url}/hooks/ch_new"
    return found


def begin(house: House, port: FakePort, flow: Any = "token") -> NumberLogin:
    house.login = NumberLogin(flow, port)
    return house.login


@pytest.fixture
def login(house: House, port: FakePort) -> NumberLogin:
    return begin(house, port)


def typed(sim: Simulator, number: Number, **changed: str) -> dict[str, str]:
    known = {
        "phone_number_id": number.id,
        "waba_id": number.account,
        "access_token": sim.token_of(number),
        "app_secret": sim.settings.app_secret,
        "api_base": sim.url,
    }
    return {**known, **changed}


def ask(step: Step, wanted: str) -> Ask:
    assert isinstance(step, Ask), step
    assert (step.step, dict(step.errors)) == (wanted, {})
    return step


def wrong(step: Step, errors: Mapping[str, str]) -> None:
    assert isinstance(step, Ask), step
    assert dict(step.errors) == errors


async def to_hook(login: NumberLogin, values: Mapping[str, str]) -> None:
    await login.start()
    ask(await login.submit(values), forms.HOOK)


async def waited(login: NumberLogin) -> Step:
    async with asyncio.timeout(5):
        return await login.wait()


async def test_a_number_is_connected_and_its_webhooks_are_proven_by_a_live_call(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    login = begin(house, port)
    await to_hook(login, typed(sim, shop))
    shown = await login.submit({"hook": "number"})
    assert shown == Show(step=forms.WAITING, kind="waiting", data=port.hook, skippable=True)
    done = await waited(login)
    assert isinstance(done, Done)
    assert (done.name, done.external_id) == ("Corner Shop", shop.id)
    config = Config.read(done.config)
    assert (config.waba_id, config.app_secret) == (shop.account, sim.settings.app_secret)
    assert config.business_id == sim.world.state.accounts[shop.account].business_id
    assert done.config["display_phone_number"] == "+1 555 010 0001"
    assert house.asked == ["/hooks/ch_new"], "the provider has really called"
    assert shop.callback == Callback(url=port.hook, verify_token=config.verify_token)
    assert await login.wait() == done


async def test_the_token_of_a_business_lists_what_can_be_chosen(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    token = sim.token_of(shop)
    sister = sim.add_number("+1 555 010 0002", "Second Shop", account_id=shop.account)
    other = sim.add_number("+1 555 010 0003", "Bakery", token=token)
    sim.add_number("+1 555 010 0004", "Somebody else")
    port.others = {sister.id: "here", other.id: "elsewhere"}
    login = begin(house, port, "business")
    ask(await login.start(), forms.BUSINESS)
    typed_ = {"access_token": token, "app_secret": sim.settings.app_secret, "api_base": sim.url}
    (field,) = ask(await login.submit(typed_), forms.NUMBER).fields
    ours, theirs = f"{shop.account}/{shop.id}", f"{other.account}/{other.id}"
    assert set(field.choices) == {ours, theirs, forms.ADD}, "what is connected here is left out"
    assert field.labels[ours] == "+1 555 010 0001 · Corner Shop · GREEN · CONNECTED · Corner Shop"
    wrong(await login.submit({"number": theirs}), {"number": f"{KEY}taken_elsewhere"})
    wrong(await login.submit({"number": "1/2"}), {"number": forms.NOT_CHOICE})
    ask(await login.submit({"number": ours}), forms.HOOK)
    assert isinstance(await login.submit({"hook": "number"}), Show)
    done = await waited(login)
    assert isinstance(done, Done)
    assert (done.external_id, done.config["waba_id"]) == (shop.id, shop.account)


async def test_the_next_number_of_the_same_business_needs_no_token_again(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    sister = sim.add_number("+1 555 010 0002", "Second Shop", account_id=shop.account)
    port.known, port.others = typed(sim, shop), {shop.id: "here"}
    (field,) = ask(await begin(house, port, "business").start(), forms.NUMBER).fields
    assert field.choices == (f"{shop.account}/{sister.id}", forms.ADD)
    step = ask(await begin(house, port).start(), forms.STEP)
    assert not [field.name for field in step.fields if field.secret]
    assert house.login is not None
    ask(await house.login.submit({"phone_number_id": sister.id}), forms.HOOK)


async def test_a_new_number_is_added_proven_and_registered(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    login = begin(house, port, "business")
    await login.start()
    await login.submit(
        {"access_token": sim.token_of(shop), "app_secret": sim.settings.app_secret, "api_base": sim.url}
    )
    ask(await login.submit({"number": forms.ADD}), forms.NEW)
    new = {"country_code": "1", "local_number": "5550109999", "verified_name": "New Shop"}
    wrong(await login.submit({**new, "country_code": "+1"}), {"country_code": forms.NOT_NUMBER})
    ask(await login.submit(new), forms.ASK_CODE)
    number = next(one for one in sim.numbers.values() if one.phone == "15550109999")
    ask(await login.submit({"code_method": "VOICE"}), forms.CODE)
    wrong(await login.submit({}), {"code": forms.MISSING})
    wrong(await login.submit({"code": "1"}), {"code": f"{KEY}wrong_code"})
    ask(await login.submit({"another_code": "1"}), forms.ASK_CODE)
    ask(await login.submit({"code_method": "SMS"}), forms.CODE)
    ask(await login.submit({"code": number.enrolment.code}), forms.REGISTER)
    wrong(await login.submit({"pin": "12"}), {"pin": forms.NOT_PIN})
    ask(await login.submit({"pin": PIN}), forms.HOOK)
    assert (number.enrolment.registered, number.enrolment.pin) == (True, PIN)


async def test_a_wrong_pin_and_too_many_registrations_are_told_apart(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    shop.enrolment = Enrolment(registered=False, pin="654321")
    login = begin(house, port)
    await login.start()
    ask(await login.submit(typed(sim, shop)), forms.REGISTER)
    for _ in range(10):
        wrong(await login.submit({"pin": PIN}), {"pin": "whatsapp_api.error.pin_wrong"})
    wrong(await login.submit({"pin": "654321"}), {"pin": "whatsapp_api.error.registered_too_often"})


async def test_a_number_on_a_phone_is_never_registered_and_may_bring_its_past(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    shop.enrolment = Enrolment(on_phone=True, status="PENDING")
    login = begin(house, port)
    await login.start()
    step = ask(await login.submit(typed(sim, shop)), forms.HOOK)
    assert "new_pin" not in {field.name for field in step.fields}, "its PIN is on the phone"
    await login.submit({"hook": "number"})
    ask(await waited(login), forms.PAST)
    assert isinstance(await login.submit({"bring_past": "1"}), Done)
    assert port.kv[PAST] == WANTED
    assert not [one for one in sim.requests if one.path.endswith("register")]


async def test_the_past_is_left_where_it_is_if_nobody_wants_it(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    shop.enrolment = Enrolment(on_phone=True)
    login = begin(house, port)
    await to_hook(login, typed(sim, shop))
    await login.submit({"hook": "number"})
    ask(await login.submit({}), forms.PAST)  # not waiting any longer
    assert isinstance(await login.submit({"bring_past": ""}), Done)
    assert PAST not in port.kv


async def test_the_pin_can_be_changed_on_the_way(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    login = begin(house, port)
    await to_hook(login, typed(sim, shop))
    wrong(await login.submit({"hook": "number", "new_pin": "x"}), {"new_pin": forms.NOT_PIN})
    await login.submit({"hook": "number", "new_pin": PIN})
    assert shop.enrolment.pin == PIN


async def test_an_address_that_the_provider_cannot_reach_is_asked_for_again(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    login = begin(house, port)
    await to_hook(login, typed(sim, shop))
    house.login = None  # nobody answers at the address
    await login.submit({"hook": "number"})
    wrong(await waited(login), {"hook": f"{KEY}not_reached"})
    house.login = login
    await login.submit({"hook": "number"})
    assert isinstance(await waited(login), Done)


async def test_the_webhooks_of_an_account_go_to_the_address_of_all_numbers(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    login = begin(house, port)
    await to_hook(login, typed(sim, shop))
    shown = await login.submit({"hook": "account"})
    assert isinstance(shown, Show)
    assert shown.data == f"{house.url}/hooks/whatsapp_api"
    assert isinstance(await waited(login), Done)
    callback = sim.world.state.accounts[shop.account].callback
    assert callback is not None
    assert callback.url == shown.data


async def test_an_account_that_is_subscribed_keeps_its_address(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    kept = sim.world.state.accounts[shop.account].callback = Callback(url="https://example.org/x")
    await to_hook(begin(house, port), typed(sim, shop))
    assert sim.world.state.accounts[shop.account].callback is kept


async def test_an_account_that_is_not_subscribed_is(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    sim.world.state.accounts[shop.account].subscribed = False
    await to_hook(begin(house, port), typed(sim, shop))
    assert sim.world.state.accounts[shop.account].subscribed


async def test_who_sets_the_dashboard_sees_what_to_enter_and_the_call_is_waited_for(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    login = begin(house, port)
    await to_hook(login, typed(sim, shop))
    step = ask(await login.submit({"hook": "dashboard"}), forms.DASHBOARD)
    shown = {field.name: field.default for field in step.fields}
    assert shown["callback"] == f"{house.url}/hooks/whatsapp_api"
    assert len(shown["verify_token"]) >= 24
    await login.submit({"verify_token": "my own word"})
    waiting = asyncio.create_task(login.wait())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    target = Callback(url=shown["callback"], verify_token="my own word")
    assert await sim.world.courier.verify(target, "challenge-1")
    done = await asyncio.wait_for(waiting, 5)
    assert isinstance(done, Done)
    assert done.config["verify_token"] == "my own word"


async def test_a_dashboard_that_is_set_already_need_not_call_again(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    sim.settings.callback = Callback(url=f"{house.url}/hooks/whatsapp_api", verify_token="another login's")
    login = begin(house, port)
    await to_hook(login, typed(sim, shop))
    await login.submit({"hook": "dashboard"})
    await login.submit({"verify_token": ""})
    assert isinstance(await waited(login), Done)


def call(method: str, query: Mapping[str, str], body: bytes = b"", secret: str = "") -> HookRequest:
    headers = {"x-hub-signature-256": sign(secret, body)} if secret else {}
    return HookRequest(method=method, path="/", query=query, headers=headers, body=body)


async def test_only_its_own_call_is_taken_and_only_while_it_waits(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    login = begin(house, port)
    await to_hook(login, typed(sim, shop))
    await login.submit({"hook": "dashboard"})
    word = {"hub.mode": "subscribe", "hub.verify_token": "word-1", "hub.challenge": "42"}
    assert login.webhook(call("GET", word)) is None
    await login.submit({"verify_token": "word-1"})
    assert login.webhook(call("GET", {**word, "hub.verify_token": "other"})) is None
    assert login.webhook(call("GET", {**word, "hub.mode": "unsubscribe"})) is None
    answer = login.webhook(call("GET", word))
    assert answer is not None
    assert (answer.body, answer.stored, answer.status) == (b"42", False, 200)
    secret = sim.settings.app_secret
    about = b'{"entry":[{"id":"%s","changes":[{"value":{"metadata":{"phone_number_id":"%s"}}}]}]}'
    news = about % (shop.account.encode(), shop.id.encode())
    taken = login.webhook(call("POST", {}, news, secret))
    assert taken is not None
    assert (taken.accepted, taken.status) == (False, 503), "kept nowhere: the provider is to come again"
    for body, key in ((news, "other secret"), (about % (b"1", b"2"), secret), (b"{", secret), (news, "")):
        assert login.webhook(call("POST", {}, body, key)) is None


async def test_a_renewed_login_asks_for_a_token_and_keeps_the_rest(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    known = {**typed(sim, shop), "verify_token": "kept-word", "business_id": "77", "access_token": "expired"}
    port.known = known
    login = begin(house, port)
    step = ask(await login.start(ChannelId("ch_1")), forms.RENEW)
    assert [field.name for field in step.fields if field.required] == ["access_token"]
    bad = {"access_token": "error.bad_credentials"}
    wrong(await login.submit({"access_token": "still wrong"}), bad)
    other = sim.token_of(sim.add_number("+1 555 010 0009", "Other"))
    wrong(await login.submit({"access_token": other}), {"access_token": f"{KEY}other_number"})
    new = {"access_token": sim.token_of(shop)}
    wrong(await login.submit({**new, "app_secret": "not it"}), {"app_secret": f"{KEY}wrong_secret"})
    done = await login.submit(new)
    assert isinstance(done, Done)
    assert done.external_id == shop.id
    assert {key: done.config[key] for key in known} == {**known, **new}
    assert shop.callback is None, "its webhooks are where they were"


async def test_a_renewed_number_that_lost_its_registration_is_registered(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    port.known = {**typed(sim, shop), "verify_token": "kept-word"}
    shop.enrolment = Enrolment(registered=False)
    login = begin(house, port)
    await login.start(ChannelId("ch_1"))
    ask(await login.submit({"access_token": sim.token_of(shop)}), forms.REGISTER)
    assert isinstance(await login.submit({"pin": PIN}), Done)


MESSAGING, MANAGEMENT = "whatsapp_business_messaging", "whatsapp_business_management"


@pytest.mark.parametrize(
    ("withheld", "words"),
    [
        ([MESSAGING], "no_messaging"),
        ([MANAGEMENT], "no_management"),
        ([MESSAGING, MANAGEMENT], "no_scopes"),
    ],
)
async def test_a_permission_that_is_missing_is_named(
    sim: Simulator, shop: Number, login: NumberLogin, withheld: list[str], words: str
) -> None:
    controls.withhold(sim.world, controls.Withhold(account=shop.account, scopes=withheld))
    await login.start()
    wrong(await login.submit(typed(sim, shop)), {"access_token": KEY + words})


async def test_a_permission_is_looked_for_where_the_app_may_not_be_asked_about(
    sim: Simulator, shop: Number, login: NumberLogin
) -> None:
    sim.script(RefuseCall(edge="", id="debug_token", code=100))
    controls.withhold(sim.world, controls.Withhold(account=shop.account, scopes=[MANAGEMENT]))
    await login.start()
    wrong(await login.submit(typed(sim, shop)), {"access_token": f"{KEY}no_management"})


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"access_token": " "}, {"access_token": forms.MISSING}),
        ({"phone_number_id": "+1 555"}, {"phone_number_id": forms.NOT_NUMBER}),
        ({"waba_id": "٣"}, {"waba_id": forms.NOT_NUMBER}),
        ({"api_base": "graph.facebook.com"}, {"api_base": forms.NOT_URL}),
        ({"api_base": "http://[::1"}, {"api_base": forms.NOT_URL}),
    ],
)
async def test_what_can_be_seen_at_once_is_told_without_a_call(
    sim: Simulator, shop: Number, login: NumberLogin, changed: dict[str, str], errors: dict[str, str]
) -> None:
    await login.start()
    wrong(await login.submit(typed(sim, shop, **changed)), errors)
    assert not sim.requests


@pytest.mark.parametrize("where", ["here", "elsewhere"])
async def test_a_number_that_is_connected_is_refused_before_anything_changes(
    sim: Simulator, shop: Number, login: NumberLogin, port: FakePort, where: Where
) -> None:
    port.others = {shop.id: where}
    await login.start()
    wrong(await login.submit(typed(sim, shop)), {"phone_number_id": f"{KEY}taken_{where}"})
    assert not [one for one in sim.requests if one.method != "GET"]


async def test_wrong_ids_and_secrets_name_their_field(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    login = begin(house, port)
    await login.start()
    for changed, errors in (
        ({"access_token": "wrong"}, {"access_token": "error.bad_credentials"}),
        ({"phone_number_id": "404"}, {"phone_number_id": f"{KEY}no_such_number"}),
        ({"app_secret": "wrong"}, {"app_secret": f"{KEY}wrong_secret"}),
        ({"waba_id": "404"}, {"waba_id": f"{KEY}no_such_waba"}),
    ):
        wrong(await login.submit(typed(sim, shop, **changed)), errors)
    ask(await login.submit(typed(sim, shop)), forms.HOOK)


@pytest.fixture
async def api() -> AsyncGenerator[Cloud]:
    async with cloud() as stand_in:
        yield stand_in


@pytest.mark.parametrize(
    ("where", "answer", "errors"),
    [
        ("debug_token", refuses(500, 2), {"": "whatsapp_api.error.provider_down"}),
        ("106540352242922", refuses(403, 10), {"access_token": "error.no_permission"}),
        ("106540352242922", refuses(400, 4), {"": "whatsapp_api.error.too_many_calls"}),
        ("subscribed_apps", refuses(403, 200), {"access_token": "error.no_permission"}),
        ("subscribed_apps", refuses(500, 2), {"": "whatsapp_api.error.provider_down"}),
    ],
)
async def test_each_refusal_is_in_words(
    api: Cloud, login: NumberLogin, where: str, answer: Answer, errors: dict[str, str]
) -> None:
    api.instead(where, answer)
    await login.start()
    wrong(await login.submit(api.config), errors)


async def test_no_secret_comes_back_and_none_is_in_a_log(
    sim: Simulator, shop: Number, house: House, port: FakePort
) -> None:
    login = begin(house, port)
    await login.start()
    values = typed(sim, shop, waba_id="no", marketing_api="1")
    step = await login.submit(values)
    assert isinstance(step, Ask)
    shown = {field.name: field.default for field in step.fields}
    assert (shown["phone_number_id"], shown["marketing_api"]) == (shop.id, "1")
    assert (shown["access_token"], shown["app_secret"]) == ("", "")
    await login.submit({**values, "waba_id": shop.account, "marketing_api": ""})
    logged = str(port.entries)
    assert sim.token_of(shop) not in logged
    assert sim.settings.app_secret not in logged


async def test_an_api_that_knows_fewer_fields_is_asked_for_the_least(api: Cloud, port: FakePort) -> None:
    from jackfield_whatsapp_api.numbers import look, read_number

    api.instead("106540352242922", refuses(400, 100, message="(#100) Tried accessing nonexisting field (x)"))
    number = read_number(await look(GraphClient(Config.read(api.config), port)))
    assert (number.name, number.registered, number.proven) == ("Tulip", True, True)


def test_another_flow_is_refused() -> None:
    with pytest.raises(NotSupported):
        WhatsAppApi().login("qr", FakePort())
