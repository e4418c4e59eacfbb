"""The ways rows are found: one Index per unique key or list that the verbs ask for."""

from __future__ import annotations

from collections.abc import Iterator

from .rows import (
    ChannelRow,
    ChannelValueRow,
    ContactRow,
    ConversationLabelRow,
    ConversationRow,
    CounterRow,
    DeliveryCountRow,
    DeliveryRow,
    DepartureRow,
    DoneRow,
    DraftRow,
    FigureRow,
    FileRow,
    IdentityRow,
    InvitationRow,
    LabelRow,
    MembershipRow,
    MergeRow,
    MessageRow,
    OpeningRow,
    OperatorRow,
    OutboxRow,
    PauseRow,
    PeerRow,
    ReceiptRow,
    TemplateAccountRow,
    TemplateNewsRow,
    TemplateRow,
    WaitingRow,
    WorkspaceRow,
)
from .uow import Index, Need


def _contact_of_identity(row: IdentityRow) -> Iterator[Need]:
    yield CONTACT(row.contact_id)


def _contact_of_conversation(row: ConversationRow) -> Iterator[Need]:
    if row.contact_id is not None:
        yield CONTACT(row.contact_id)


def _conversation_of_peer(row: PeerRow) -> Iterator[Need]:
    yield CONVERSATION(row.conversation_id)


def _conversation_of_message(row: MessageRow) -> Iterator[Need]:
    yield CONVERSATION(row.conversation_id)


# The install and its workspaces. The writer itself loads the first two for every work's workspace.
WORKSPACE = Index(WorkspaceRow, "id")
COUNTERS = Index(CounterRow, "workspace_id", many=True)
OPERATOR = Index(OperatorRow, "id")
MEMBERSHIP = Index(MembershipRow, "workspace_id", "operator_id")
MEMBERSHIPS_OF = Index(MembershipRow, "operator_id", many=True)
DONE = Index(DoneRow, "operator_id", "cid")

INVITATION = Index(InvitationRow, "id")
CHANNEL = Index(ChannelRow, "id")
CHANNEL_VALUE = Index(ChannelValueRow, "channel_id", "key")

# People.
CONTACT = Index(ContactRow, "id")
IDENTITY = Index(IdentityRow, "workspace_id", "kind", "scope", "value", then=_contact_of_identity)
IDENTITY_BY_ID = Index(IdentityRow, "id")
IDENTITIES_OF = Index(IdentityRow, "contact_id", many=True)
MERGE = Index(MergeRow, "id")
MERGES_INTO = Index(MergeRow, "into_id", many=True)

# Conversations.
CONVERSATION = Index(ConversationRow, "id", then=_contact_of_conversation)
CONVERSATIONS_OF = Index(ConversationRow, "contact_id", many=True)
PEER = Index(PeerRow, "channel_id", "peer", then=_conversation_of_peer)
PEERS_OF = Index(PeerRow, "conversation_id", many=True)
LABEL = Index(LabelRow, "id")
LABELS_ON = Index(ConversationLabelRow, "conversation_id", many=True)
DRAFTS_IN = Index(DraftRow, "conversation_id", many=True)
DRAFT = Index(DraftRow, "conversation_id", "operator_id")
CONVERSATION_ALONE = Index(ConversationRow, "id")  # without its contact: nobody looks at people there

# Messages and what belongs to them.
MESSAGE = Index(MessageRow, "id", then=_conversation_of_message)
MESSAGE_ALONE = Index(MessageRow, "id")
MESSAGE_BY_EXTERNAL = Index(MessageRow, "channel_id", "external_id", then=_conversation_of_message)
MESSAGE_BY_TXN = Index(MessageRow, "channel_id", "txn", then=_conversation_of_message)
MESSAGES_IN = Index(MessageRow, "conversation_id", many=True)  # a whole thread: only to join two
RECEIPTS_OF = Index(ReceiptRow, "message_id", many=True)
WAITING_FOR = Index(WaitingRow, "channel_id", "external_id", many=True)
FILE = Index(FileRow, "id")
FILES_OF = Index(FileRow, "message_id", many=True)

# Templates.
TEMPLATE_ACCOUNT = Index(TemplateAccountRow, "workspace_id", "account")
TEMPLATES_OF = Index(TemplateRow, "workspace_id", "account", many=True)
TEMPLATE = Index(TemplateRow, "workspace_id", "account", "external_id")
TEMPLATES_NAMED = Index(TemplateRow, "workspace_id", "account", "name", many=True)
TEMPLATE_NEWS_OF = Index(TemplateNewsRow, "template_id", many=True)

# What is counted.
FIGURE = Index(FigureRow, "channel_id", "report", "since", "until", "key")
OPENING = Index(OpeningRow, "pool", "person")
OPENINGS_IN = Index(OpeningRow, "pool", many=True)  # kept for two days: only of a pool with a low limit

# Protection.
DEPARTURE = Index(DepartureRow, "message_id")
DEPARTURES_SAYING = Index(DepartureRow, "channel_id", "digest", many=True)
PAUSES_NOW = Index(PauseRow, "channel_id", many=True, where="resumed_at IS NULL")

# In and out.
DELIVERY = Index(DeliveryRow, "id")
DELIVERY_COUNT = Index(DeliveryCountRow, "channel_id")
OUTBOX = Index(OutboxRow, "id")
OUTBOX_OF = Index(OutboxRow, "message_id", many=True)
OUTBOX_IN = Index(OutboxRow, "conversation_id", many=True)
