"""Writes ui/client/core/wire.ts from the msgspec structs: the wire has one source.

Run: python build/wire_types.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import msgspec

from jackfield import channel
from jackfield.wire import commands, realtime, search, stream, views

TARGET = Path(__file__).parents[1] / "ui/client/core/wire.ts"
HEAD = "// Made by build/wire_types.py from core/jackfield/wire and core/jackfield/channel. Do not edit.\n"
UNIONS: dict[str, Any] = {
    "Part": channel.Part,
    "AnyStreamEvent": stream.AnyStreamEvent,
    "AnyCommand": commands.AnyCommand,
    "AnyAnswer": commands.AnyAnswer,
    "ClientFrame": realtime.ClientFrame,
    "ServerFrame": realtime.ServerFrame,
}
ALONE = (views.Boot, views.CanSend, search.SearchPage)
KNOWN = {  # msgspec.Raw says nothing of what is inside
    ("MessageView", "parts"): "Part[]",
    ("Ev", "d"): "AnyStreamEvent",
    ("Ok", "d"): "AnyAnswer",
    ("Cmd", "d"): "AnyCommand",  # the union by its name
}


def render() -> str:
    """The whole of wire.ts."""
    types = [*UNIONS.values(), *ALONE]
    schemas, components = msgspec.json.schema_components(types, ref_template="{name}")
    blocks = [_interface(name, schema) for name, schema in sorted(components.items())]
    blocks += [
        f"export type {name} =\n  | " + "\n  | ".join(sorted(_alternatives(schema))) + "\n"
        for name, schema in zip(UNIONS, schemas, strict=False)
    ]
    codes = {name: code for name, code in vars(realtime.CloseCode).items() if name.isupper()}
    constants = "".join(f"  {name}: {code},\n" for name, code in codes.items())
    blocks.append(f"export const VERSION = {realtime.VERSION}\n")
    blocks.append(f"export const CloseCode = {{\n{constants}}} as const\n")
    return HEAD + "\n" + "\n".join(blocks)


def _alternatives(schema: dict[str, Any]) -> list[str]:
    return [cast(str, one["$ref"]) for one in schema["anyOf"]]


def _interface(name: str, schema: dict[str, Any]) -> str:
    required = set(cast("list[str]", schema.get("required", [])))
    lines = [
        f"  {key}{'' if key in required else '?'}: {KNOWN.get((name, key)) or _type(value)}\n"
        for key, value in cast("dict[str, dict[str, Any]]", schema.get("properties", {})).items()
    ]
    return f"export interface {name} {{\n{''.join(lines)}}}\n"


SIMPLE = {"integer": "number", "number": "number", "boolean": "boolean", "null": "null", "string": "string"}


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return cast(str, schema["$ref"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        return " | ".join(_literal(one) for one in schema.get("enum") or [schema["const"]])
    if schema.get("type") == "array":
        inner = _type(schema.get("items") or {})
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if schema.get("type") == "object":
        inner = _type(cast("dict[str, Any]", schema.get("additionalProperties") or {}))
        return f"Record<string, {inner}>"
    return SIMPLE.get(schema.get("type", ""), "unknown")


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def main() -> int:
    text = render()
    if "--check" in sys.argv:
        return 0 if TARGET.read_text(encoding="utf-8") == text else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
