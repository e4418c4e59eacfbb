"""What every struct of the contract shares: wire form, opaque ids, addresses of people."""

from __future__ import annotations

from typing import NewType

from msgspec import Struct

CONTRACT = 1
"""Version of this contract. A plugin names the one it was written for; the host refuses a newer one."""

# Opaque to core. Only the plugin that made an id may parse it (its ids.py: make_x and parse_x).
ChannelId = NewType("ChannelId", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
TxnId = NewType("TxnId", str)  # made by core before a send; the network's echo brings it back


class Wire(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Stored in the log and sent to browsers. Subclasses repeat frozen and kw_only: a test looks."""


class Address(Struct, frozen=True, kw_only=True):
    """One way a person is known on a network: the person's phone, LID, BSUID, visitor id, e-mail.

    `kind` is a public word, `value` is opaque to core but for phone ("+" and digits, E.164),
    e-mail and username. `scope` says who issued it ("" where the value is the same for everyone,
    as a phone number is): two addresses are the same only if all three are.
    """

    kind: str
    value: str
    scope: str = ""
