"""What came in, what it came to, and what is told of it."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from jackfield.store.fields import Id


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


class Counter(Model):
    """How many conversations of a workspace are under a key ("unread", "unread:none", "unread:o_…")."""

    id = Id()
    workspace_id = fields.BigIntField()
    key = fields.CharField(60)
    n = fields.IntField(default=0)

    class Meta(Model.Meta):
        table = "counter"
        unique_together = (("workspace_id", "key"),)


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
