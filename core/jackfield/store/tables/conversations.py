"""Conversations, and what operators put to them."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from jackfield.store.fields import Id


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


class Label(Model):
    id = Id()
    workspace_id = fields.BigIntField(db_index=True)
    name = fields.CharField(200)
    color = fields.CharField(7)
    deleted = fields.BooleanField(default=False)
    rev = fields.BigIntField(default=0)

    class Meta(Model.Meta):
        table = "label"


class ConversationLabel(Model):
    id = Id()
    workspace_id = fields.BigIntField()
    conversation_id = fields.BigIntField()
    label_id = fields.BigIntField(db_index=True)

    class Meta(Model.Meta):
        table = "conversation_label"
        unique_together = (("conversation_id", "label_id"),)


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
