"""Who answers in a conversation, where somebody else than we may."""

# ruff: noqa: RUF012  # a list, as Tortoise writes it
from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("jackfield", "0004_templates")]

    operations = [
        ops.AddField(
            model_name="Conversation",
            name="held_by",
            field=fields.CharField(default="", db_default="", max_length=20),
        ),
        ops.AddField(
            model_name="Conversation", name="held_at", field=fields.BigIntField(default=0, db_default=0)
        ),
    ]
