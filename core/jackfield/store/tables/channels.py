"""Channels: what they are set to, what they keep, and what was said and counted of them."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from jackfield.store.fields import Id


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
