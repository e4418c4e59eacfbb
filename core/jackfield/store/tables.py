"""The tables, as Tortoise models: the schema and its migrations come from here.

Times are milliseconds since 1970 UTC in BIGINT columns, structured values are JSON text written once
and sent on as the same bytes: both engines then store and compare the very same things. The rows of
the conversation model are read and written by the writer and the reader as rows.py has them.

Trap: the first line of a docstring becomes the comment of its table, and a semicolon in it breaks the
migration on SQLite.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from .fields import Id


class Workspace(Model):
    """One client of the agency: the tenant key. Its row is the lock and the counter of its stream."""

    id = Id()
    name = fields.CharField(200)
    color = fields.CharField(7, default="")
    epoch = fields.CharField(32)
    seq = fields.BigIntField(default=0)
    searched_from = fields.BigIntField(default=0, db_default=0)  # messages below this id are not searched yet
    created_at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "workspace"


class Operator(Model):
    id = Id()
    email = fields.CharField(254, unique=True)
    name = fields.CharField(200)
    password = fields.CharField(200, default="")  # argon2id; "": sign-in by link only
    staff = fields.BooleanField(default=False)  # of the agency: may make workspaces and operators
    locale = fields.CharField(16, default="")  # "": what the browser asks for
    theme = fields.CharField(8, default="system")
    disabled = fields.BooleanField(default=False)
    created_at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "operator"


class Membership(Model):
    id = Id()
    workspace_id = fields.BigIntField()
    operator_id = fields.BigIntField(db_index=True)
    role = fields.CharField(8)

    class Meta(Model.Meta):
        table = "membership"
        unique_together = (("workspace_id", "operator_id"),)


class Session(Model):
    """A signed-in browser. Only the SHA-256 of its cookie is kept."""

    id = Id()
    operator_id = fields.BigIntField(db_index=True)
    token = fields.CharField(64, unique=True)
    csrf = fields.CharField(64)
    created_at = fields.BigIntField()
    seen_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    address = fields.CharField(64, default="")
    agent = fields.CharField(300, default="")

    class Meta(Model.Meta):
        table = "session"


class SignInLink(Model):
    """A link that signs in once. Only its SHA-256 is kept."""

    id = Id()
    operator_id = fields.BigIntField()
    token = fields.CharField(64, unique=True)
    expires_at = fields.BigIntField()
    used_at = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "sign_in_link"


class Invitation(Model):
    """A link by which a client connects his own account once. Only its SHA-256 is kept."""

    id = Id()
    workspace_id = fields.BigIntField(db_index=True)
    kind = fields.CharField(40)
    flow = fields.CharField(40, default="")  # "": whichever suits the client
    again_id = fields.BigIntField(null=True)  # the channel whose login is renewed
    token = fields.CharField(64, unique=True)
    by_id = fields.BigIntField()
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    opened_at = fields.BigIntField(null=True)  # when an attempt was begun last
    login = fields.CharField(40, default="")  # that attempt
    used_at = fields.BigIntField(null=True)
    channel_id = fields.BigIntField(null=True)  # what it was used for
    revoked_at = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "invitation"


class ApiToken(Model):
    """Acts as its operator, in one workspace or all of his, with at most `role`."""

    id = Id()
    operator_id = fields.BigIntField(db_index=True)
    workspace_id = fields.BigIntField(null=True)
    role = fields.CharField(8, null=True)
    name = fields.CharField(200)
    token = fields.CharField(64, unique=True)
    created_at = fields.BigIntField()
    used_at = fields.BigIntField(null=True)
    expires_at = fields.BigIntField(null=True)
    revoked_at = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "api_token"


class Channel(Model):
    """One connected number, account or widget. `secrets` is one encrypted JSON object."""

    id = Id()
    workspace_id = fields.BigIntField(db_index=True)
    kind = fields.CharField(40)
    name = fields.CharField(200)
    external_id = fields.CharField(200)
    config = fields.TextField(default="{}")
    secrets = fields.TextField(default="")
    enabled = fields.BooleanField(default=True)
    state = fields.CharField(20, default="connecting")
    state_code = fields.CharField(80, default="")
    state_text = fields.TextField(default="")
    state_at = fields.BigIntField(default=0)
    rev = fields.BigIntField(default=0)
    created_at = fields.BigIntField()
    removed_at = fields.BigIntField(null=True)
    lease_owner = fields.CharField(40, default="")
    lease_until = fields.BigIntField(default=0)
    abilities = fields.TextField(default="[]", db_default="[]")  # as it was last opened
    said = fields.TextField(default="{}", db_default="{}")  # the last Remark about each thing
    counted_at = fields.BigIntField(default=0, db_default=0)  # when its figures were asked for
    progress = fields.IntField(null=True)  # per cent of its past that is here, while that comes in
    lost_at = fields.BigIntField(null=True)  # since when it is not connected
    alerted_at = fields.BigIntField(null=True)  # when people were told that it is lost
    linked_at = fields.BigIntField(default=0, db_default=0)  # its last login; 0: before that was kept
    protection = fields.TextField(default="{}", db_default="{}")  # limits that were set, by name
    paused = fields.CharField(12, default="", db_default="")  # the reason of its Pause that lasts

    class Meta(Model.Meta):
        table = "channel"
        unique_together = (("kind", "external_id"),)


class ChannelValue(Model):
    """What a plugin keeps through Port.put."""

    id = Id()
    channel_id = fields.BigIntField()
    key = fields.CharField(200)
    value = fields.BinaryField()

    class Meta(Model.Meta):
        table = "channel_value"
        unique_together = (("channel_id", "key"),)


class ChannelLog(Model):
    """One interaction with the provider, secrets redacted. Short-lived."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    at = fields.BigIntField()
    op = fields.CharField(40)
    ok = fields.BooleanField()
    status = fields.IntField(default=0)
    request = fields.TextField(default="")
    response = fields.TextField(default="")
    error = fields.TextField(default="")
    elapsed_ms = fields.IntField(default=0)

    class Meta(Model.Meta):
        table = "channel_log"
        indexes = (Index(fields=("channel_id", "id"), name="channel_log_by_channel"),)


class ChannelState(Model):
    """How a channel was, from `at` until the next of its rows."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    at = fields.BigIntField()
    state = fields.CharField(20)
    code = fields.CharField(80, default="")
    text = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "channel_state"
        indexes = (Index(fields=("channel_id", "id"), name="channel_state_by_channel"),)


class Remark(Model):
    """What the provider said of a channel: its quality, a limit, the standing of its account."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    about = fields.CharField(40)
    value = fields.TextField(default="")
    severity = fields.CharField(8, default="info")
    text = fields.TextField(default="")
    detail = fields.TextField(default="")
    at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "remark"
        indexes = (Index(fields=("channel_id", "id"), name="remark_by_channel"),)


class Figure(Model):
    """Numbers of one span of time: the provider's, or our own of what it charges for."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    report = fields.CharField(20)
    since = fields.BigIntField()
    until = fields.BigIntField()
    key = fields.CharField(300, default="")  # what it is counted by, in one way of writing
    by = fields.TextField(default="{}")
    numbers = fields.TextField(default="{}")
    currency = fields.CharField(3, default="")
    at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "figure"
        unique_together = (("channel_id", "report", "since", "until", "key"),)


class Opening(Model):
    """When somebody was last written to first, in a pool of channels that share a limit for that.

    It is nobody's: a pool may reach over workspaces, and all they see of each other is a number.
    """

    id = Id()
    pool = fields.CharField(120)
    person = fields.CharField(64)  # a digest
    at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "opening"
        unique_together = (("pool", "person"),)
        indexes = (Index(fields=("pool", "at"), name="opening_by_pool"),)


class Departure(Model):
    """A message of a channel that is used with care: when it is to leave, when it left, what it says."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    conversation_id = fields.BigIntField()
    message_id = fields.BigIntField(unique=True)
    digest = fields.CharField(64, default="")  # of its words, or of its file
    automatic = fields.BooleanField(default=False)
    due_at = fields.BigIntField()  # or when it left
    gone_at = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "departure"
        indexes = (
            Index(fields=("channel_id", "gone_at"), name="departure_gone"),
            Index(fields=("channel_id", "digest"), name="departure_saying"),
        )


class Pause(Model):
    """When a channel let only people answer people, and who ended that. `by_id` null: the network did it."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    reason = fields.CharField(12)  # restricted · banned · by_hand
    detail = fields.CharField(300, default="")
    by_id = fields.BigIntField(null=True)
    at = fields.BigIntField()
    until = fields.BigIntField(null=True)  # as the network said
    resumed_at = fields.BigIntField(null=True)
    resumed_by = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "pause"
        indexes = (Index(fields=("channel_id", "id"), name="pause_by_channel"),)


class TemplateAccount(Model):
    """An account at a provider whose templates we keep a copy of. `account` begins with the kind."""

    id = Id()
    workspace_id = fields.BigIntField()
    account = fields.CharField(120)
    read_at = fields.BigIntField(default=0)
    wanted_at = fields.BigIntField(default=0)  # when it is to be read next
    problem = fields.CharField(80, default="")  # why it could not be read: the code of a ChannelError

    class Meta(Model.Meta):
        table = "template_account"
        unique_together = (("workspace_id", "account"),)


class TemplateCopy(Model):
    """A template as the provider has it. `design` empty: not read yet. `gone`: not there any more."""

    id = Id()
    workspace_id = fields.BigIntField()
    account = fields.CharField(120)
    external_id = fields.CharField(80)
    name = fields.CharField(512)
    language = fields.CharField(20)
    standing = fields.CharField(20)
    word = fields.CharField(64, default="")
    reason = fields.TextField(default="")
    standing_at = fields.BigIntField()
    quality = fields.CharField(10, default="")
    quality_at = fields.BigIntField(default=0)
    category = fields.CharField(20, default="")
    next_category = fields.CharField(20, default="")
    category_at = fields.BigIntField(default=0)
    design = fields.TextField(default="")
    gone = fields.BooleanField(default=False)
    created_at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "template"
        unique_together = (("workspace_id", "account", "external_id"),)
        indexes = (Index(fields=("workspace_id", "account", "name"), name="template_by_name"),)


class TemplateNews(Model):
    """What changed of a template, and when the provider says it did."""

    id = Id()
    workspace_id = fields.BigIntField()
    template_id = fields.BigIntField(db_index=True)
    at = fields.BigIntField()
    what = fields.CharField(16)  # standing · quality · category · next_category · design
    value = fields.CharField(80, default="")
    was = fields.CharField(80, default="")
    reason = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "template_news"


class Contact(Model):
    id = Id()
    workspace_id = fields.BigIntField(db_index=True)
    name = fields.CharField(300, default="")
    named_by = fields.CharField(8, default="network")
    avatar = fields.BigIntField(null=True)
    attributes = fields.TextField(default="{}")
    merged_into = fields.BigIntField(null=True)
    rev = fields.BigIntField(default=0)
    created_at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "contact"


class Identity(Model):
    id = Id()
    workspace_id = fields.BigIntField()
    contact_id = fields.BigIntField(db_index=True)
    kind = fields.CharField(20)
    scope = fields.CharField(80, default="")
    value = fields.CharField(200)
    source = fields.CharField(60)
    at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "identity"
        unique_together = (("workspace_id", "kind", "scope", "value"),)


class Merge(Model):
    """What a merge of contacts moved, so that it can be undone."""

    id = Id()
    workspace_id = fields.BigIntField()
    into_id = fields.BigIntField(db_index=True)
    gone_id = fields.BigIntField(db_index=True)
    moved = fields.TextField()
    by_id = fields.BigIntField(null=True)
    at = fields.BigIntField()
    undone_at = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "merge"


class Conversation(Model):
    """The row of the chat list, denormalised: one indexed read makes a page."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    peer = fields.CharField(200)
    is_group = fields.BooleanField(default=False)
    contact_id = fields.BigIntField(null=True, db_index=True)
    name = fields.CharField(300, default="")
    shown = fields.CharField(200, default="")
    avatar = fields.BigIntField(null=True)
    status = fields.CharField(8, default="open")
    snoozed_until = fields.BigIntField(null=True)
    assignee_id = fields.BigIntField(null=True)
    labels = fields.TextField(default="[]")
    unread = fields.IntField(default=0)
    marked_unread = fields.BooleanField(default=False)
    last_message = fields.TextField(default="")
    last_at = fields.BigIntField()
    last_pos = fields.BigIntField(default=0)
    read_pos = fields.BigIntField(default=0)
    last_in_at = fields.BigIntField(null=True)
    window_until = fields.BigIntField(null=True)
    windowed = fields.BooleanField(default=False)
    free_by = fields.BigIntField(null=True)  # an answer until then opens a time without charge,
    free_for = fields.BigIntField(default=0, db_default=0)  # so long
    free_until = fields.BigIntField(null=True)
    held_by = fields.CharField(20, default="", db_default="")  # who answers, if not we
    held_at = fields.BigIntField(default=0, db_default=0)  # since when
    members = fields.TextField(default="[]", db_default="[]")  # of a group, as the network names them
    begun_at = fields.BigIntField(null=True)  # one of us began it, or began it anew
    drafts = fields.TextField(default="[]")
    failed = fields.BooleanField(default=False)
    merged_into = fields.BigIntField(null=True)
    rev = fields.BigIntField(default=0)
    created_at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "conversation"
        indexes = (
            Index(fields=("workspace_id", "last_at", "id"), name="conversation_all"),
            Index(fields=("workspace_id", "status", "last_at", "id"), name="conversation_by_status"),
            Index(fields=("channel_id", "status", "last_at", "id"), name="conversation_by_channel"),
            Index(
                fields=("workspace_id", "assignee_id", "status", "last_at", "id"),
                name="conversation_by_assignee",
            ),
            Index(fields=("status", "snoozed_until"), name="conversation_snoozed"),
        )


class Peer(Model):
    """Every id a conversation is or was known by on its channel."""

    id = Id()
    channel_id = fields.BigIntField()
    peer = fields.CharField(200)
    conversation_id = fields.BigIntField(db_index=True)

    class Meta(Model.Meta):
        table = "peer"
        unique_together = (("channel_id", "peer"),)


class ConversationLabel(Model):
    id = Id()
    workspace_id = fields.BigIntField()
    conversation_id = fields.BigIntField()
    label_id = fields.BigIntField(db_index=True)

    class Meta(Model.Meta):
        table = "conversation_label"
        unique_together = (("conversation_id", "label_id"),)


class Label(Model):
    id = Id()
    workspace_id = fields.BigIntField(db_index=True)
    name = fields.CharField(200)
    color = fields.CharField(7)
    deleted = fields.BooleanField(default=False)
    rev = fields.BigIntField(default=0)

    class Meta(Model.Meta):
        table = "label"


class Message(Model):
    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    conversation_id = fields.BigIntField()
    external_id = fields.CharField(300, null=True)
    txn = fields.CharField(40, null=True)
    cid = fields.CharField(80, null=True)
    pos = fields.BigIntField()
    dir = fields.CharField(6)
    kind = fields.CharField(24)
    author_kind = fields.CharField(10)
    author_id = fields.BigIntField(null=True)
    author_name = fields.CharField(300, default="")
    parts = fields.TextField()
    text = fields.TextField(default="")
    at = fields.BigIntField()
    received_at = fields.BigIntField()
    st = fields.CharField(10)
    reply_external_id = fields.CharField(300, null=True)
    reply_id = fields.BigIntField(null=True)
    quote = fields.TextField(default="")
    media = fields.TextField(default="[]")
    reactions = fields.TextField(default="[]")
    versions = fields.TextField(default="[]")
    edited_at = fields.BigIntField(null=True)
    deleted_at = fields.BigIntField(null=True)
    fail = fields.TextField(default="")
    forwarded = fields.BooleanField(default=False)
    history = fields.BooleanField(default=False)
    referral = fields.TextField(default="")
    due_at = fields.BigIntField(null=True)
    delivery_id = fields.BigIntField(null=True)
    rev = fields.BigIntField(default=0)

    class Meta(Model.Meta):
        table = "message"
        unique_together = (("channel_id", "external_id"), ("channel_id", "txn"))
        indexes = (
            Index(fields=("conversation_id", "at", "pos"), name="message_thread"),
            Index(fields=("conversation_id", "pos"), name="message_arrival"),
        )


class Receipt(Model):
    """Every receipt as it came. `message_id` null: its message is not known yet, see Waiting."""

    id = Id()
    workspace_id = fields.BigIntField()
    message_id = fields.BigIntField()
    level = fields.CharField(10)
    person = fields.CharField(220, default="")
    at = fields.BigIntField()
    detail = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "receipt"
        unique_together = (("message_id", "level", "person"),)


class Waiting(Model):
    """An event about a message we do not know yet: applied when the message comes."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    external_id = fields.CharField(300)
    event = fields.TextField()
    digest = fields.CharField(64)
    at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "waiting"
        unique_together = (("channel_id", "external_id", "digest"),)


class Delivery(Model):
    """One raw inbound payload, kept as it came, with what became of it."""

    id = Id()
    workspace_id = fields.BigIntField(null=True)
    channel_id = fields.BigIntField(null=True)
    kind = fields.CharField(40)
    at = fields.BigIntField()
    headers = fields.TextField(default="{}")
    body = fields.BinaryField()
    state = fields.CharField(10)  # stored · failed
    reason = fields.TextField(default="")
    events = fields.IntField(default=0)
    unrecognised = fields.IntField(default=0)
    replayed_at = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "delivery"
        indexes = (Index(fields=("channel_id", "state", "id"), name="delivery_by_channel"),)


class DeliveryCount(Model):
    """Counters of a channel's deliveries, moved in the same transaction as the deliveries."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField(unique=True)
    received = fields.BigIntField(default=0)
    stored = fields.BigIntField(default=0)
    failed = fields.BigIntField(default=0)
    unrecognised = fields.BigIntField(default=0)

    class Meta(Model.Meta):
        table = "delivery_count"


class File(Model):
    """A file of the media folder, or one that is still on its way there."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField(null=True)
    message_id = fields.BigIntField(null=True, db_index=True)
    part = fields.IntField(default=0)
    ref = fields.TextField(default="")
    state = fields.CharField(8)  # pending · ready · failed
    path = fields.CharField(200, default="")
    mime = fields.CharField(120, default="")
    name = fields.CharField(300, default="")
    size = fields.BigIntField(null=True)
    sha256 = fields.CharField(64, default="")
    width = fields.IntField(null=True)
    height = fields.IntField(null=True)
    duration = fields.FloatField(null=True)
    error = fields.TextField(default="")
    attempts = fields.IntField(default=0)
    next_at = fields.BigIntField(null=True)
    by_id = fields.BigIntField(null=True)
    contact_id = fields.BigIntField(null=True)  # whose picture it is
    conversation_id = fields.BigIntField(null=True)  # or which group's
    created_at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "file"
        indexes = (Index(fields=("state", "next_at"), name="file_due"),)


class Outbox(Model):
    """What still has to leave: a message, or an edit, a delete, a reaction, a read mark of one."""

    id = Id()
    workspace_id = fields.BigIntField()
    channel_id = fields.BigIntField()
    conversation_id = fields.BigIntField()
    message_id = fields.BigIntField(db_index=True)
    op = fields.CharField(8)  # send · edit · delete · react · read
    data = fields.TextField(default="")
    state = fields.CharField(8)  # waiting · sending · held · unknown · done · failed · gone
    due_at = fields.BigIntField()
    expires_at = fields.BigIntField(null=True)
    attempts = fields.IntField(default=0)
    owner = fields.CharField(40, default="")
    error = fields.TextField(default="")
    created_at = fields.BigIntField()
    template = fields.BooleanField(default=False, db_default=False)  # what may go to whoever has not written
    automatic = fields.BooleanField(default=False, db_default=False)  # no person waits for it to leave

    class Meta(Model.Meta):
        table = "outbox"
        indexes = (
            Index(fields=("channel_id", "state", "due_at", "id"), name="outbox_lane"),
            Index(fields=("conversation_id", "state", "id"), name="outbox_conversation"),
        )


class Draft(Model):
    id = Id()
    workspace_id = fields.BigIntField()
    conversation_id = fields.BigIntField()
    operator_id = fields.BigIntField(db_index=True)
    text = fields.TextField()
    reply_id = fields.BigIntField(null=True)
    at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "draft"
        unique_together = (("conversation_id", "operator_id"),)


class Counter(Model):
    """How many conversations of a workspace are under a key ("unread", "unread:none", "unread:o_…")."""

    id = Id()
    workspace_id = fields.BigIntField()
    key = fields.CharField(60)
    n = fields.IntField(default=0)

    class Meta(Model.Meta):
        table = "counter"
        unique_together = (("workspace_id", "key"),)


class StreamRow(Model):
    """The ordered log of a workspace. `audience` null: all its operators, else one."""

    id = Id()
    workspace_id = fields.BigIntField()
    seq = fields.BigIntField()
    audience = fields.BigIntField(null=True)
    data = fields.TextField()
    at = fields.BigIntField()

    class Meta(Model.Meta):
        table = "stream"
        unique_together = (("workspace_id", "seq"),)


class Done(Model):
    """Answers to commands by the sender's key, kept a day: the same key does nothing twice."""

    id = Id()
    operator_id = fields.BigIntField()
    cid = fields.CharField(80)
    digest = fields.CharField(64)
    answer = fields.TextField()
    at = fields.BigIntField(db_index=True)

    class Meta(Model.Meta):
        table = "done"
        unique_together = (("operator_id", "cid"),)


class Audit(Model):
    """Who did what to the install: roles, tokens, channels, sign-ins."""

    id = Id()
    workspace_id = fields.BigIntField(null=True, db_index=True)
    operator_id = fields.BigIntField(null=True)
    at = fields.BigIntField()
    what = fields.CharField(60)
    data = fields.TextField(default="{}")

    class Meta(Model.Meta):
        table = "audit"
