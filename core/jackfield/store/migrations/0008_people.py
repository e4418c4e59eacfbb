"""Pictures of people and groups, who is in a group, how far a past has come, and since when a channel is lost."""

# ruff: noqa: RUF012, E501  # a list and long comments, as Tortoise writes them
from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("jackfield", "0007_invitations")]

    operations = [
        ops.AddField(model_name="Channel", name="progress", field=fields.IntField(null=True)),
        ops.AddField(model_name="Channel", name="lost_at", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="Channel", name="alerted_at", field=fields.BigIntField(null=True)),
        ops.AddField(
            model_name="Conversation",
            name="members",
            field=fields.TextField(default="[]", db_default="[]", unique=False),
        ),
        ops.AddField(model_name="File", name="contact_id", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="File", name="conversation_id", field=fields.BigIntField(null=True)),
    ]
