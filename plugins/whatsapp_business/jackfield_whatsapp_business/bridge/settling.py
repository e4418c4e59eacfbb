"""What became of what we said: receipts by the network's ids, as those of the sends they belong to.

A send that was cut off has no id of ours. The first receipt in its chat for a message that this engine
must have made, and that nobody here has heard of, is its own: so its outcome is known after all.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from jackfield.channel import MessageId, Receipt, TxnId
from jackfield_whatsapp_business.engines.base import Engine
from jackfield_whatsapp_business.ids import parse_message, peer_at

from .journal import Journal
from .notebook import Notebook


class Settling:
    def __init__(self, engine: Engine, journal: Journal, notebook: Notebook) -> None:
        self._engine, self._journal, self._notebook = engine, journal, notebook

    def settled(self, receipt: Receipt) -> Iterator[Receipt]:
        """The receipt with the txn of each of our own messages; those of others in one."""
        others: list[MessageId] = []
        for target in receipt.targets:
            txn = self._txn(target, receipt)
            if txn:
                yield structs.replace(receipt, targets=(target,), txn=TxnId(txn))
            else:
                others.append(target)
        if others:
            yield structs.replace(receipt, targets=tuple(others))

    def _txn(self, target: MessageId, receipt: Receipt) -> str:
        chat, number = parse_message(target)
        if txn := self._journal.txn_of(number):
            return txn
        if not self._engine.made(number) or self._notebook.knows(target):
            return ""
        peers = (peer_at(address) for address in receipt.person)
        unclear = self._journal.unclear({str(chat), *(str(peer) for peer in peers if peer is not None)})
        if len(unclear) != 1:
            return ""  # one of several: a person has to look
        self._journal.sent(unclear[0], number)
        return unclear[0]
