"""Both clients of pywa, sync and async, send the simulator everything they can send."""

from __future__ import annotations

import pytest
from waba_pywa import LEFT_OUT, PNG, SENDS, Chat, client, methods_that_send, pywa, pywa_async

from jackfield_whatsapp_api.simulator import Customer, Number, Simulator


@pytest.fixture
def chat(sim: Simulator, shop: Number, ann: Customer) -> Chat:
    sim.add_template(shop, "ready", "en", "Order {{1}} is ready")
    sim.add_template(shop, "sale", "en", "All flowers for half", category="MARKETING")
    asked = sim.user_says(shop.id, ann.phone, "Hello")
    return Chat(shop=shop, user=ann, asked=asked.id, media=sim.world.store(shop, PNG, mime="image/png").id)


@pytest.mark.parametrize("whatsapp", [pywa.WhatsApp, pywa_async.WhatsApp], ids=["sync", "async"])
def test_no_method_that_sends_is_left_out(whatsapp: object) -> None:
    driven = {send.method for send in SENDS.values()}
    assert methods_that_send(whatsapp) == driven | LEFT_OUT.keys()
    assert not driven & LEFT_OUT.keys()


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_everything_pywa_can_send_is_taken_and_arrives(
    sim: Simulator, shop: Number, ann: Customer, chat: Chat, kind: str
) -> None:
    by_id: dict[str, str] = {}
    async with client(kind, sim, shop) as wa:
        for name, send in SENDS.items():
            sent = await wa.do(send.method, ann.phone, **send.given(chat))
            by_id[name] = sent.id
    await sim.settled()
    for name, send in SENDS.items():
        said = sim.messages[by_id[name]]
        interactive = said.content.get("type", "") if said.type == "interactive" else ""
        assert (said.type, interactive) == (send.type, send.interactive), name
        assert said.status == ("sent" if said.type == "reaction" else "delivered"), name
    assert sim.messages[by_id["quote"]].reply_to == chat.asked
    assert sim.messages[by_id["tracked"]].tracker == "txn"
    assert sim.messages[by_id["template"]].shown["body"] == "Order 17 is ready"


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_the_same_to_a_person_known_by_a_bsuid_alone(sim: Simulator, shop: Number, kind: str) -> None:
    eve = sim.add_customer("+1 555 010 0177", "Eve", username="eve", hidden=True)
    asked = sim.user_says(shop.id, eve.phone, "Hello")
    async with client(kind, sim, shop) as wa:
        sent = await wa.do("send_message", sim.bsuid(shop, eve), "Hi")
        assert await wa.do("mark_message_as_read", asked.id)
        assert await wa.do("indicate_typing", asked.id)
    assert sim.messages[sent.id].user == eve.phone
    assert asked.status == "read"
