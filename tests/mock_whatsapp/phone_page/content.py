"""What is in a message, as a phone shows it, and messages as phones make them. Pure."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (the engine's stubs name their neighbours by paths that are not there)
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from neonize.proto.waCommon.WACommon_pb2 import MessageKey
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from mock_whatsapp.media import Sort, Stored

Kind = Literal["image", "video", "voice", "document", "sticker"]


class File(NamedTuple):
    """Where a file lies, and what opens it."""

    path: str
    key: bytes
    sort: Sort
    mime: str
    name: str


class Content(NamedTuple):
    """`reply_to`: the id of the message it answers."""

    kind: str
    text: str = ""
    file: File | None = None
    reply_to: str = ""


class Change(NamedTuple):
    """Of another message: a reaction ("" takes it back), another text, or that it is gone."""

    what: Literal["reaction", "edit", "delete"]
    target: str
    text: str = ""


_FILES: dict[str, tuple[str, Sort]] = {
    "imageMessage": ("image", "image"),
    "stickerMessage": ("sticker", "image"),
    "videoMessage": ("video", "video"),
    "ptvMessage": ("video", "video"),
    "audioMessage": ("audio", "audio"),
    "documentMessage": ("document", "document"),
}
"""By field: the kind of bubble, and with which keys the file is sealed."""

_FIELDS: dict[Kind, str] = {
    "image": "imageMessage",
    "video": "videoMessage",
    "voice": "audioMessage",
    "document": "documentMessage",
    "sticker": "stickerMessage",
}


# -- reading ---------------------------------------------------------------------------------------------


def read(message: e2e.Message) -> Content | Change | None:
    """None: nothing that a person is shown."""
    names = {field.name for field, _ in message.ListFields()} - _SILENT
    for name, reader in _READERS.items():
        if name in names:
            return reader(getattr(message, name))
    return Content("other", ", ".join(sorted(names))) if names else None


def _change(said: Any) -> Change | None:
    if said.type == e2e.ProtocolMessage.REVOKE:
        return Change("delete", said.key.ID)
    if said.type == e2e.ProtocolMessage.MESSAGE_EDIT:
        edited = said.editedMessage
        return Change("edit", said.key.ID, edited.conversation or edited.extendedTextMessage.text)
    return None


def _place(said: Any) -> Content:
    words = [said.name, said.address, f"{said.degreesLatitude:.5f}, {said.degreesLongitude:.5f}"]
    return Content("location", "\n".join(filter(None, words)), reply_to=said.contextInfo.stanzaID)


def _with_file(kind: str, sort: Sort) -> Callable[[Any], Content]:
    def read_file(said: Any) -> Content:
        shown = kind
        if kind == "audio" and said.PTT:
            shown = "voice"
        if kind == "video" and said.gifPlayback:
            shown = "gif"
        name, caption = getattr(said, "fileName", ""), getattr(said, "caption", "")
        file = File(said.directPath, said.mediaKey, sort, said.mimetype.partition(";")[0], name)
        return Content(shown, caption, file, said.contextInfo.stanzaID)

    return read_file


_SILENT = {"senderKeyDistributionMessage", "messageContextInfo"}
_READERS: Mapping[str, Callable[[Any], Content | Change | None]] = {
    "documentWithCaptionMessage": lambda said: read(said.message),
    "reactionMessage": lambda said: Change("reaction", said.key.ID, said.text),
    "protocolMessage": _change,
    **{field: _with_file(kind, sort) for field, (kind, sort) in _FILES.items()},
    "extendedTextMessage": lambda said: Content("text", said.text, reply_to=said.contextInfo.stanzaID),
    "conversation": lambda said: Content("text", said),
    "locationMessage": _place,
    "contactMessage": lambda said: Content("contact", said.displayName, reply_to=said.contextInfo.stanzaID),
    "contactsArrayMessage": lambda said: Content(
        "contact", ", ".join(one.displayName for one in said.contacts)
    ),
}
"""By field, the first that is there."""


# -- writing ---------------------------------------------------------------------------------------------


class Quoted(NamedTuple):
    """The message that is answered. `author`: the address of who wrote it."""

    id: str
    author: str
    text: str


def text(body: str, quoted: Quoted | None = None) -> e2e.Message:
    if quoted is None:
        return e2e.Message(conversation=body)
    context = e2e.ContextInfo(
        stanzaID=quoted.id, participant=quoted.author, quotedMessage=e2e.Message(conversation=quoted.text)
    )
    return e2e.Message(extendedTextMessage=e2e.ExtendedTextMessage(text=body, contextInfo=context))


def place(name: str) -> e2e.Message:
    where = e2e.LocationMessage(degreesLatitude=51.52087, degreesLongitude=-0.10934, name=name)
    return e2e.Message(locationMessage=where)


def card(name: str) -> e2e.Message:
    lines = ("BEGIN:VCARD", "VERSION:3.0", f"FN:{name}", "TEL;type=CELL:+44 20 7946 0958", "END:VCARD")
    return e2e.Message(contactMessage=e2e.ContactMessage(displayName=name, vcard="\n".join(lines)))


def file(kind: Kind, stored: Stored, *, mime: str, name: str, caption: str) -> e2e.Message:
    message = e2e.Message()
    part = getattr(message, _FIELDS[kind])
    fields: dict[str, Any] = {**stored.fields(), "mimetype": mime}
    if kind == "voice":
        fields |= {"PTT": True, "seconds": 1}
    elif kind != "sticker":
        fields["caption"] = caption
    if kind == "document":
        fields |= {"fileName": name, "title": name}
    for field, value in fields.items():
        setattr(part, field, value)
    return message


def sort_of(kind: Kind) -> Sort:
    return _FILES[_FIELDS[kind]][1]


def reaction(target: str, emoji: str, *, ours: bool, chat: str, author: str) -> e2e.Message:
    """`ours`: who reacts wrote the target."""
    key = MessageKey(remoteJID=chat, ID=target, fromMe=ours, participant=author)
    return e2e.Message(reactionMessage=e2e.ReactionMessage(key=key, text=emoji))


def edit(target: str, body: str) -> e2e.Message:
    changed = e2e.ProtocolMessage(
        type=e2e.ProtocolMessage.MESSAGE_EDIT,
        key=MessageKey(ID=target, fromMe=True),
        editedMessage=e2e.Message(conversation=body),
    )
    return e2e.Message(protocolMessage=changed)


def delete(target: str) -> e2e.Message:
    gone = e2e.ProtocolMessage(type=e2e.ProtocolMessage.REVOKE, key=MessageKey(ID=target, fromMe=True))
    return e2e.Message(protocolMessage=gone)
