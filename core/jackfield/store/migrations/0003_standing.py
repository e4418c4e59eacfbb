"""What the provider says of channels, its figures, who was written to first, and what costs nothing."""

# ruff: noqa: RUF012, E501  # a list and long comments, as Tortoise writes them
from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from jackfield.store.fields import Id


class Migration(migrations.Migration):
    dependencies = [("jackfield", "0002_search")]

    operations = [
        ops.AddField(
            model_name="Channel", name="abilities", field=fields.TextField(default="[]", db_default="[]")
        ),
        ops.AddField(
            model_name="Channel", name="said", field=fields.TextField(default="{}", db_default="{}")
        ),
        ops.AddField(
            model_name="Channel", name="counted_at", field=fields.BigIntField(default=0, db_default=0)
        ),
        ops.AddField(model_name="Conversation", name="free_by", field=fields.BigIntField(null=True)),
        ops.AddField(
            model_name="Conversation", name="free_for", field=fields.BigIntField(default=0, db_default=0)
        ),
        ops.AddField(model_name="Conversation", name="free_until", field=fields.BigIntField(null=True)),
        ops.AddField(
            model_name="Outbox", name="template", field=fields.BooleanField(default=False, db_default=False)
        ),
        ops.CreateModel(
            name="ChannelState",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("workspace_id", fields.BigIntField()),
                ("channel_id", fields.BigIntField()),
                ("at", fields.BigIntField()),
                ("state", fields.CharField(max_length=20)),
                ("code", fields.CharField(default="", max_length=80)),
                ("text", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "channel_state",
                "app": "jackfield",
                "indexes": [Index(fields=["channel_id", "id"], name="channel_state_by_channel")],
                "pk_attr": "id",
                "table_description": "How a channel was, from `at` until the next of its rows.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Remark",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("workspace_id", fields.BigIntField()),
                ("channel_id", fields.BigIntField()),
                ("about", fields.CharField(max_length=40)),
                ("value", fields.TextField(default="", unique=False)),
                ("severity", fields.CharField(default="info", max_length=8)),
                ("text", fields.TextField(default="", unique=False)),
                ("detail", fields.TextField(default="", unique=False)),
                ("at", fields.BigIntField()),
            ],
            options={
                "table": "remark",
                "app": "jackfield",
                "indexes": [Index(fields=["channel_id", "id"], name="remark_by_channel")],
                "pk_attr": "id",
                "table_description": "What the provider said of a channel: its quality, a limit, the standing of its account.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Figure",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("workspace_id", fields.BigIntField()),
                ("channel_id", fields.BigIntField()),
                ("report", fields.CharField(max_length=20)),
                ("since", fields.BigIntField()),
                ("until", fields.BigIntField()),
                ("key", fields.CharField(default="", max_length=300)),
                ("by", fields.TextField(default="{}", unique=False)),
                ("numbers", fields.TextField(default="{}", unique=False)),
                ("currency", fields.CharField(default="", max_length=3)),
                ("at", fields.BigIntField()),
            ],
            options={
                "table": "figure",
                "app": "jackfield",
                "unique_together": (("channel_id", "report", "since", "until", "key"),),
                "pk_attr": "id",
                "table_description": "Numbers of one span of time: the provider's, or our own of what it charges for.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Opening",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("pool", fields.CharField(max_length=120)),
                ("person", fields.CharField(max_length=64)),
                ("at", fields.BigIntField()),
            ],
            options={
                "table": "opening",
                "app": "jackfield",
                "unique_together": (("pool", "person"),),
                "indexes": [Index(fields=["pool", "at"], name="opening_by_pool")],
                "pk_attr": "id",
                "table_description": "When somebody was last written to first, in a pool of channels that share a limit for that.",
            },
            bases=["Model"],
        ),
    ]
