"""The tables, as Tortoise models: the schema and its migrations come from here.

Times are milliseconds since 1970 UTC in BIGINT columns, structured values are JSON text written once
and sent on as the same bytes: both engines then store and compare the very same things. The rows of
the conversation model are read and written by the writer and the reader as rows.py has them.

Several small files, because Tortoise reads a class's file whole for each class in it.

Trap: the first line of a docstring becomes the comment of its table, and a semicolon in it breaks the
migration on SQLite.
"""

from __future__ import annotations

from .access import ApiToken, Audit, Invitation, Membership, Operator, Session, SignInLink, Workspace
from .channels import Channel, ChannelLog, ChannelState, ChannelValue, Figure, Remark
from .conversations import Conversation, ConversationLabel, Draft, Label, Peer
from .leaving import Departure, Opening, Outbox, Pause
from .messages import File, Message, Receipt, Waiting
from .people import Contact, Identity, Merge
from .streams import Counter, Delivery, DeliveryCount, Done, StreamRow
from .templates import TemplateAccount, TemplateCopy, TemplateNews

__all__ = [
    "ApiToken",
    "Audit",
    "Channel",
    "ChannelLog",
    "ChannelState",
    "ChannelValue",
    "Contact",
    "Conversation",
    "ConversationLabel",
    "Counter",
    "Delivery",
    "DeliveryCount",
    "Departure",
    "Done",
    "Draft",
    "Figure",
    "File",
    "Identity",
    "Invitation",
    "Label",
    "Membership",
    "Merge",
    "Message",
    "Opening",
    "Operator",
    "Outbox",
    "Pause",
    "Peer",
    "Receipt",
    "Remark",
    "Session",
    "SignInLink",
    "StreamRow",
    "TemplateAccount",
    "TemplateCopy",
    "TemplateNews",
    "Waiting",
    "Workspace",
]
