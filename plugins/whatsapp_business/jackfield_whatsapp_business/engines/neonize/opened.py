"""Which messages the engine has opened, as its session notes them down with their secrets."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (the package's stubs name their neighbours by paths that are not there)
from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from neonize.events import INT_TO_EVENT
from neonize.proto import Neonize_pb2 as neo

from jackfield.channel import Rejected
from jackfield_whatsapp_business.engines.base import Opened
from jackfield_whatsapp_business.ids import parse_peer

log = logging.getLogger("jackfield.bridge")

NOTED = (
    "SELECT s.rowid, s.chat_jid, s.sender_jid, s.message_id, d.jid, d.lid FROM whatsmeow_message_secrets s"
    " JOIN whatsmeow_device d ON d.jid = s.our_jid WHERE s.rowid > ? ORDER BY s.rowid"
)


def opened(session: Path, after: int) -> Sequence[Opened]:
    """Those of others, oldest first. Phones give nearly every message a secret; one without is not noted."""
    if not session.exists():
        return ()
    try:
        with closing(sqlite3.connect(session)) as file:
            rows = file.execute(NOTED, (after,)).fetchall()
    except sqlite3.DatabaseError as error:
        log.warning("the engine's notes cannot be read: %s", error)
        return ()
    return [one for row in rows if (one := _opened(*row)) is not None]


def _opened(mark: int, chat: str, sender: str, number: str, *ours: str | None) -> Opened | None:
    try:
        who, where = parse_peer(sender), parse_peer(chat)
        if who.user in {parse_peer(one).user for one in ours if one}:
            return None
    except Rejected:
        return None
    return Opened(mark, where, who, number)


def numbers(kind: int, body: bytes) -> Sequence[str]:
    """The ids of the messages in what was heard."""
    event = INT_TO_EVENT.get(kind)
    if event is neo.Message:
        return (neo.Message.FromString(body).Info.ID,)
    if event is neo.HistorySync:
        past = neo.HistorySync.FromString(body).Data.conversations
        return [entry.message.key.ID for conversation in past for entry in conversation.messages]
    return ()
