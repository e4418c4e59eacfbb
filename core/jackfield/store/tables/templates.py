"""Templates of messages, copied from the accounts they are approved for."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from jackfield.store.fields import Id


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
