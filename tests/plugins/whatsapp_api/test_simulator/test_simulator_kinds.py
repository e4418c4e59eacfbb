"""Every kind of message and news the simulator can play, played over HTTP, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from jackfield.channel import (
    Call,
    ChoiceMade,
    Contacts,
    ConversationInfo,
    FormReply,
    LimitChange,
    Location,
    Message,
    Order,
    Product,
    Profile,
    System,
    Text,
    Unrecognised,
    Unsupported,
)
from jackfield.testing import faults_of
from jackfield_whatsapp_api.convert_in import Account, convert
from jackfield_whatsapp_api.ids import Scope
from jackfield_whatsapp_api.simulator import Customer, Number, Simulator, kinds

Json = dict[str, Any]

# The kind, what it becomes: parts of a message, the code of a line, or an event of another sort.
BECOMES: dict[str, Any] = {
    "text": (Text,),
    "location": (Location,),
    "contacts": (Contacts,),
    "order": (Order,),
    "product_enquiry": (Text, Product),
    "advertisement": (Text,),
    "post": (Text,),
    "forwarded": (Text,),
    "forwarded_often": (Text,),
    "template_button": (ChoiceMade,),
    "button_reply": (ChoiceMade,),
    "list_reply": (ChoiceMade,),
    "form_reply": (FormReply,),
    "address_reply": (FormReply,),
    "calls_allowed": (ChoiceMade,),
    "calls_refused": (ChoiceMade,),
    "request_welcome": "request_welcome",
    "unsupported": (Unsupported,),
    "hologram": (Unsupported,),
    "in_group": (Text,),
    "call_rings": (Call,),
    "call_missed": (Call,),
    "call_rejected": (Call,),
    "call_over": (Call,),
    "our_call_rings": (Call,),
    "our_call_accepted": (Call,),
    "our_call_rejected": (Call,),
    "payment_pending": "payment_pending",
    "payment_captured": "payment_captured",
    "payment_failed": "payment_failed",
    "group_made": "group_created",
    "group_joined": "group_joined",
    "group_left": "group_left",
    "group_renamed": "group_changed",
    "group_suspended": "group_suspended",
    "standby_message": (Text,),
    "standby_echo": (Text,),
    "agent_took": "control_taken",
    "agent_passed": "control_passed",
    "phone_echo": (Text,),
    "marketing_stopped": Profile,
    "marketing_resumed": Profile,
    "tracking_events": Unrecognised,
    "automatic_events": Unrecognised,
    "account_settings": LimitChange,
    "account_alert": LimitChange,
    "account_review": LimitChange,
    "account_violation": LimitChange,
    "security": LimitChange,
    "field_of_next_year": Unrecognised,
}


def test_every_kind_is_in_the_table() -> None:
    names = kinds.names()
    assert {*names["messages"], *names["news"]} == BECOMES.keys()


async def play(sim: Simulator, shop: Number, user: Customer, kind: str, **over: Any) -> int:
    wish = {"number": shop.id, "user": user.phone, "kind": kind, "over": over}
    async with (
        aiohttp.ClientSession() as page,
        page.post(f"{sim.url}/control/kinds", json=wish) as answer,
    ):
        await sim.settled()
        return answer.status


def events(sim: Simulator, shop: Number, body: Json) -> list[Any]:
    """What a delivery comes to, sound all of it."""
    scope = Scope(sim.world.state.accounts[shop.account].business_id)
    ours = Account(phone_number_id=shop.id, waba_id=shop.account, scope=scope)
    found = convert(body, ours, datetime.now(UTC))
    assert not [fault for event in found for fault in faults_of(event)]
    return [*found]


@pytest.mark.parametrize("kind", BECOMES)
@pytest.mark.parametrize("hidden", [False, True], ids=["phone", "bsuid"])
async def test_what_is_played_is_told_and_understood(
    sim: Simulator, shop: Number, inbox: list[Json], kind: str, hidden: bool
) -> None:
    user = sim.add_customer("+1 555 010 0199", "Ann", username="ann" if hidden else "", hidden=hidden)
    assert await play(sim, shop, user, kind) == 200
    (body,) = inbox
    found, wanted = events(sim, shop, body), BECOMES[kind]
    if isinstance(wanted, type):
        assert any(isinstance(event, wanted) for event in found)
        return
    said = next(event for event in found if isinstance(event, Message))
    if isinstance(wanted, tuple):
        assert tuple(type(part) for part in said.parts) == wanted
    else:
        (part,) = said.parts
        assert isinstance(part, System)
        assert part.code == wanted
    if not said.group:
        assert said.conversation == (f"bsuid:{sim.bsuid(shop, user)}")


@pytest.mark.parametrize(
    ("kind", "holder"), [("agent_took", "agent"), ("agent_passed", ""), ("standby_message", "agent")]
)
async def test_who_answers_is_told(
    sim: Simulator, shop: Number, inbox: list[Json], kind: str, holder: str
) -> None:
    await play(sim, shop, sim.add_customer("+1 555 010 0199", "Ann"), kind)
    (body,) = inbox
    (info,) = [event for event in events(sim, shop, body) if isinstance(event, ConversationInfo)]
    assert info.holder == holder


async def test_a_sample_can_be_changed(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    await play(sim, shop, ann, "call_over", duration=7)
    (body,) = inbox
    said = next(event for event in events(sim, shop, body) if isinstance(event, Message))
    (part,) = said.parts
    assert isinstance(part, Call)
    assert part.duration == 7


async def test_a_kind_that_is_none_is_refused(sim: Simulator, shop: Number, ann: Customer) -> None:
    assert await play(sim, shop, ann, "telepathy") == 422


async def test_the_catalogue_and_the_tools_are_seen_and_set(sim: Simulator, shop: Number) -> None:
    goods = {"number": shop.id, "goods": [{"retailer_id": "rose", "name": "Rose"}]}
    async with aiohttp.ClientSession(f"{sim.url}/control/") as page:
        async with page.post("catalogue", json=goods) as answer:
            made = (await answer.json())["id"]
        async with page.post("insights", json={"number": shop.id}) as answer:
            assert answer.status == 200
        async with page.post("insights", json={"number": "9"}) as answer:
            assert answer.status == 422
        async with page.get("tools") as answer:
            (seen,) = (await answer.json())["numbers"]
    account = sim.world.state.accounts[shop.account]
    assert account.catalogue is not None
    assert (account.catalogue.id, account.catalogue.goods[0].name, account.insights) == (made, "Rose", True)
    assert (seen["id"], seen["links"], seen["blocked"]) == (shop.id, [], [])
