"""The people who are talked with, and what they are reached under."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from jackfield.store.fields import Id


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
