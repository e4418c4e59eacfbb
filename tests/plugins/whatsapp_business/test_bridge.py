"""The real engine, linked to the mock: what it hears, what it says, and what a kill leaves."""

# pyright: reportUnknownMemberType=false
# (the package's stubs name their neighbours by paths that are not there)
from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest
from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.sayable import Sayable
from mock_whatsapp import Heard
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
from whatsapp_bridge import WITHIN, Bridge, Town, bridge

from jackfield import channel as contract
from jackfield.channel import ConversationId, Location, Media, Text

CUSTOMER = ConversationId("900000000000002@lid")


async def heard(town: Town) -> Heard:
    async with asyncio.timeout(WITHIN):
        return await town.customer.account.heard.get()


async def send(
    linked: Bridge, part: Sayable, txn: str, reply_to: str = ""
) -> say.Done | say.Failed | say.Alive:
    command = say.Send(ref=linked.line.ref(), to=CUSTOMER, part=part, txn=txn, reply_to=reply_to)
    return await linked.line.ask(command)


@pytest.mark.parametrize("by_characters", [False, True])
async def test_a_phone_is_linked(network: Town, tmp_path: Path, by_characters: bool) -> None:
    async with bridge(tmp_path / "shop") as started:
        linked = await started.link(network.shop, network.mock, by_characters=by_characters)
    assert (linked.phone, linked.name, linked.platform) == ("4915550001", "Flowers", "smba")
    assert (tmp_path / "shop" / "session.db").stat().st_mode & 0o077 == 0
    assert set(network.mock.asked) == {"web.whatsapp.com:443"}, "nobody else is asked"


async def test_a_customer_writes_and_is_answered(network: Town, linked: Bridge) -> None:
    await network.customer.write(network.shop.account, Message(conversation="Hello"))
    message = await linked.event(contract.Message)
    assert message.conversation == CUSTOMER
    assert message.parts == (Text(body="Hello"),)
    assert [address.kind for address in message.sender.addresses] == ["lid", "phone"]
    assert message.sender.name == "Karla"
    done = await send(linked, Text(body="Good day"), "t1", reply_to=message.id)
    assert isinstance(done, say.Done)
    answer = await heard(network)
    said = answer.message.extendedTextMessage
    assert (said.text, said.contextInfo.stanzaID) == ("Good day", message.id.rpartition("/")[2])
    assert said.contextInfo.participant == "900000000000002@lid"
    await network.customer.tick(network.shop.account, "read", answer.id)
    receipt = await linked.event(contract.Receipt)
    assert (receipt.targets, receipt.level) == ((done.id,), "read")


async def test_one_txn_is_one_message(network: Town, linked: Bridge) -> None:
    first, second = [await send(linked, Text(body="once"), "t1") for _ in range(2)]
    assert isinstance(first, say.Done)
    assert isinstance(second, say.Done)
    assert first.id == second.id
    await heard(network)
    assert network.customer.account.heard.empty()


async def test_a_file_goes_out_and_comes_in(network: Town, linked: Bridge, tmp_path: Path) -> None:
    path = tmp_path / "bill.pdf"
    path.write_bytes(b"%PDF-1.4 what is owed")
    part = Media(sort="document", ref="f_1", mime="application/pdf", name="bill.pdf", caption="Your bill")
    given = say.File(path=str(path), mime="application/pdf", size=21)
    command = say.Send(ref=linked.line.ref(), to=CUSTOMER, part=part, txn="t1", files={"f_1": given})
    assert isinstance(await linked.line.ask(command), say.Done)
    sent = (await heard(network)).message.documentMessage
    assert (sent.fileName, sent.caption) == ("bill.pdf", "Your bill")
    store = network.mock.media
    assert store.read(sent.directPath, sent.mediaKey, "document") == b"%PDF-1.4 what is owed"

    stored = store.put(b"jpeg", "image")
    picture = Message()
    for name, value in stored.fields().items():
        setattr(picture.imageMessage, name, value)
    picture.imageMessage.mimetype = "image/jpeg"
    await network.customer.write(network.shop.account, picture, sort="media", media="image")
    (media,) = (await linked.event(contract.Message)).parts
    assert isinstance(media, Media)
    done = await linked.line.ask(say.Fetch(ref=linked.line.ref(), file=media.ref))
    assert isinstance(done, say.Done)
    assert await asyncio.to_thread(Path(done.path).read_bytes) == b"jpeg"

    store.gone.add(stored.path.partition("?")[0])
    failed = await linked.line.ask(say.Fetch(ref=linked.line.ref(), file=media.ref))
    assert isinstance(failed, say.Failed)
    assert failed.error == "rejected", "it will not be there again"


async def test_reactions_edits_and_deletes_go_both_ways(network: Town, linked: Bridge) -> None:
    await network.customer.write(network.shop.account, Message(conversation="Hello"))
    message = await linked.event(contract.Message)
    ask, ref = linked.line.ask, linked.line.ref
    assert isinstance(await ask(say.React(ref=ref(), target=message.id, emoji="👍")), say.Done)
    reaction = (await heard(network)).message.reactionMessage
    number = message.id.rpartition("/")[2]
    assert (reaction.text, reaction.key.ID, reaction.key.fromMe) == ("👍", number, False)
    done = await send(linked, Text(body="a tpyo"), "t1")
    assert isinstance(done, say.Done)
    await heard(network)
    assert isinstance(await ask(say.Change(ref=ref(), target=done.id, text="a typo")), say.Done)
    assert (await heard(network)).message.protocolMessage.editedMessage.conversation == "a typo"
    assert isinstance(await ask(say.Revoke(ref=ref(), target=done.id)), say.Done)
    assert done.id.rpartition("/")[2] == (await heard(network)).message.protocolMessage.key.ID


async def test_a_group_is_one_conversation(network: Town, linked: Bridge) -> None:
    group = network.mock.add_group(
        "120363000000000001", "Team", network.shop, network.customer, network.third
    )
    for phone, text in ((network.customer, "one"), (network.third, "two")):
        await phone.write_to_group(group, Message(conversation=text))
        message = await linked.event(contract.Message)
        assert (message.group, message.conversation, message.parts) == (
            True,
            "120363000000000001@g.us",
            (Text(body=text),),
        )
        assert message.sender.addresses[0].value == phone.account.lid
    command = say.Send(ref=linked.line.ref(), to=str(group.jid), part=Text(body="all"), txn="g1")
    assert isinstance(await linked.line.ask(command), say.Done)
    for phone in (network.customer, network.third):
        async with asyncio.timeout(WITHIN):
            while (await phone.account.heard.get()).message.conversation != "all":
                pass


async def test_what_is_said_on_the_phone_is_the_owners(network: Town, linked: Bridge) -> None:
    await network.shop.write(network.customer.account, Message(conversation="from my phone"))
    message = await linked.event(contract.Message)
    assert message.sender.from_me
    assert (message.conversation, message.origin) == (CUSTOMER, "phone")
    assert {address.kind for address in message.peer} == {"lid", "phone"}


async def test_typing_and_what_is_hidden_are_told(network: Town, linked: Bridge) -> None:
    await network.customer.type(network.shop.account)
    assert (await linked.event(contract.Typing)).mode == "typing"
    await network.customer.withhold(network.shop.account)
    (part,) = (await linked.event(contract.Message)).parts
    assert isinstance(part, contract.Unsupported)
    assert part.kind == "view_once"


async def test_a_call_is_one_message_that_ends(network: Town, linked: Bridge) -> None:
    """It rang for ever, and below it stood another one that was missed."""
    await network.customer.call(network.shop.account, "C1")
    rings = await linked.event(contract.Message)
    await network.customer.call(network.shop.account, "C1", ends=True)
    ended = await linked.event(contract.Edit)
    assert ended.target == rings.id
    assert [part.outcome for part in (*rings.parts, *ended.parts) if isinstance(part, contract.Call)] == [
        "ringing",
        "missed",
    ]


async def test_nothing_is_lost_or_doubled_by_a_kill(network: Town, tmp_path: Path) -> None:
    """What came while nobody was there, and what was heard and not stored, is said again once."""
    folder = tmp_path / "shop"
    async with bridge(folder) as first:
        await first.link(network.shop, network.mock)
        first.refuses = True  # from here on nothing is stored by the other side
        await network.customer.write(network.shop.account, Message(conversation="heard, not stored"))
        async with asyncio.timeout(WITHIN):
            while (await network.customer.account.ticks.get()).kind not in {"delivered", "inactive"}:
                pass
            for _ in range(2):  # it is said again: nobody has acknowledged it
                await first.refused.wait()
                first.refused.clear()
        pid = first.line.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    await network.customer.write(network.shop.account, Message(conversation="while it was dead"))
    async with bridge(folder) as second:
        texts = [(await second.event(contract.Message)).parts for _ in range(2)]
    assert texts == [(Text(body="heard, not stored"),), (Text(body="while it was dead"),)]
    async with bridge(folder) as third:
        await third.state("connected")
        assert not [event for event in third.events if isinstance(event, contract.Message)]


REFUSALS: list[tuple[dict[str, str], say.LinkState, str]] = [
    ({"reason": "402", "code": "101", "expire": "3600"}, "temp_banned", "SEND_TO_TOO_MANY_PEOPLE"),
    ({"reason": "403"}, "locked", "MAIN_DEVICE_GONE"),
    ({"reason": "405"}, "engine_outdated", ""),
    ({"reason": "406"}, "banned", "UNKNOWN_LOGOUT"),
    ({"reason": "503"}, "reconnecting", ""),
]


async def test_a_refused_login_says_why(network: Town, tmp_path: Path) -> None:
    """One account, whose session each of them finds as it was."""
    async with bridge(tmp_path / "shop") as first:
        await first.link(network.shop, network.mock)
    for refusal, state, code in REFUSALS:
        folder = tmp_path / refusal["reason"]
        await asyncio.to_thread(shutil.copytree, tmp_path / "shop", folder)
        network.mock.refusals.append(refusal)
        async with bridge(folder) as again:
            status = await again.state(state)
            again.line.kill()
        assert (status.code, status.until is not None) == (code, state == "temp_banned"), refusal


async def test_a_barred_account_is_told_apart_from_an_unknown_outcome(network: Town, linked: Bridge) -> None:
    network.mock.rejections.append("463")
    cold = say.Send(ref=linked.line.ref(), to=CUSTOMER, part=Text(body="cold"), txn="t1")
    barred = await linked.line.ask(cold)
    assert isinstance(barred, say.Failed)
    assert (barred.error, barred.code) == ("unreachable", "463")
    again = await linked.line.ask(cold)
    assert isinstance(again, say.Done), "it surely did not go out: it may be tried again"


async def test_a_phone_throws_its_companion_out(network: Town, linked: Bridge) -> None:
    await network.shop.unlink()
    await linked.state("logged_out")
    assert not list(linked.folder.glob("session.db*")), "its keys are gone"


async def test_a_cut_network_comes_back_by_itself(network: Town, linked: Bridge) -> None:
    network.mock.cut()
    await network.customer.write(network.shop.account, Message(conversation="while it was cut"))
    assert (await linked.event(contract.Message)).parts == (Text(body="while it was cut"),)


async def test_an_account_that_wants_a_passkey_is_told(network: Town, tmp_path: Path) -> None:
    async with bridge(tmp_path / "shop") as started:
        await started.state("unlinked")
        await started.line.ask(say.Link(ref=started.line.ref()))
        code = await started.until(lambda said: said if isinstance(said, say.Code) else None)
        await network.mock.pairing.demand_passkey(code.text)
        await started.state("needs_passkey")


async def test_the_line_is_measured(linked: Bridge) -> None:
    alive = await linked.line.ask(say.Ask(ref=linked.line.ref()))
    assert isinstance(alive, say.Alive)
    assert alive.round_trip is not None
    assert alive.memory > 0


async def test_a_place_is_sent(network: Town, linked: Bridge) -> None:
    done = await send(linked, Location(latitude=52.5, longitude=13.4, name="Shop"), "t1")
    assert isinstance(done, say.Done)
    assert (await heard(network)).message.locationMessage.name == "Shop"
