"""The rows the writer moves: the columns of tables/ as plain, fast, mutable structs.

A test holds the two equal, column by column.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct


class Row(Struct, kw_only=True, array_like=True, gc=False):
    """One row of `table`. Change it only between Uow.edit and the flush.

    Like an array, so that a record of a database becomes a row in one step (columns.py). It holds
    numbers and texts only, so none is searched for cycles.
    """

    table: ClassVar[str]
    id: int


class WorkspaceRow(Row, kw_only=True):
    table: ClassVar[str] = "workspace"
    name: str
    color: str = ""
    epoch: str
    seq: int = 0
    searched_from: int = 0
    created_at: int


class OperatorRow(Row, kw_only=True):
    table: ClassVar[str] = "operator"
    email: str
    name: str
    password: str = ""
    staff: bool = False
    locale: str = ""
    theme: str = "system"
    disabled: bool = False
    created_at: int


class MembershipRow(Row, kw_only=True):
    table: ClassVar[str] = "membership"
    workspace_id: int
    operator_id: int
    role: str


class ChannelRow(Row, kw_only=True):
    table: ClassVar[str] = "channel"
    workspace_id: int
    kind: str
    name: str
    external_id: str
    config: str = "{}"
    secrets: str = ""
    enabled: bool = True
    state: str = "connecting"
    state_code: str = ""
    state_text: str = ""
    state_at: int = 0
    rev: int = 0
    created_at: int
    removed_at: int | None = None
    lease_owner: str = ""
    lease_until: int = 0
    abilities: str = "[]"
    said: str = "{}"
    counted_at: int = 0
    progress: int | None = None
    lost_at: int | None = None
    alerted_at: int | None = None
    linked_at: int = 0
    protection: str = "{}"
    paused: str = ""


class InvitationRow(Row, kw_only=True):
    table: ClassVar[str] = "invitation"
    workspace_id: int
    kind: str
    flow: str = ""
    again_id: int | None = None
    token: str
    by_id: int
    created_at: int
    expires_at: int
    opened_at: int | None = None
    login: str = ""
    used_at: int | None = None
    channel_id: int | None = None
    revoked_at: int | None = None


class ChannelValueRow(Row, kw_only=True):
    table: ClassVar[str] = "channel_value"
    channel_id: int
    key: str
    value: bytes


class ChannelStateRow(Row, kw_only=True):
    table: ClassVar[str] = "channel_state"
    workspace_id: int
    channel_id: int
    at: int
    state: str
    code: str = ""
    text: str = ""


class RemarkRow(Row, kw_only=True):
    table: ClassVar[str] = "remark"
    workspace_id: int
    channel_id: int
    about: str
    value: str = ""
    severity: str = "info"
    text: str = ""
    detail: str = ""
    at: int


class FigureRow(Row, kw_only=True):
    table: ClassVar[str] = "figure"
    workspace_id: int
    channel_id: int
    report: str
    since: int
    until: int
    key: str = ""
    by: str = "{}"
    numbers: str = "{}"
    currency: str = ""
    at: int


class OpeningRow(Row, kw_only=True):
    table: ClassVar[str] = "opening"
    pool: str
    person: str
    at: int


class DepartureRow(Row, kw_only=True):
    table: ClassVar[str] = "departure"
    workspace_id: int
    channel_id: int
    conversation_id: int
    message_id: int
    digest: str = ""
    automatic: bool = False
    due_at: int
    gone_at: int | None = None


class PauseRow(Row, kw_only=True):
    table: ClassVar[str] = "pause"
    workspace_id: int
    channel_id: int
    reason: str
    detail: str = ""
    by_id: int | None = None
    at: int
    until: int | None = None
    resumed_at: int | None = None
    resumed_by: int | None = None


class TemplateAccountRow(Row, kw_only=True):
    table: ClassVar[str] = "template_account"
    workspace_id: int
    account: str
    read_at: int = 0
    wanted_at: int = 0
    problem: str = ""


class TemplateRow(Row, kw_only=True):
    table: ClassVar[str] = "template"
    workspace_id: int
    account: str
    external_id: str
    name: str
    language: str
    standing: str
    word: str = ""
    reason: str = ""
    standing_at: int
    quality: str = ""
    quality_at: int = 0
    category: str = ""
    next_category: str = ""
    category_at: int = 0
    design: str = ""
    gone: bool = False
    created_at: int


class TemplateNewsRow(Row, kw_only=True):
    table: ClassVar[str] = "template_news"
    workspace_id: int
    template_id: int
    at: int
    what: str
    value: str = ""
    was: str = ""
    reason: str = ""


class ContactRow(Row, kw_only=True):
    table: ClassVar[str] = "contact"
    workspace_id: int
    name: str = ""
    named_by: str = "network"
    avatar: int | None = None
    attributes: str = "{}"
    merged_into: int | None = None
    rev: int = 0
    created_at: int


class IdentityRow(Row, kw_only=True):
    table: ClassVar[str] = "identity"
    workspace_id: int
    contact_id: int
    kind: str
    scope: str = ""
    value: str
    source: str
    at: int


class MergeRow(Row, kw_only=True):
    table: ClassVar[str] = "merge"
    workspace_id: int
    into_id: int
    gone_id: int
    moved: str
    by_id: int | None = None
    at: int
    undone_at: int | None = None


class ConversationRow(Row, kw_only=True):
    table: ClassVar[str] = "conversation"
    workspace_id: int
    channel_id: int
    peer: str
    is_group: bool = False
    contact_id: int | None = None
    name: str = ""
    shown: str = ""
    avatar: int | None = None
    status: str = "open"
    snoozed_until: int | None = None
    assignee_id: int | None = None
    labels: str = "[]"
    unread: int = 0
    marked_unread: bool = False
    last_message: str = ""
    last_at: int
    last_pos: int = 0
    read_pos: int = 0
    last_in_at: int | None = None
    window_until: int | None = None
    windowed: bool = False
    free_by: int | None = None
    free_for: int = 0
    free_until: int | None = None
    held_by: str = ""
    held_at: int = 0
    members: str = "[]"
    begun_at: int | None = None
    drafts: str = "[]"
    failed: bool = False
    merged_into: int | None = None
    rev: int = 0
    created_at: int


class PeerRow(Row, kw_only=True):
    table: ClassVar[str] = "peer"
    channel_id: int
    peer: str
    conversation_id: int


class ConversationLabelRow(Row, kw_only=True):
    table: ClassVar[str] = "conversation_label"
    workspace_id: int
    conversation_id: int
    label_id: int


class LabelRow(Row, kw_only=True):
    table: ClassVar[str] = "label"
    workspace_id: int
    name: str
    color: str
    deleted: bool = False
    rev: int = 0


class MessageRow(Row, kw_only=True):
    table: ClassVar[str] = "message"
    workspace_id: int
    channel_id: int
    conversation_id: int
    external_id: str | None = None
    txn: str | None = None
    cid: str | None = None
    pos: int
    dir: str
    kind: str
    author_kind: str
    author_id: int | None = None
    author_name: str = ""
    parts: str
    text: str = ""
    at: int
    received_at: int
    st: str
    reply_external_id: str | None = None
    reply_id: int | None = None
    quote: str = ""
    media: str = "[]"
    reactions: str = "[]"
    versions: str = "[]"
    edited_at: int | None = None
    deleted_at: int | None = None
    fail: str = ""
    forwarded: bool = False
    history: bool = False
    referral: str = ""
    due_at: int | None = None
    delivery_id: int | None = None
    rev: int = 0


class ReceiptRow(Row, kw_only=True):
    table: ClassVar[str] = "receipt"
    workspace_id: int
    message_id: int
    level: str
    person: str = ""
    at: int
    detail: str = ""


class WaitingRow(Row, kw_only=True):
    table: ClassVar[str] = "waiting"
    workspace_id: int
    channel_id: int
    external_id: str
    event: str
    digest: str
    at: int


class DeliveryRow(Row, kw_only=True):
    table: ClassVar[str] = "delivery"
    workspace_id: int | None = None
    channel_id: int | None = None
    kind: str
    at: int
    headers: str = "{}"
    body: bytes
    state: str
    reason: str = ""
    events: int = 0
    unrecognised: int = 0
    replayed_at: int | None = None


class DeliveryCountRow(Row, kw_only=True):
    table: ClassVar[str] = "delivery_count"
    workspace_id: int
    channel_id: int
    received: int = 0
    stored: int = 0
    failed: int = 0
    unrecognised: int = 0


class ChannelLogRow(Row, kw_only=True):
    table: ClassVar[str] = "channel_log"
    workspace_id: int
    channel_id: int
    at: int
    op: str
    ok: bool
    status: int = 0
    request: str = ""
    response: str = ""
    error: str = ""
    elapsed_ms: int = 0


class FileRow(Row, kw_only=True):
    table: ClassVar[str] = "file"
    workspace_id: int
    channel_id: int | None = None
    message_id: int | None = None
    part: int = 0
    ref: str = ""
    state: str
    path: str = ""
    mime: str = ""
    name: str = ""
    size: int | None = None
    sha256: str = ""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    error: str = ""
    attempts: int = 0
    next_at: int | None = None
    by_id: int | None = None
    contact_id: int | None = None
    conversation_id: int | None = None
    created_at: int


class OutboxRow(Row, kw_only=True):
    table: ClassVar[str] = "outbox"
    workspace_id: int
    channel_id: int
    conversation_id: int
    message_id: int
    op: str
    data: str = ""
    state: str
    due_at: int
    expires_at: int | None = None
    attempts: int = 0
    owner: str = ""
    error: str = ""
    created_at: int
    template: bool = False
    automatic: bool = False


class DraftRow(Row, kw_only=True):
    table: ClassVar[str] = "draft"
    workspace_id: int
    conversation_id: int
    operator_id: int
    text: str
    reply_id: int | None = None
    at: int


class CounterRow(Row, kw_only=True):
    table: ClassVar[str] = "counter"
    workspace_id: int
    key: str
    n: int = 0


class StreamRow(Row, kw_only=True):
    table: ClassVar[str] = "stream"
    workspace_id: int
    seq: int
    audience: int | None = None
    data: str
    at: int


class DoneRow(Row, kw_only=True):
    table: ClassVar[str] = "done"
    operator_id: int
    cid: str
    digest: str
    answer: str
    at: int
