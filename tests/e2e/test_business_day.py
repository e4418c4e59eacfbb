"""A day of a shop with the WhatsApp Business app: its phone is linked by the code on the page, its past
comes, a customer writes everything there is, and is answered with everything there is. The engine is real."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (the engine's stubs name their neighbours by paths that are not there)
from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from e2e import phones, qr
from e2e.conftest import Demo, Open, axe_faults, demo_in, shoot
from e2e.phones import FILES, Street
from e2e.test_connecting import settings
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e
from playwright.sync_api import Locator, Page, expect

SLOW = 30_000  # ms: what an engine does takes a while on a busy machine
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Florian Best\nTEL;waid=4915550009:+49 1555 0009\nEND:VCARD"
FILM = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 })
  const paint = canvas.getContext('2d')
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' })
  const got = []
  recorder.ondataavailable = (event) => got.push(event.data)
  recorder.start()
  for (let at = 0; at < 12; at += 1) {
    paint.fillStyle = `hsl(${at * 30} 80% 60%)`
    paint.fillRect(0, 0, 160, 120)
    await new Promise((go) => setTimeout(go, 40))
  }
  await new Promise((go) => { recorder.onstop = go; recorder.stop() })
  return btoa(String.fromCharCode(...new Uint8Array(await new Blob(got).arrayBuffer())))
}"""


@pytest.fixture
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with phones.street(tmp_path_factory.mktemp("network")) as opened:
        yield opened


@pytest.fixture
def server(network: Street, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo_in(tmp_path_factory.mktemp("server"), network.environ) as demo:
        yield demo


def begin(page: Page, flow: str) -> None:
    page.get_by_test_id("connect-channel").click()
    page.locator("input[value=whatsapp_business]").check()
    page.get_by_test_id(f"flow-{flow}").check()
    page.get_by_test_id("begin").click()


def linked(page: Page) -> None:
    """To the page of the channel, once it runs."""
    expect(page.get_by_test_id("login")).to_have_attribute("data-step", "done", timeout=SLOW)
    page.get_by_test_id("to-channel").click()
    expect(page.get_by_test_id("channel-state")).to_have_attribute("data-state", "connected", timeout=SLOW)


def saying(page: Page, text: str) -> Locator:
    return page.get_by_test_id("message").filter(has_text=text).last


def reached(message: Locator, how_far: str) -> None:
    status = message.get_by_test_id("message-status")
    expect(status).to_have_attribute("data-status", re.compile(how_far), timeout=SLOW)


def choose(message: Locator, name: str) -> None:
    """In the message's menu."""
    message.hover()
    message.locator("button.more").click()
    message.page.get_by_role("menuitem", name=name, exact=True).click()


def write(page: Page, text: str) -> None:
    composer = page.get_by_test_id("composer")
    composer.fill(text)
    composer.press("Enter")


def test_a_day(server: Demo, network: Street, open_page: Open) -> None:
    page = settings(open_page, server)
    a_phone_is_linked(page, network)
    the_past_comes(page, network)
    a_customer_writes_everything(page, network, film(open_page))
    the_customer_is_answered_with_everything(page, network)
    both_see_each_other_type(page, network)
    a_group_is_one_chat(page, network)


def film(open_page: Open) -> bytes:
    """Half a second of colours, as a browser records it."""
    return base64.b64decode(open_page("about:blank").evaluate(FILM))


def a_phone_is_linked(page: Page, network: Street) -> None:
    begin(page, "qr")
    page.get_by_test_id("step-submit").click()
    expect(page.get_by_test_id("login")).to_contain_text("Please read it and agree first.")
    assert axe_faults(page) == []
    shoot(page, "business-notice")
    page.get_by_test_id("ask-understood").press("Space")
    page.get_by_test_id("step-submit").click()
    code = page.get_by_test_id("qr")
    expect(code).to_be_visible(timeout=SLOW)
    assert axe_faults(page) == []
    shoot(page, "business-code")
    network.scan(qr.read(code.screenshot()), network.shop)
    linked(page)


def the_past_comes(page: Page, network: Street) -> None:
    karla, third = (str(one.account.jid()) for one in (network.customer, network.third))
    group = network.mock.add_group(
        "120363000000000001", "Wedding", network.shop, network.customer, network.third
    )
    talk = [("", False, "Do you have peonies?"), ("", True, "From May on")]
    network.shares(network.shop, phones.past(40, 0, (karla, "Karla", talk)))
    page.get_by_test_id("to-inbox").click()
    expect(page.get_by_test_id("chat-row").filter(has_text="From May on")).to_be_visible(timeout=SLOW)
    plans = [(karla, False, "Who brings the flowers?"), (third, False, "Me"), ("", True, "We deliver")]
    network.shares(
        network.shop,
        phones.past(
            100, 1, (third, "Third", [("", False, "Good morning")]), (str(group.jid), "Wedding", plans)
        ),
    )
    expect(page.get_by_test_id("chat-row").filter(has_text="We deliver")).to_contain_text("Wedding")
    expect(page.get_by_test_id("chat-row").filter(has_text="Good morning")).to_contain_text("Third")


def a_customer_writes_everything(page: Page, network: Street, film: bytes) -> None:
    says, file = network.says, network.file
    says(e2e.Message(conversation="Is the shop open?"))
    page.get_by_test_id("chat-row").filter(has_text="Is the shop open?").click()
    expect(saying(page, "Do you have peonies?")).to_be_visible()
    messages = page.get_by_test_id("message")

    def last(test: str) -> Locator:
        """What the newest message shows."""
        found = messages.last.locator(test)
        expect(found).to_be_visible(timeout=SLOW)
        return found

    picture = (FILES / "peonies.jpg").read_bytes()
    image = says(file("imageMessage", picture, "image/jpeg", caption="Like these"))
    expect(saying(page, "Like these").locator("img")).to_be_visible(timeout=SLOW)
    says(file("videoMessage", film, "video/webm", seconds=1))
    last("video")
    says(file("audioMessage", (FILES / "voice-1.ogg").read_bytes(), "audio/ogg; codecs=opus", PTT=True))
    last("audio")
    says(file("documentMessage", b"%PDF-1.4 a list", "application/pdf", fileName="list.pdf"))
    expect(last("a[download]")).to_contain_text("list.pdf")
    says(file("stickerMessage", picture, "image/webp"))
    last("img")
    place = e2e.LocationMessage(degreesLatitude=52.5, degreesLongitude=13.4, name="The church")
    says(e2e.Message(locationMessage=place))
    expect(messages.last).to_contain_text("The church")
    says(e2e.Message(contactMessage=e2e.ContactMessage(displayName="Florian", vcard=CARD)))
    expect(messages.last).to_contain_text("Florian Best")
    days = [e2e.PollCreationMessage.Option(optionName=one) for one in ("Friday", "Saturday")]
    says(e2e.Message(pollCreationMessageV3=e2e.PollCreationMessage(name="Which day?", options=days)))
    expect(messages.last).to_contain_text("Saturday")
    says(phones.reaction(image, "❤️", ours=True))
    expect(saying(page, "Like these").get_by_label("Reactions")).to_have_text("❤️")
    says(phones.answer(image, "About thirty", network.customer.account))
    expect(saying(page, "About thirty")).to_contain_text("Like these")
    says(phones.edit(says(e2e.Message(conversation="For nien o'clock")), "For nine o'clock"))
    expect(saying(page, "For nine o'clock")).to_contain_text("edited")
    says(phones.delete(says(e2e.Message(conversation="Never mind"))))
    expect(messages.last).to_contain_text("deleted")
    network.do(lambda: network.customer.withhold(network.shop.account))
    expect(messages.last).to_contain_text(re.compile("phone", re.IGNORECASE))
    network.do(lambda: network.customer.call(network.shop.account, "CALL1"))
    network.do(lambda: network.customer.call(network.shop.account, "CALL1", ends=True))
    expect(messages.last).to_contain_text("missed")
    expect(messages.last).not_to_contain_text("edited")
    invitation = e2e.NewsletterAdminInviteMessage(newsletterName="Gardens")
    says(e2e.Message(newsletterAdminInviteMessage=invitation))
    expect(messages.last).to_contain_text("newsletterAdminInviteMessage")
    assert axe_faults(page) == []
    page.set_viewport_size({"width": 1440, "height": 2600})
    shoot(page, "business-every-kind")
    page.set_viewport_size({"width": 1440, "height": 900})


def the_customer_is_answered_with_everything(page: Page, network: Street) -> None:
    hears, opened = network.hears, network.opened
    write(page, "Until six")
    first = hears(lambda said: said.conversation == "Until six")
    reached(saying(page, "Until six"), "sent")
    network.ticks(first.id)
    reached(saying(page, "Until six"), "read")

    choose(saying(page, "Is the shop open?"), "👍")
    assert hears(lambda said: said.HasField("reactionMessage")).message.reactionMessage.text == "👍"
    expect(saying(page, "Is the shop open?").get_by_label("Reactions")).to_have_text("👍")
    choose(saying(page, "About thirty"), "Reply")
    write(page, "They are there")
    told = hears(lambda said: said.extendedTextMessage.text == "They are there").message
    assert told.extendedTextMessage.contextInfo.participant == str(network.customer.account.jid())
    reached(saying(page, "They are there"), "sent")
    choose(saying(page, "They are there"), "Edit")
    write(page, "They are here")
    changed = hears(lambda said: said.HasField("protocolMessage")).message.protocolMessage
    assert changed.editedMessage.conversation == "They are here"
    expect(saying(page, "They are here")).to_contain_text("edited")
    write(page, "Wrong chat")
    wrong = hears(lambda said: said.conversation == "Wrong chat")
    reached(saying(page, "Wrong chat"), "sent")
    choose(saying(page, "Wrong chat"), "Delete")
    gone = hears(lambda said: said.HasField("protocolMessage")).message.protocolMessage
    assert wrong.id == gone.key.ID
    expect(page.get_by_test_id("message").last).to_contain_text("deleted")

    attach(page, str(FILES / "ready.jpg"), "Tied this morning")
    shown = hears(lambda said: said.HasField("imageMessage")).message
    assert shown.imageMessage.caption == "Tied this morning"
    assert opened(shown, "imageMessage") == (FILES / "ready.jpg").read_bytes()
    attach(page, {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 owed"}, "")
    bill = hears(lambda said: said.HasField("documentMessage")).message
    assert (bill.documentMessage.fileName, opened(bill, "documentMessage")) == ("bill.pdf", b"%PDF-1.4 owed")
    page.get_by_test_id("record").click()
    expect(page.get_by_test_id("voice").locator("time")).to_have_text("0:01")
    page.get_by_test_id("voice-stop").click()
    page.get_by_test_id("voice-send").click()
    voice = hears(lambda said: said.HasField("audioMessage")).message
    assert (voice.audioMessage.PTT, voice.audioMessage.mimetype) == (True, "audio/ogg; codecs=opus")
    assert opened(voice, "audioMessage").startswith(b"OggS")
    build(page, "Place", {"Coordinates": "52.5, 13.4", "Name of the place": "Our shop"})
    assert hears(lambda said: said.HasField("locationMessage")).message.locationMessage.name == "Our shop"
    build(page, "Contact card", {"Name": "The driver", "Phone": "+49 1555 0008"})
    last = hears(lambda said: said.HasField("contactMessage"))
    assert "waid=4915550008" in last.message.contactMessage.vcard
    assert network.unheard() == [], "each came once"
    network.ticks(last.id)
    reached(page.get_by_test_id("message").last, "read")
    assert axe_faults(page) == []
    shoot(page, "business-answered")


def attach(page: Page, file: str | dict[str, object], caption: str) -> None:
    page.locator(".composer input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # FilePayload has no name outside
    page.get_by_test_id("composer").fill(caption)
    page.get_by_test_id("send").click()


def build(page: Page, what: str, fields: dict[str, str]) -> None:
    page.get_by_test_id("add").click()
    page.get_by_role("menuitem", name=what, exact=True).click()
    for name, value in fields.items():
        page.get_by_role("textbox", name=re.compile(f"^{name}")).fill(value)
    page.get_by_test_id("send-built").click()


def both_see_each_other_type(page: Page, network: Street) -> None:
    page.get_by_test_id("composer").press_sequentially("I")
    network.sees_typing()
    page.get_by_test_id("composer").fill("")
    network.do(lambda: network.customer.type(network.shop.account))
    expect(page.get_by_role("main").get_by_text("is typing…")).to_be_visible()
    network.says(e2e.Message(conversation="See you at noon"), by=network.shop, to=network.customer.account)
    owner = saying(page, "See you at noon")
    expect(owner).to_have_attribute("data-dir", "out")
    expect(owner).to_contain_text("Phone")


def a_group_is_one_chat(page: Page, network: Street) -> None:
    (group,) = network.mock.groups.values()
    network.says_to(group, "Is the van loaded?", by=network.third)
    page.get_by_test_id("chat-row").filter(has_text="Wedding").click()
    expect(saying(page, "Is the van loaded?")).to_contain_text("Third")
    expect(saying(page, "Who brings the flowers?")).to_contain_text("Karla")
    write(page, "It is")
    for member in (network.customer, network.third):
        network.hears(lambda said: said.conversation == "It is", on=member)
    assert axe_faults(page) == []
    shoot(page, "business-group")
