"""What a kill took: messages that the engine had opened, and had not handed over yet.

The engine acknowledges a message before it is here, and opens none twice: the network does not bring it
again, and the phone has it. So its place is shown, where the engine has noted that it opened one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from jackfield.channel import AnyEvent, Message, Sender, Unsupported
from jackfield_whatsapp_business.engines.base import Engine, Opened
from jackfield_whatsapp_business.ids import address_of, make_conversation, make_message

from .journal import Journal

log = logging.getLogger("jackfield.bridge")

MOST = 20  # more than these were on their way from the phone's past, which is not shown as missing


class Gaps:
    """Made before the engine starts: what it has noted until then is of an earlier process."""

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self._journal, mark = journal, journal.mark()
        self._opened = engine.opened(mark or 0)
        self._known = mark is not None
        self._looked = False

    def look(self, tell: Callable[[Sequence[AnyEvent]], None]) -> None:
        """Once everything of earlier processes was read: tell the places of what never came. Once."""
        if self._looked:
            return
        self._looked = True
        lost = [one for one in self._opened if self._known and not self._journal.came(one.number)]
        if len(lost) > MOST:
            log.warning("%d messages were opened and not handed over: the phone has them", len(lost))
        elif lost:
            tell([place(one) for one in lost])
        self._journal.account(max((one.mark for one in self._opened), default=self._journal.mark() or 0))


def place(one: Opened) -> Message:
    """Where a message stands that only the phone has."""
    sender = address_of(one.sender)
    return Message(
        at=datetime.now(UTC),
        conversation=make_conversation(one.chat),
        id=make_message(one.chat, one.number),
        sender=Sender(addresses=(sender,) if sender is not None else ()),
        parts=(Unsupported(kind="undecryptable", note="open it on the phone"),),
        group=one.chat.group,
    )
