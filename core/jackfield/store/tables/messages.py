"""Messages, with what came of them and what was brought by them."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from jackfield.store.fields import Id


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
