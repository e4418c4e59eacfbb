"""Views of rows: every column in its own place, and nothing of what was deleted or taken away."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jackfield.channel import Failure, Referral, Text
from jackfield.ids import show
from jackfield.inbox.columns import to_json
from jackfield.inbox.views import channel_view, conversation_view, message_view
from jackfield.store.rows import ChannelRow, ConversationRow, MessageRow
from jackfield.wire.views import (
    Author,
    ConversationView,
    DraftMark,
    LastMessage,
    MediaView,
    MessageView,
    Quote,
    ReactionView,
    RemarkView,
    Waiting,
)

LAST = LastMessage(id=show("m", 77), dir="in", kind="text", text="да", at=78, by="Анна")
MEDIA = (MediaView(id=show("f", 71), part=1, state="ready", url="/media/x", size=72, duration=7.5),)
QUOTE = Quote(id=show("m", 73), kind="text", text="quoted", by="Иван", dir="out")
MOMENT = Author(kind="contact", id=show("p", 74), name="Ида")
LIKED = ReactionView(emoji="👍", by=MOMENT, at=75)
TAKEN_AWAY = ReactionView(emoji="", by=MOMENT, at=76)
FAILURE = Failure(text="refused", code="131047")
REFERRAL = Referral(source="ad", id="ad-1")

CONVERSATION = ConversationRow(
    id=1,
    workspace_id=2,
    channel_id=3,
    peer="peer",
    is_group=True,
    contact_id=4,
    name="name",
    shown="+7 999",
    avatar=5,
    status="snoozed",
    snoozed_until=6,
    assignee_id=7,
    labels="[8,9]",
    unread=10,
    marked_unread=True,
    last_message=to_json(LAST),
    last_at=11,
    last_pos=12,
    read_pos=13,
    last_in_at=14,
    window_until=15,
    windowed=True,
    drafts="[[16,17]]",
    failed=True,
    free_by=21,
    free_for=22,
    free_until=23,
    held_by="agent",
    held_at=24,
    merged_into=18,
    rev=19,
    created_at=20,
)
CONVERSATION_VIEW = {
    "id": show("c", 1),
    "ws": show("w", 2),
    "rev": 19,
    "channel": show("ch", 3),
    "name": "name",
    "group": True,
    "contact": show("p", 4),
    "peer": "+7 999",
    "avatar": show("f", 5),
    "status": "snoozed",
    "snoozed_until": 6,
    "assignee": show("o", 7),
    "labels": (show("l", 8), show("l", 9)),
    "unread": 10,
    "marked_unread": True,
    "last": LAST,
    "last_at": 11,
    "last_pos": 12,
    "read_pos": 13,
    "windowed": True,
    "window_until": 15,
    "drafts": (DraftMark(operator=show("o", 16), at=17),),
    "failed": True,
    "free_until": 23,
    "held_by": "agent",
}
MESSAGE = MessageRow(
    id=1,
    workspace_id=2,
    channel_id=3,
    conversation_id=4,
    external_id="external",
    txn="txn",
    cid="cid",
    pos=5,
    dir="out",
    kind="media.image",
    author_kind="operator",
    author_id=6,
    author_name="author",
    parts=to_json((Text(body="сказано"),)),
    text="text",
    at=7,
    received_at=8,
    st="failed",
    reply_external_id="replied",
    reply_id=9,
    quote=to_json(QUOTE),
    media=to_json(MEDIA),
    reactions=to_json((LIKED, TAKEN_AWAY)),
    versions="[[10,[]]]",
    edited_at=11,
    deleted_at=None,
    fail=to_json(FAILURE),
    forwarded=True,
    history=True,
    referral=to_json(REFERRAL),
    due_at=13,
    delivery_id=14,
    rev=15,
)
MESSAGE_VIEW = {
    "id": show("m", 1),
    "ws": show("w", 2),
    "conv": show("c", 4),
    "rev": 15,
    "pos": 5,
    "dir": "out",
    "kind": "media",
    "author": Author(kind="operator", id=show("o", 6), name="author"),
    "parts": msgspec.Raw(MESSAGE.parts.encode()),
    "text": "text",
    "at": 7,
    "received_at": 8,
    "st": "failed",
    "media": MEDIA,
    "reply": QUOTE,
    "reactions": (LIKED,),
    "edited_at": 11,
    "deleted_at": None,
    "fail": FAILURE,
    "forwarded": True,
    "referral": REFERRAL,
    "due_at": 13,
    "external_id": "external",
    "channel": show("ch", 3),
    "cid": "cid",
    "history": True,
    "waiting": None,
}


def fields(view: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(view, name) for name in view.__struct_fields__}


def test_a_conversation_shows_every_column_in_its_place() -> None:
    assert fields(conversation_view(CONVERSATION)) == CONVERSATION_VIEW


def test_a_message_shows_every_column_in_its_place() -> None:
    assert fields(message_view(MESSAGE)) == MESSAGE_VIEW


BARE_CONVERSATION = ConversationRow(
    id=1, workspace_id=2, channel_id=3, peer="x", shown="x", last_at=4, created_at=5
)
BARE_MESSAGE = MessageRow(
    id=1,
    workspace_id=2,
    channel_id=3,
    conversation_id=4,
    pos=5,
    dir="system",
    kind="system",
    author_kind="system",
    parts="[]",
    at=6,
    received_at=7,
    st="received",
)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (
            conversation_view(BARE_CONVERSATION),
            ConversationView(
                id=show("c", 1),
                ws=show("w", 2),
                rev=0,
                channel=show("ch", 3),
                name="x",
                peer="x",
                last_at=4,
            ),
        ),
        (
            message_view(BARE_MESSAGE),
            MessageView(
                id=show("m", 1),
                ws=show("w", 2),
                conv=show("c", 4),
                rev=0,
                pos=5,
                dir="system",
                kind="system",
                author=Author(kind="system"),
                parts=msgspec.Raw(b"[]"),
                at=6,
                received_at=7,
                channel=show("ch", 3),
            ),
        ),
    ],
    ids=["conversation", "message"],
)
def test_what_is_not_set_is_the_default_and_not_on_the_wire(shown: Any, wanted: Any) -> None:
    assert shown == wanted
    assert b"null" not in msgspec.json.encode(shown)


def test_a_deleted_message_says_that_it_was_there_and_not_what_it_said() -> None:
    row = msgspec.structs.replace(MESSAGE, deleted_at=16)
    kept = MESSAGE_VIEW | {"parts": msgspec.Raw(b"[]"), "text": "", "media": (), "deleted_at": 16}
    assert fields(message_view(row)) == kept


def test_a_queued_message_with_a_reason_waits_until_its_time() -> None:
    row = msgspec.structs.replace(MESSAGE, st="queued")
    waits = {"st": "queued", "fail": None, "due_at": None, "waiting": Waiting(reason="131047", until=13)}
    assert fields(message_view(row)) == MESSAGE_VIEW | waits
    plain = message_view(msgspec.structs.replace(MESSAGE, st="queued", fail=""))
    assert (plain.waiting, plain.due_at) == (None, 13)


def test_a_channel_shows_what_it_can_do_and_what_is_said_of_it() -> None:
    said = {"quality": RemarkView(value="RED", severity="critical", text="low", at=5)}
    row = ChannelRow(
        id=1,
        workspace_id=2,
        kind="k",
        name="n",
        external_id="x",
        created_at=3,
        abilities='["profile","links"]',
        said=to_json(said),
    )
    view = channel_view(row)
    assert (view.abilities, view.said) == (("profile", "links"), said)
