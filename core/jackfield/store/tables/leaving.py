"""What is to leave, and what holds it back."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from jackfield.store.fields import Id


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
