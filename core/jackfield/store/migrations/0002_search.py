"""The index of words. Messages that are there already get theirs from the running process."""

# ruff: noqa: RUF012  # a list, as Tortoise writes it
from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor

from jackfield.store.words import FORGET, TABLES


async def make(_apps: object, editor: BaseSchemaEditor) -> None:
    for statement in (*TABLES[editor.DIALECT], FORGET):
        await editor.client.execute_script(statement)


class Migration(migrations.Migration):
    dependencies = [("jackfield", "0001_initial")]

    operations = [
        ops.AddField(
            model_name="Workspace", name="searched_from", field=fields.BigIntField(default=0, db_default=0)
        ),
        ops.RunPython(make),
    ]
