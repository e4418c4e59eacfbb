"""What a message says: the engine's message classes as parts. Pure; unknown kinds are kept raw."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from google.protobuf.json_format import MessageToDict
from msgspec import Raw
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message

from jackfield.channel import (
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    FormReply,
    Location,
    Media,
    MediaSort,
    Option,
    Order,
    Part,
    Poll,
    Product,
    System,
    Text,
    Unsupported,
)
from jackfield_whatsapp_business.ids import File, MediaKind, make_file

from .cards import card

Convert = Callable[[Any, Message], Part]
"""Takes the field's own message, and the whole one."""

MONEY_PARTS = 1000  # the network counts a thousandth of the currency's unit


def part_of(message: Message) -> Part:
    """The one part a message has. The engine has taken off the wrappers (ephemeral, view once) already."""
    for field, value in message.ListFields():
        if field.name in KINDS:
            return KINDS[field.name](value, message)
    return unknown(message)


def unknown(message: Message, note: str = "") -> Unsupported:
    kinds = [field.name for field, _ in message.ListFields() if field.name != "messageContextInfo"]
    return Unsupported(kind=kinds[0] if kinds else "empty", note=note, raw=raw_of(message))


def raw_of(message: Message) -> Raw:
    return Raw(msgspec.json.encode(MessageToDict(message, preserving_proto_field_name=True)))


# -- text and places -------------------------------------------------------------------------------------


def _text(said: Any, _: Message) -> Part:
    return Text(body=said if isinstance(said, str) else said.text)


def _location(said: Any, _: Message) -> Part:
    return Location(
        latitude=said.degreesLatitude,
        longitude=said.degreesLongitude,
        name=said.name,
        address=said.address,
        url=said.URL,
    )


def _live_location(said: Any, _: Message) -> Part:
    return Location(latitude=said.degreesLatitude, longitude=said.degreesLongitude, name=said.caption)


def _contact(said: Any, _: Message) -> Part:
    return Contacts(cards=(card(said.vcard, said.displayName),))


def _contacts(said: Any, _: Message) -> Part:
    return Contacts(cards=tuple(card(one.vcard, one.displayName) for one in said.contacts))


# -- files -----------------------------------------------------------------------------------------------


def _file(sort: MediaSort, kind: MediaKind) -> Convert:
    def convert(said: Any, _: Message) -> Part:
        file = File(
            kind=kind,
            path=said.directPath,
            key=said.mediaKey,
            plain=said.fileSHA256,
            sealed=said.fileEncSHA256,
            size=said.fileLength,
        )
        return Media(
            sort=_sort(sort, said),
            ref=make_file(file),
            mime=said.mimetype,
            caption=_given(said, "caption"),
            name=_given(said, "fileName") or _given(said, "title"),
            size=said.fileLength or None,
            sha256=base64.b64encode(said.fileSHA256).decode(),
            width=_number(said, "width"),
            height=_number(said, "height"),
            duration=_number(said, "seconds"),
            view_once=bool(_has(said, "viewOnce") and said.viewOnce),
        )

    return convert


def _sort(sort: MediaSort, said: Any) -> MediaSort:
    if sort == "video" and said.gifPlayback:
        return "gif"
    if sort == "audio" and said.PTT:
        return "voice"
    return sort


def _has(said: Any, name: str) -> bool:
    return name in said.DESCRIPTOR.fields_by_name


def _given(said: Any, name: str) -> str:
    return str(getattr(said, name)) if _has(said, name) else ""


def _number(said: Any, name: str) -> int | None:
    return (getattr(said, name) or None) if _has(said, name) else None


# -- choices ---------------------------------------------------------------------------------------------


def _button_pressed(said: Any, _: Message) -> Part:
    return ChoiceMade(source="buttons", title=said.selectedDisplayText, id=said.selectedButtonID)


def _row_chosen(said: Any, _: Message) -> Part:
    return ChoiceMade(
        source="list", title=said.title, id=said.singleSelectReply.selectedRowID, description=said.description
    )


def _template_button(said: Any, _: Message) -> Part:
    return ChoiceMade(source="template", title=said.selectedDisplayText, id=said.selectedID)


def _form_reply(said: Any, message: Message) -> Part:
    """The answer to a flow: its values are JSON in a text."""
    try:
        values = msgspec.json.decode(said.nativeFlowResponseMessage.paramsJSON, type=dict[str, Any])
    except msgspec.DecodeError:
        return unknown(message, "the answers of the form cannot be read")
    fields = {
        key: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for key, value in values.items()
    }
    return FormReply(name=said.nativeFlowResponseMessage.name, body=said.body.text, fields=fields)


def _offer(said: Any, _: Message) -> Part:
    """Buttons under a text, as other businesses send them."""
    options = tuple(Option(id=one.buttonID, title=one.buttonText.displayText) for one in said.buttons)
    return ChoiceOffered(style="buttons", body=said.contentText, footer=said.footerText, options=options)


def _list_offer(said: Any, _: Message) -> Part:
    options = tuple(
        Option(id=row.rowID, title=row.title, description=row.description, section=section.title)
        for section in said.sections
        for row in section.rows
    )
    return ChoiceOffered(
        style="list",
        header=said.title,
        body=said.description,
        footer=said.footerText,
        button=said.buttonText,
        options=options,
    )


def _interactive_offer(said: Any, _: Message) -> Part:
    return ChoiceOffered(
        style="buttons",
        header=said.header.title,
        body=said.body.text,
        footer=said.footer.text,
        options=tuple(
            Option(id=one.name, title=_shown(one.buttonParamsJSON) or one.name)
            for one in said.nativeFlowMessage.buttons
        ),
    )


def _shown(parameters: str) -> str:
    try:
        return str(msgspec.json.decode(parameters, type=dict[str, Any]).get("display_text", ""))
    except msgspec.DecodeError:
        return ""


def _template_offer(said: Any, _: Message) -> Part:
    shown = said.hydratedTemplate if said.HasField("hydratedTemplate") else said.hydratedFourRowTemplate
    pressed = [
        button
        for one in shown.hydratedButtons
        for button in (one.quickReplyButton, one.urlButton, one.callButton)
        if button.displayText
    ]
    options = tuple(
        Option(
            id=_given(button, "ID"),
            title=button.displayText,
            url=_given(button, "URL"),
            phone=_given(button, "phoneNumber"),
        )
        for button in pressed
    )
    return ChoiceOffered(
        style="buttons",
        header=shown.hydratedTitleText,
        body=shown.hydratedContentText,
        footer=shown.hydratedFooterText,
        options=options,
    )


def _poll(said: Any, _: Message) -> Part:
    return Poll(
        question=said.name,
        options=tuple(option.optionName for option in said.options),
        most=said.selectableOptionsCount,
    )


# -- trade -----------------------------------------------------------------------------------------------


def _order(said: Any, _: Message) -> Part:
    """The phone alone knows what is in the basket: the message says how many things, and how much."""
    total = (
        f"{said.totalAmount1000 / MONEY_PARTS:.2f} {said.totalCurrencyCode}" if said.totalAmount1000 else ""
    )
    note = "\n".join(line for line in (said.orderTitle, said.message, total) if line)
    return Order(catalog="", items=(), note=note)


def _product(said: Any, _: Message) -> Part:
    product = said.product
    price = (
        f"{product.priceAmount1000 / MONEY_PARTS:.2f} {product.currencyCode}"
        if product.priceAmount1000
        else ""
    )
    body = "\n".join(line for line in (product.description, price, said.body) if line)
    return Product(
        catalog=said.businessOwnerJID,
        products=(product.productID,),
        header=product.title,
        body=body,
        footer=said.footer,
    )


def _money(code: str) -> Convert:
    def convert(said: Any, _: Message) -> Part:
        return System(code=code, text=_given(said, "note"))

    return convert


# -- what happened ---------------------------------------------------------------------------------------


def _invited(said: Any, _: Message) -> Part:
    return System(code="group_invite", text=said.caption, data={"group": said.groupName})


def _event(said: Any, _: Message) -> Part:
    starts = datetime.fromtimestamp(said.startTime, UTC).isoformat() if said.startTime else ""
    return System(
        code="event",
        text="\n".join(line for line in (said.name, said.description) if line),
        data={"name": said.name, "starts": starts, "place": said.location.name},
    )


def _pinned(said: Any, _: Message) -> Part:
    return System(code="chat_unpinned" if said.type == 2 else "chat_pinned")


def _call_entry(said: Any, _: Message) -> Part:
    return System(code="call_logged", data={"video": "1" if said.isVideo else ""})


def _hidden(_: Any, message: Message) -> Part:
    """The phone keeps it to itself."""
    return unknown(message, "open it on the phone")


def _album(said: Any, _: Message) -> Part:
    count = said.expectedImageCount + said.expectedVideoCount
    return System(code="album", data={"count": str(count)})


KINDS: Mapping[str, Convert] = {
    "conversation": _text,
    "extendedTextMessage": _text,
    "imageMessage": _file("image", "image"),
    "videoMessage": _file("video", "video"),
    "ptvMessage": _file("round", "video"),
    "audioMessage": _file("audio", "audio"),
    "documentMessage": _file("document", "document"),
    "stickerMessage": _file("sticker", "image"),
    "locationMessage": _location,
    "liveLocationMessage": _live_location,
    "contactMessage": _contact,
    "contactsArrayMessage": _contacts,
    "pollCreationMessage": _poll,
    "pollCreationMessageV2": _poll,
    "pollCreationMessageV3": _poll,
    "pollCreationMessageV5": _poll,
    "buttonsResponseMessage": _button_pressed,
    "listResponseMessage": _row_chosen,
    "templateButtonReplyMessage": _template_button,
    "interactiveResponseMessage": _form_reply,
    "buttonsMessage": _offer,
    "listMessage": _list_offer,
    "interactiveMessage": _interactive_offer,
    "templateMessage": _template_offer,
    "orderMessage": _order,
    "productMessage": _product,
    "requestPaymentMessage": _money("payment_requested"),
    "sendPaymentMessage": _money("payment_sent"),
    "invoiceMessage": _money("invoice"),
    "groupInviteMessage": _invited,
    "eventMessage": _event,
    "pinInChatMessage": _pinned,
    "callLogMesssage": _call_entry,
    "albumMessage": _album,
    "placeholderMessage": _hidden,
}
"""Every kind of message that is shown as what it is, by its field."""
