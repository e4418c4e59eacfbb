"""Who may do what: workspaces, operators, their sessions and keys, and what was noted of it."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from jackfield.store.fields import Id


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
