"""A copy of the templates of each account, and what became of them."""

# ruff: noqa: RUF012, E501  # a list and long comments, as Tortoise writes them
from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from jackfield.store.fields import Id


class Migration(migrations.Migration):
    dependencies = [("jackfield", "0003_standing")]

    operations = [
        ops.CreateModel(
            name="TemplateAccount",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("workspace_id", fields.BigIntField()),
                ("account", fields.CharField(max_length=120)),
                ("read_at", fields.BigIntField(default=0)),
                ("wanted_at", fields.BigIntField(default=0)),
                ("problem", fields.CharField(default="", max_length=80)),
            ],
            options={
                "table": "template_account",
                "app": "jackfield",
                "unique_together": (("workspace_id", "account"),),
                "pk_attr": "id",
                "table_description": "An account at a provider whose templates we keep a copy of. `account` begins with the kind.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TemplateCopy",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("workspace_id", fields.BigIntField()),
                ("account", fields.CharField(max_length=120)),
                ("external_id", fields.CharField(max_length=80)),
                ("name", fields.CharField(max_length=512)),
                ("language", fields.CharField(max_length=20)),
                ("standing", fields.CharField(max_length=20)),
                ("word", fields.CharField(default="", max_length=64)),
                ("reason", fields.TextField(default="", unique=False)),
                ("standing_at", fields.BigIntField()),
                ("quality", fields.CharField(default="", max_length=10)),
                ("quality_at", fields.BigIntField(default=0)),
                ("category", fields.CharField(default="", max_length=20)),
                ("next_category", fields.CharField(default="", max_length=20)),
                ("category_at", fields.BigIntField(default=0)),
                ("design", fields.TextField(default="", unique=False)),
                ("gone", fields.BooleanField(default=False)),
                ("created_at", fields.BigIntField()),
            ],
            options={
                "table": "template",
                "app": "jackfield",
                "unique_together": (("workspace_id", "account", "external_id"),),
                "indexes": [Index(fields=["workspace_id", "account", "name"], name="template_by_name")],
                "pk_attr": "id",
                "table_description": "A template as the provider has it. `design` empty: not read yet. `gone`: not there any more.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TemplateNews",
            fields=[
                ("id", Id(primary_key=True, unique=True, db_index=True)),
                ("workspace_id", fields.BigIntField()),
                ("template_id", fields.BigIntField(db_index=True)),
                ("at", fields.BigIntField()),
                ("what", fields.CharField(max_length=16)),
                ("value", fields.CharField(default="", max_length=80)),
                ("was", fields.CharField(default="", max_length=80)),
                ("reason", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "template_news",
                "app": "jackfield",
                "pk_attr": "id",
                "table_description": "What changed of a template, and when the provider says it did.",
            },
            bases=["Model"],
        ),
    ]
