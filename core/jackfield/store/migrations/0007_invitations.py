"""Links by which clients connect their own accounts."""

# ruff: noqa: RUF012, E501  # a list and a long comment, as Tortoise writes it
from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from jackfield.store.fields import Id


class Migration(migrations.Migration):
    dependencies = [("jackfield", "0006_protection")]

    operations = [
        ops.CreateModel(
            name="Invitation",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("workspace_id", fields.BigIntField(db_index=True)),
                ("kind", fields.CharField(max_length=40)),
                ("flow", fields.CharField(default="", max_length=40)),
                ("again_id", fields.BigIntField(null=True)),
                ("token", fields.CharField(unique=True, max_length=64)),
                ("by_id", fields.BigIntField()),
                ("created_at", fields.BigIntField()),
                ("expires_at", fields.BigIntField()),
                ("opened_at", fields.BigIntField(null=True)),
                ("login", fields.CharField(default="", max_length=40)),
                ("used_at", fields.BigIntField(null=True)),
                ("channel_id", fields.BigIntField(null=True)),
                ("revoked_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "invitation",
                "app": "jackfield",
                "pk_attr": "id",
                "table_description": "A link by which a client connects his own account once. Only its SHA-256 is kept.",
            },
            bases=["Model"],
        ),
    ]
