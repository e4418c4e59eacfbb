"""How carefully an account is used: its limits, what left through it, and when it had to pause."""

# ruff: noqa: RUF012, E501  # a list and long comments, as Tortoise writes them
from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from jackfield.store.fields import Id


class Migration(migrations.Migration):
    dependencies = [("jackfield", "0005_holder")]

    operations = [
        ops.AddField(
            model_name="Channel", name="linked_at", field=fields.BigIntField(default=0, db_default=0)
        ),
        ops.AddField(
            model_name="Channel",
            name="protection",
            field=fields.TextField(default="{}", db_default="{}", unique=False),
        ),
        ops.AddField(
            model_name="Channel",
            name="paused",
            field=fields.CharField(default="", db_default="", max_length=12),
        ),
        ops.AddField(model_name="Conversation", name="begun_at", field=fields.BigIntField(null=True)),
        ops.AddField(
            model_name="Outbox",
            name="automatic",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.CreateModel(
            name="Departure",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("workspace_id", fields.BigIntField()),
                ("channel_id", fields.BigIntField()),
                ("conversation_id", fields.BigIntField()),
                ("message_id", fields.BigIntField(unique=True)),
                ("digest", fields.CharField(default="", max_length=64)),
                ("automatic", fields.BooleanField(default=False)),
                ("due_at", fields.BigIntField()),
                ("gone_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "departure",
                "app": "jackfield",
                "indexes": [
                    Index(fields=["channel_id", "gone_at"], name="departure_gone"),
                    Index(fields=["channel_id", "digest"], name="departure_saying"),
                ],
                "pk_attr": "id",
                "table_description": "A message of a channel that is used with care: when it is to leave, when it left, what it says.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Pause",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("workspace_id", fields.BigIntField()),
                ("channel_id", fields.BigIntField()),
                ("reason", fields.CharField(max_length=12)),
                ("detail", fields.CharField(default="", max_length=300)),
                ("by_id", fields.BigIntField(null=True)),
                ("at", fields.BigIntField()),
                ("until", fields.BigIntField(null=True)),
                ("resumed_at", fields.BigIntField(null=True)),
                ("resumed_by", fields.BigIntField(null=True)),
            ],
            options={
                "table": "pause",
                "app": "jackfield",
                "indexes": [Index(fields=["channel_id", "id"], name="pause_by_channel")],
                "pk_attr": "id",
                "table_description": "When a channel let only people answer people, and who ended that. `by_id` null: the network did it.",
            },
            bases=["Model"],
        ),
    ]
