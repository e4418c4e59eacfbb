"""A phone is linked by the steps of the login, and its channel carries messages, on the real engine."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (the package's stubs name their neighbours by paths that are not there)
from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from jackfield_whatsapp_business import channel as carrying
from jackfield_whatsapp_business import standing
from jackfield_whatsapp_business.channel import BusinessChannel
from jackfield_whatsapp_business.login import DeviceLogin
from jackfield_whatsapp_business.states import STATES
from mock_whatsapp import Node, Phone
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
from neonize.proto.waHistorySync.WAWebProtobufsHistorySync_pb2 import HistorySync
from whatsapp_bridge import WITHIN, Town

from jackfield import channel as contract
from jackfield.channel import (
    Ask,
    ConversationId,
    Done,
    MessageId,
    NotSupported,
    Poll,
    Show,
    State,
    Text,
    TxnId,
    Unavailable,
    Unreachable,
)
from jackfield.host.line import FINAL
from jackfield.testing import FakePort

REPLACED = Node("stream:error", {}, [Node("conflict", {"type": "replaced"})])
CUSTOMER = ConversationId("900000000000002@lid")


@pytest.fixture
def port(tmp_path: Path) -> FakePort:
    made = FakePort()
    made.folder = tmp_path / "channel"
    return made


async def link(port: FakePort, network: Town, phone: Phone) -> Done:
    login = DeviceLogin(port, by_code=False)
    notice = await login.start()
    assert isinstance(notice, Ask)
    step = await login.submit({"understood": "1"})
    assert isinstance(step, Show)
    assert step.kind == "qr"
    assert step.expires_in
    await network.mock.pairing.scan(step.data, phone.account)
    async with asyncio.timeout(WITHIN):
        while not isinstance(step, Done):
            step = await login.wait()
    return step


@asynccontextmanager
async def running(port: FakePort) -> AsyncGenerator[BusinessChannel]:
    """As the host does: started again when it ends, unless a person has to do something first."""
    channel = BusinessChannel(port)

    async def supervise() -> None:
        while not port.states or port.states[-1][0] not in FINAL:
            with suppress(Exception):
                await channel.run()
            await asyncio.sleep(0.1)

    task = asyncio.create_task(supervise())
    try:
        yield channel
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(port: FakePort, state: State) -> None:
    async with asyncio.timeout(WITHIN):
        while not port.states or port.states[-1][0] is not state:  # noqa: ASYNC110  # the port tells nobody
            await asyncio.sleep(0.02)


async def messages(port: FakePort, count: int) -> list[contract.Message]:
    async with asyncio.timeout(WITHIN):
        while True:
            found = [event for event in port.events if isinstance(event, contract.Message)]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.02)


@pytest.fixture
async def channel(port: FakePort, network: Town) -> AsyncIterator[BusinessChannel]:
    await link(port, network, network.shop)
    async with running(port) as started:
        await until(port, State.CONNECTED)
        yield started


async def test_a_phone_is_linked_by_the_steps(port: FakePort, network: Town) -> None:
    done = await link(port, network, network.shop)
    assert (done.name, done.external_id) == ("Flowers", "4915550001")
    assert "session" not in str(done.config), "keys stay in the folder"


async def test_what_is_heard_while_a_phone_is_linked_is_for_the_channel(
    port: FakePort, network: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone shares its past at once. The login acknowledged it, and it was gone."""

    async def taken(_: str) -> str:
        await network.customer.write(network.shop.account, Message(conversation="early"))
        while (await network.customer.account.ticks.get()).kind not in {"delivered", "inactive"}:
            pass
        await asyncio.sleep(0.5)  # for the bridge to say it, and to be told wrongly that it is kept
        return ""

    monkeypatch.setattr(port, "taken", taken)
    await link(port, network, network.shop)
    async with running(port):
        (message,) = await messages(port, 1)
    assert message.parts == (Text(body="early"),)


async def test_nothing_is_linked_without_agreeing(port: FakePort) -> None:
    login = DeviceLogin(port, by_code=True)
    refused = await login.submit({"phone": "+49 1555 0001"})
    assert isinstance(refused, Ask)
    assert set(refused.errors) == {"understood"}
    refused = await login.submit({"phone": "12", "understood": "1"})
    assert isinstance(refused, Ask)
    assert set(refused.errors) == {"phone"}
    asked = {field.name: field.default for field in refused.fields}
    assert asked == {"phone": "12", "understood": "1"}, "nobody agrees twice"
    assert not port.folder.exists()


async def test_a_phone_of_another_client_is_let_go(port: FakePort, network: Town) -> None:
    port.others["4915550001"] = "elsewhere"
    login = DeviceLogin(port, by_code=False)
    step = await login.submit({"understood": "1"})
    assert isinstance(step, Show)
    await network.mock.pairing.scan(step.data, network.shop.account)
    async with asyncio.timeout(WITHIN):
        while not isinstance(step, Ask):
            step = await login.wait()
    assert step.errors == {"": "whatsapp_business.login.taken_elsewhere"}
    assert network.mock.unlinked, "the phone is told that the device is gone"
    assert not port.folder.exists(), "and no keys stay"


async def test_a_cancelled_login_leaves_nothing(port: FakePort, network: Town) -> None:
    login = DeviceLogin(port, by_code=False)
    assert isinstance(await login.submit({"understood": "1"}), Show)
    async with asyncio.timeout(WITHIN):
        await login.cancel()
    assert not port.folder.exists()


async def test_messages_go_both_ways_once(port: FakePort, network: Town, channel: BusinessChannel) -> None:
    await network.customer.write(network.shop.account, Message(conversation="Hello"))
    (message,) = await messages(port, 1)
    assert message.conversation == CUSTOMER
    sent = [
        await channel.send(CUSTOMER, [Text(body="Hi")], TxnId("t1"), reply_to=message.id) for _ in range(2)
    ]
    assert len(set(sent)) == 1
    async with asyncio.timeout(WITHIN):
        heard = await network.customer.account.heard.get()
    assert heard.message.extendedTextMessage.text == "Hi"
    assert network.customer.account.heard.empty()
    await channel.mark_read(CUSTOMER, message.id)
    await channel.typing(CUSTOMER, None)
    async with asyncio.timeout(WITHIN):
        assert await network.customer.account.typing.get() == "composing"


async def test_a_killed_bridge_comes_back_with_what_it_missed(
    port: FakePort, network: Town, channel: BusinessChannel
) -> None:
    line = channel._line  # pyright: ignore[reportPrivateUsage]  # its process has no other name
    assert line is not None
    assert line.pid is not None
    os.kill(line.pid, signal.SIGKILL)
    async with asyncio.timeout(WITHIN):
        while channel._line is line:  # pyright: ignore[reportPrivateUsage]  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.02)
    said = asyncio.create_task(channel.send(CUSTOMER, [Text(body="meanwhile")], TxnId("t1")))
    await network.customer.write(network.shop.account, Message(conversation="while it was dead"))
    (message,) = await messages(port, 1)
    assert message.parts == (Text(body="while it was dead"),)
    async with asyncio.timeout(WITHIN):
        assert await said, "it waited for the next bridge"
        heard = await network.customer.account.heard.get()
    assert heard.message.conversation + heard.message.extendedTextMessage.text == "meanwhile"


async def test_a_ban_is_sat_out_and_then_it_goes_on(
    port: FakePort, network: Town, channel: BusinessChannel
) -> None:
    """The bridge was never started again: the line stayed shut until somebody switched it off and on."""
    network.mock.refusals.append({"reason": "402", "code": "101", "expire": "1"})
    network.mock.cut()
    await network.customer.write(network.shop.account, Message(conversation="Are you back?"))
    (message,) = await messages(port, 1)
    assert message.parts == (Text(body="Are you back?"),)
    assert State.SUSPENDED in [state for state, *_ in port.states]


async def test_a_phone_that_throws_us_out_leaves_nothing_behind(
    port: FakePort, network: Town, channel: BusinessChannel
) -> None:
    await network.customer.write(network.shop.account, Message(conversation="before"))
    await messages(port, 1)
    await network.shop.unlink()
    await until(port, State.LOGGED_OUT)
    async with asyncio.timeout(WITHIN):
        while await asyncio.to_thread(port.folder.exists):  # noqa: ASYNC110  # a folder tells nobody
            await asyncio.sleep(0.02)


async def test_a_second_login_of_the_same_session_is_not_fought(
    port: FakePort, network: Town, channel: BusinessChannel
) -> None:
    (companion,) = network.shop.account.companions
    assert companion.connection is not None
    await companion.connection.end(REPLACED)
    await until(port, State.STOPPED)
    assert port.states[-1][1] == "replaced"
    line = channel._line  # pyright: ignore[reportPrivateUsage]  # its process has no other name
    async with asyncio.timeout(WITHIN):
        while line is not None and line.connected:  # noqa: ASYNC110  # likewise
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("reason", "told"),
    [("405", (State.STOPPED, "engine_outdated")), ("406", (State.SUSPENDED, "banned"))],
)
async def test_what_the_network_refuses_at_the_next_login_is_final(
    port: FakePort, network: Town, channel: BusinessChannel, reason: str, told: tuple[State, str]
) -> None:
    network.mock.refusals.append({"reason": reason})
    network.mock.cut()
    await until(port, told[0])
    assert port.states[-1][:2] == told
    keeps = reason == "405"
    async with asyncio.timeout(WITHIN):
        while (port.folder / "session.db").exists() != keeps:  # noqa: ASYNC110  # a folder tells nobody
            await asyncio.sleep(0.02)


async def test_the_past_comes_in_with_progress(
    port: FakePort, network: Town, channel: BusinessChannel
) -> None:
    for progress in (30, 100):
        past = HistorySync(syncType=HistorySync.HistorySyncType.RECENT, chunkOrder=1, progress=progress)
        said = past.conversations.add(ID="900000000000002@lid").messages.add().message
        said.key.ID, said.messageTimestamp, said.message.conversation = f"OLD{progress}", 1_700_000_000, "old"
        await network.shop.share_past(past)
        await until(port, State.BACKFILLING if progress < 100 else State.CONNECTED)
    chunks = [event for event in port.events if isinstance(event, contract.HistoryChunk)]
    assert [(chunk.progress, chunk.done) for chunk in chunks] == [(30, False), (100, True)]


async def test_a_number_is_written_to_first_and_goes_on_under_its_lid(
    port: FakePort, network: Town, channel: BusinessChannel
) -> None:
    """One number is asked about, when the message leaves; whoever is not there is told apart."""
    to = channel.conversation_with(contract.Address(kind="phone", value="+4915550003"))
    sent = await channel.send(to, [Text(body="Good day")], TxnId("t1"))
    assert sent.startswith("900000000000003@lid/")
    async with asyncio.timeout(WITHIN):
        await network.third.account.heard.get()
        while not (  # noqa: ASYNC110  # the port tells nobody
            same := [event for event in port.events if isinstance(event, contract.SamePerson)]
        ):
            await asyncio.sleep(0.02)
    assert (same[0].was, same[0].conversation) == (to, "900000000000003@lid")
    nobody = channel.conversation_with(contract.Address(kind="phone", value="+4915559999"))
    with pytest.raises(Unreachable) as refused:
        await channel.send(nobody, [Text(body="Good day")], TxnId("t2"))
    assert refused.value.words == "whatsapp_business.error.not_on_whatsapp"


async def test_a_program_is_seen_typing(port: FakePort, network: Town, channel: BusinessChannel) -> None:
    await network.customer.write(network.shop.account, Message(conversation="Hello"))
    await messages(port, 1)
    await channel.compose(CUSTOMER, [Text(body="Hi")])
    await channel.send(CUSTOMER, [Text(body="Hi")], TxnId("t1"))
    async with asyncio.timeout(WITHIN):
        signs = [await network.customer.account.typing.get() for _ in range(2)]
    assert signs == ["composing", "paused"]


async def test_what_waits_for_a_bridge_does_not_leave_with_the_next_session(
    port: FakePort, network: Town, channel: BusinessChannel
) -> None:
    """It left as soon as the phone was linked again, before anybody had looked at it."""
    network.mock.refusals.extend([{"reason": "503"}] * 100)
    network.mock.cut()
    await until(port, State.TRANSIENT)
    sending = asyncio.create_task(channel.send(CUSTOMER, [Text(body="Hi")], TxnId("t1")))
    await asyncio.sleep(0)  # it waits
    network.mock.refusals.clear()
    network.mock.refusals.extend([{"reason": "401"}] * 100)  # one may meet a connection that is given up
    with pytest.raises(Unavailable):
        await sending
    assert port.states[-1][0] is State.LOGGED_OUT


async def test_five_crashes_are_a_matter_for_a_person(
    port: FakePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACKFIELD_BRIDGE_COMMAND", "/bin/false")
    channel = BusinessChannel(port)
    for _ in range(standing.CRASHES):
        with pytest.raises(Unavailable):
            await channel.run()
    assert [state for state, *_ in port.states] == [State.STOPPED]
    assert port.states[0][1] == "crashed"


async def test_without_a_bridge_nothing_is_said(port: FakePort) -> None:
    channel = BusinessChannel(port)
    with pytest.raises(Unavailable):
        await channel.send(CUSTOMER, [Text(body="Hi")], TxnId("t1"))


async def test_what_cannot_be_said_is_refused(
    port: FakePort, network: Town, channel: BusinessChannel
) -> None:
    with pytest.raises(NotSupported):
        await channel.send(CUSTOMER, [Poll(question="?", options=("a",))], TxnId("t1"))
    with pytest.raises(NotSupported):
        await channel.edit(CUSTOMER, MessageId("a@lid/1"), [Poll(question="?", options=())])


@pytest.mark.parametrize(
    ("sort", "mime", "called"),
    [
        ("voice", "audio/ogg", "audio/ogg; codecs=opus"),
        ("voice", "audio/mp4", "audio/mp4"),
        ("audio", "audio/ogg", "audio/ogg"),
        ("image", "", "image/png"),
    ],
)
def test_a_file_is_called_what_it_is_on_its_way(sort: contract.MediaSort, mime: str, called: str) -> None:
    """A recording was put into another container and went out under its old name: phones did not play it."""
    recorded = "image/png" if sort == "image" else "audio/webm"
    assert carrying.sent_as(contract.Media(sort=sort, ref="f_1", mime=recorded), mime) == called


def test_it_is_said_how_carefully_a_number_has_to_be_used(port: FakePort) -> None:
    rules = BusinessChannel(port).protection()
    assert (rules.limits.reply_within_days, rules.limits.new_chats_per_day) == (30, 5)
    assert (rules.alarms["463"], rules.alarms["temp_banned"]) == ("restricted", "banned")
    states = {told.code for told in STATES.values()}
    assert set(rules.alarms) - {"463"} <= states, "an alarm for a state that is never told"
