"""Every kind of message, on the engine's own message classes: no engine runs here."""

# pyright: basic, reportMissingTypeStubs=false, reportArgumentType=false
# (the package's stubs name their neighbours by paths that are not there, and want enums where numbers do)
from __future__ import annotations

import mock_whatsapp  # loads the engine's package quietly, so it comes first
import msgspec
import pytest
from jackfield_whatsapp_business.engines.neonize import heard, spoken
from jackfield_whatsapp_business.engines.neonize.content import KINDS, part_of
from jackfield_whatsapp_business.engines.neonize.people import nobody, people
from jackfield_whatsapp_business.ids import (
    File,
    Named,
    Peer,
    make_file,
    parse_file,
    parse_message,
    parse_peer,
)
from neonize.proto import Neonize_pb2 as neo
from neonize.proto.waCommon.WACommon_pb2 import MessageKey
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from jackfield.channel import (
    Address,
    Card,
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    Delete,
    Edit,
    FormReply,
    Labelled,
    Location,
    Media,
    Message,
    MessageId,
    Option,
    Order,
    Part,
    Poll,
    Product,
    Reaction,
    Receipt,
    Rejected,
    Seen,
    System,
    Text,
    Unsupported,
)

assert mock_whatsapp.loading

M = e2e.Message
LID, PHONE = "900000000000002", "4915550002"
STORED = {
    "directPath": "/v/1",
    "mediaKey": b"k" * 32,
    "fileSHA256": b"p" * 32,
    "fileEncSHA256": b"s" * 32,
    "fileLength": 9,
}
VCARD = (
    "BEGIN:VCARD\nVERSION:3.0\nFN:Karla\nitem1.TEL;waid=4915550002:+49 1555 0002\n"
    "item1.X-ABLabel:Work\nORG:Flowers;Berlin\nEND:VCARD"
)
FILE = make_file(File(kind="image", path="/v/1", key=b"k" * 32, plain=b"p" * 32, sealed=b"s" * 32, size=9))

TABLE: list[tuple[str, M, Part]] = [
    ("text", M(conversation="*Hi*"), Text(body="*Hi*")),
    (
        "text with a preview",
        M(extendedTextMessage=e2e.ExtendedTextMessage(text="see https://x.y")),
        Text(body="see https://x.y"),
    ),
    (
        "place",
        M(
            locationMessage=e2e.LocationMessage(
                degreesLatitude=52.5, degreesLongitude=13.4, name="Shop", address="Street 1"
            )
        ),
        Location(latitude=52.5, longitude=13.4, name="Shop", address="Street 1"),
    ),
    (
        "live place",
        M(
            liveLocationMessage=e2e.LiveLocationMessage(
                degreesLatitude=1, degreesLongitude=2, caption="on my way"
            )
        ),
        Location(latitude=1, longitude=2, name="on my way"),
    ),
    (
        "card",
        M(contactMessage=e2e.ContactMessage(displayName="K", vcard=VCARD)),
        Contacts(
            cards=(
                Card(
                    name="Karla",
                    phones=(Labelled(value="+49 1555 0002", label="Work", address="4915550002"),),
                    organisation="Flowers, Berlin",
                ),
            )
        ),
    ),
    (
        "cards",
        M(
            contactsArrayMessage=e2e.ContactsArrayMessage(
                contacts=[e2e.ContactMessage(displayName="A", vcard="BEGIN:VCARD\nEND:VCARD")]
            )
        ),
        Contacts(cards=(Card(name="A"),)),
    ),
    (
        "picture",
        M(imageMessage=e2e.ImageMessage(caption="look", mimetype="image/jpeg", width=3, height=4, **STORED)),
        Media(
            sort="image",
            ref=FILE,
            mime="image/jpeg",
            caption="look",
            size=9,
            width=3,
            height=4,
            sha256="cHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHA=",
        ),
    ),
    (
        "poll",
        M(
            pollCreationMessageV3=e2e.PollCreationMessage(
                name="When?",
                options=[e2e.PollCreationMessage.Option(optionName=one) for one in ("now", "later")],
                selectableOptionsCount=1,
            )
        ),
        Poll(question="When?", options=("now", "later"), most=1),
    ),
    (
        "button pressed",
        M(buttonsResponseMessage=e2e.ButtonsResponseMessage(selectedButtonID="y", selectedDisplayText="Yes")),
        ChoiceMade(source="buttons", title="Yes", id="y"),
    ),
    (
        "row chosen",
        M(
            listResponseMessage=e2e.ListResponseMessage(
                title="Red",
                description="a rose",
                singleSelectReply=e2e.ListResponseMessage.SingleSelectReply(selectedRowID="r"),
            )
        ),
        ChoiceMade(source="list", title="Red", id="r", description="a rose"),
    ),
    (
        "template's button",
        M(
            templateButtonReplyMessage=e2e.TemplateButtonReplyMessage(
                selectedID="1", selectedDisplayText="Stop"
            )
        ),
        ChoiceMade(source="template", title="Stop", id="1"),
    ),
    (
        "form",
        M(
            interactiveResponseMessage=e2e.InteractiveResponseMessage(
                body=e2e.InteractiveResponseMessage.Body(text="sent"),
                nativeFlowResponseMessage=e2e.InteractiveResponseMessage.NativeFlowResponseMessage(
                    name="flow", paramsJSON='{"size": "L", "many": [1, 2]}'
                ),
            )
        ),
        FormReply(name="flow", body="sent", fields={"size": "L", "many": "[1,2]"}),
    ),
    (
        "buttons offered",
        M(
            buttonsMessage=e2e.ButtonsMessage(
                contentText="Which?",
                footerText="soon",
                buttons=[
                    e2e.ButtonsMessage.Button(
                        buttonID="a", buttonText=e2e.ButtonsMessage.Button.ButtonText(displayText="A")
                    )
                ],
            )
        ),
        ChoiceOffered(style="buttons", body="Which?", footer="soon", options=(Option(id="a", title="A"),)),
    ),
    (
        "order",
        M(
            orderMessage=e2e.OrderMessage(
                orderTitle="Roses", message="please", totalAmount1000=12500, totalCurrencyCode="EUR"
            )
        ),
        Order(catalog="", items=(), note="Roses\nplease\n12.50 EUR"),
    ),
    (
        "product",
        M(
            productMessage=e2e.ProductMessage(
                businessOwnerJID="b@s.whatsapp.net",
                product=e2e.ProductMessage.ProductSnapshot(
                    productID="7", title="Rose", priceAmount1000=2500, currencyCode="EUR"
                ),
            )
        ),
        Product(catalog="b@s.whatsapp.net", products=("7",), header="Rose", body="2.50 EUR"),
    ),
    (
        "invitation",
        M(groupInviteMessage=e2e.GroupInviteMessage(groupName="Team", caption="come")),
        System(code="group_invite", text="come", data={"group": "Team"}),
    ),
]


@pytest.mark.parametrize(("message", "part"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_message_is_shown_as_what_it_is(message: M, part: Part) -> None:
    assert part_of(message) == part


@pytest.mark.parametrize(
    ("message", "sort"),
    [
        (M(videoMessage=e2e.VideoMessage(**STORED)), "video"),
        (M(videoMessage=e2e.VideoMessage(gifPlayback=True, **STORED)), "gif"),
        (M(ptvMessage=e2e.VideoMessage(**STORED)), "round"),
        (M(audioMessage=e2e.AudioMessage(seconds=3, **STORED)), "audio"),
        (M(audioMessage=e2e.AudioMessage(PTT=True, seconds=3, **STORED)), "voice"),
        (M(documentMessage=e2e.DocumentMessage(fileName="a.pdf", **STORED)), "document"),
        (M(stickerMessage=e2e.StickerMessage(**STORED)), "sticker"),
    ],
)
def test_files_keep_their_sort(message: M, sort: str) -> None:
    part = part_of(message)
    assert isinstance(part, Media)
    assert part.sort == sort
    assert parse_file(part.ref).path == "/v/1"


@pytest.mark.parametrize(
    "field", ["placeholderMessage", "newsletterAdminInviteMessage", "stickerPackMessage"]
)
def test_what_is_not_known_is_kept_whole(field: str) -> None:
    message = M()
    getattr(message, field).SetInParent()
    part = part_of(message)
    assert isinstance(part, Unsupported)
    assert part.kind == field
    assert field in msgspec.json.decode(part.raw)


def test_every_kind_of_the_table_is_a_field_of_the_engine() -> None:
    assert set(KINDS) <= set(M.DESCRIPTOR.fields_by_name)


# -- whole events ----------------------------------------------------------------------------------------


def said(message: M, *, from_me: bool = False, **info: str) -> neo.Message:
    def jid(user: str, server: str) -> neo.JID:
        return neo.JID(User=user, Server=server, Device=0, RawAgent=0, Integrator=0, IsEmpty=False)

    source = neo.MessageSource(
        Chat=jid(LID, "lid"), Sender=jid(LID, "lid"), SenderAlt=jid(PHONE, "s.whatsapp.net"), IsFromMe=from_me
    )
    return neo.Message(
        Info=neo.MessageInfo(MessageSource=source, ID="A1", Timestamp=1_795_345_201, **info), Message=message
    )


def protocol(kind: e2e.ProtocolMessage.Type, **more: object) -> M:
    return M(protocolMessage=e2e.ProtocolMessage(type=kind, key=MessageKey(ID="T1"), **more))  # type: ignore[arg-type]


def test_an_edit_a_deletion_and_a_reaction_name_their_message() -> None:
    target = f"{LID}@lid/T1"
    edited = list(
        heard.message(
            said(protocol(e2e.ProtocolMessage.MESSAGE_EDIT, editedMessage=M(conversation="new"))), nobody
        )
    )
    gone = list(heard.message(said(protocol(e2e.ProtocolMessage.REVOKE)), nobody))
    reaction = M(reactionMessage=e2e.ReactionMessage(key=MessageKey(ID="T1"), text="👍"))
    reacted = list(heard.message(said(reaction), nobody))
    for events, kind in ((edited, Edit), (gone, Delete), (reacted, Reaction)):
        found = [event for event in events if isinstance(event, kind)]
        assert [event.target for event in found] == [target]


def test_what_devices_say_among_themselves_is_no_message() -> None:
    for kind in (e2e.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE, e2e.ProtocolMessage.HISTORY_SYNC_NOTIFICATION):
        events = heard.message(said(protocol(kind)), nobody)  # type: ignore[arg-type]
        assert not [event for event in events if isinstance(event, Message)]
    key = M(senderKeyDistributionMessage=e2e.SenderKeyDistributionMessage(groupID="g"))
    assert not [event for event in heard.message(said(key), nobody) if isinstance(event, Message)]


def test_an_answer_from_an_advertisement_says_so() -> None:
    ad = e2e.ContextInfo.ExternalAdReplyInfo(title="Roses", sourceURL="https://x.y", ctwaClid="c1")
    context = e2e.ContextInfo(stanzaID="Q1", isForwarded=True, externalAdReply=ad)
    message = M(extendedTextMessage=e2e.ExtendedTextMessage(text="Hi", contextInfo=context))
    (event,) = [event for event in heard.message(said(message), nobody) if isinstance(event, Message)]
    assert (event.reply_to, event.forwarded) == (f"{LID}@lid/Q1", True)
    assert event.referral is not None
    assert (event.referral.headline, event.referral.click_id) == ("Roses", "c1")


def test_status_and_newsletters_are_no_conversations() -> None:
    message = said(M(conversation="x"))
    message.Info.MessageSource.Chat.Server = "newsletter"
    assert not list(heard.message(message, nobody))


def test_receipts_of_our_own_devices_say_nothing_of_the_customer() -> None:
    source = said(M()).Info.MessageSource
    for kind, level in ((1, "delivered"), (4, "read"), (6, "played"), (9, "delivered"), (2, None), (3, None)):
        events = list(
            heard.receipt(neo.Receipt(MessageSource=source, MessageIDs=["A"], Timestamp=1, Type=kind))
        )  # type: ignore[arg-type]
        assert [event.level for event in events if isinstance(event, Receipt)] == ([level] if level else [])


def test_what_the_owner_read_on_the_phone_is_read() -> None:
    source = said(M(), from_me=True).Info.MessageSource
    (event,) = heard.receipt(neo.Receipt(MessageSource=source, MessageIDs=["A"], Timestamp=1, Type=5))  # type: ignore[arg-type]
    assert isinstance(event, Seen)
    assert event.upto == (f"{LID}@lid/A",)


# -- what we say -----------------------------------------------------------------------------------------


def test_what_is_said_is_heard_as_the_same() -> None:
    uploaded = spoken.Uploaded("https://x", "/v/1", b"k" * 32, b"p" * 32, b"s" * 32, 9)
    for _, _, part in TABLE:
        if isinstance(part, Text | Location | Media | Contacts):
            content = spoken.content(part, uploaded, None, "")
            again = part_of(content)
            assert again == part or isinstance(part, Contacts | Location)


def test_an_answer_names_what_it_answers() -> None:
    content = spoken.content(Text(body="yes"), None, Named(Peer(LID, "lid"), "Q1"), f"{LID}@lid")
    context = content.extendedTextMessage.contextInfo
    assert (context.stanzaID, context.participant) == ("Q1", f"{LID}@lid")


@pytest.mark.parametrize("text", ["", "x", "@lid", "900@"])
def test_ids_of_others_are_refused(text: str) -> None:
    for parse in (parse_peer, lambda said: parse_message(MessageId(said)), parse_file):
        with pytest.raises(Rejected):
            parse(text)


def test_an_address_is_the_persons() -> None:
    assert people(neo.JID(User=LID, Server="lid")) == (Address(kind="lid", value=LID),)
