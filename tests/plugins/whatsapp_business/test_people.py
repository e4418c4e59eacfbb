"""Who people are, on the real engine: names, pictures and members are found out little by little."""

# pyright: reportUnknownMemberType=false
# (the package's stubs name their neighbours by paths that are not there)
from __future__ import annotations

import asyncio
from pathlib import Path

from jackfield_whatsapp_business import protocol as say
from msgspec import UNSET
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import ContextInfo, ExtendedTextMessage, Message
from whatsapp_bridge import WITHIN, Bridge, Town

from jackfield import channel as contract
from jackfield.channel import ConversationInfo, Profile, System, Text

GROUP = "120363000000000001@g.us"


async def pictured(linked: Bridge) -> Profile:
    def find(said: say.FromBridge) -> Profile | None:
        if not isinstance(said, say.Heard):
            return None
        profiles = (event for event in said.events if isinstance(event, Profile))
        return next((event for event in profiles if event.avatar is not UNSET), None)

    return await linked.until(find)


async def told(linked: Bridge, *, members: bool) -> ConversationInfo:
    while True:
        info = await linked.event(ConversationInfo)
        if (info.members is not UNSET) == members:
            return info


async def test_the_picture_of_who_writes_is_fetched_once_and_when_it_changes(
    network: Town, linked: Bridge
) -> None:
    shop, customer = network.shop.account, network.customer
    await network.third.change_picture(b"of somebody who never wrote")
    customer.account.picture = b"the first"
    await customer.write(shop, Message(conversation="Hello"))
    first = await pictured(linked)
    assert [address.value for address in first.person] == [customer.account.lid, "+4915550002"]
    assert "w:profile:picture" not in network.mock.questions, "not before it is wanted"
    assert await fetched(linked, first) == b"the first"
    await customer.write(shop, Message(conversation="Hello again"))
    await customer.change_picture(b"the second")
    second = await pictured(linked)
    assert second.avatar != first.avatar
    assert await fetched(linked, second) == b"the second"
    await customer.change_picture(b"")
    assert (await pictured(linked)).avatar == ""
    failed = await linked.line.ask(say.Fetch(ref=linked.line.ref(), file=str(first.avatar)))
    assert isinstance(failed, say.Failed)
    assert failed.error == "rejected"


async def fetched(linked: Bridge, profile: Profile) -> bytes:
    done = await linked.line.ask(say.Fetch(ref=linked.line.ref(), file=str(profile.avatar)))
    assert isinstance(done, say.Done)
    return await asyncio.to_thread(Path(done.path).read_bytes)


async def test_a_group_is_asked_for_once_and_after_every_change(network: Town, linked: Bridge) -> None:
    mock, customer, third = network.mock, network.customer, network.third
    group = mock.add_group("120363000000000001", "Team", network.shop, customer)
    for _ in range(2):
        await customer.write_to_group(group, Message(conversation="one"))
    info = await told(linked, members=True)
    assert info.name == "Team"
    assert info.members is not UNSET
    assert [(one.addresses[0].value, one.role) for one in info.members] == [
        (network.shop.account.lid, "admin"),
        (customer.account.lid, ""),
    ]
    assert info.members[1].name == "Karla", "as she called herself when she wrote"
    assert info.avatar == f"picture:{GROUP}/0"
    await customer.change_group(group, "add", third.account)
    joined = await linked.event(contract.Message)
    while not isinstance(joined.parts[0], System):
        joined = await linked.event(contract.Message)
    assert joined.parts[0].code == "group_joined"
    assert joined.sender.name == "Karla"
    info = await told(linked, members=True)
    assert info.members is not UNSET
    assert (len(info.members), info.avatar) == (3, UNSET)
    await customer.change_group(group, "subject", name="The team")
    assert (await told(linked, members=False)).name == "The team"
    assert mock.questions.count("w:g2") <= 4, "one for each time, and the engine's own"


async def test_people_are_called_as_in_the_address_book(network: Town, linked: Bridge) -> None:
    """And a mention in a text is a name, not the digits of an address."""
    shop, customer = network.shop, network.customer
    await shop.share_state_key()
    await shop.know(customer.account, "Karla Blumen")
    async with asyncio.timeout(WITHIN):
        while True:
            profile = await linked.event(Profile)
            if profile.name == "Karla Blumen":
                break
    await customer.write(shop.account, Message(conversation="Hello"))
    message = await linked.event(contract.Message)
    assert message.sender.name == "Karla Blumen"
    lid = customer.account.lid
    mention = ContextInfo(mentionedJID=[f"{lid}@lid"])
    text = ExtendedTextMessage(text=f"ask @{lid}, please", contextInfo=mention)
    await network.third.write(shop.account, Message(extendedTextMessage=text))
    (part,) = (await linked.event(contract.Message)).parts
    assert part == Text(body="ask @Karla Blumen, please")
