"""Writes wire.ts of ui/client/core and of ui/client/admin from the msgspec structs: the wire has one source.

Run: python build/wire_types.py [--check]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, cast

import msgspec

from jackfield import channel
from jackfield.channel import business, login, vitals
from jackfield.web import connecting
from jackfield.web.api import blocking, channels, copying, deliveries, designs, invitations, standing
from jackfield.web.invitations import page
from jackfield.wire import commands, protection, realtime, search, stream, views

CLIENT = Path(__file__).parents[1] / "ui/client"
HEAD = "// Made by build/wire_types.py from core/jackfield/wire and core/jackfield/channel. Do not edit.\n"
UNIONS: dict[str, Any] = {
    "Part": channel.Part,
    "AnyStreamEvent": stream.AnyStreamEvent,
    "AnyCommand": commands.AnyCommand,
    "AnyAnswer": commands.AnyAnswer,
    "ClientFrame": realtime.ClientFrame,
    "ServerFrame": realtime.ServerFrame,
}
ALONE = (
    views.Boot,
    views.CanSend,
    views.MemberView,
    search.SearchPage,
    protection.ProtectionView,
    protection.LimitsChange,
)
ADMIN: tuple[Any, ...] = (  # what only the settings pages know
    login.Step,
    connecting.LoginView,
    invitations.InvitationView,
    invitations.Invited,
    page.LinkView,
    channels.KindView,
    channels.Setup,
    channels.LogView,
    deliveries.DeliveryRaw,
    deliveries.Summary,
    business.ProfileRules,
    business.BusinessProfile,
    business.ProfileChange,
    business.Shop,
    business.CatalogPage,
    business.ChatLink,
    blocking.BlockedPeople,
    business.AutomationRules,
    business.Automation,
    standing.StandingView,
    standing.StateView,
    standing.FiguresView,
    vitals.Vital,
    designs.Designs,
    designs.TemplateNewsView,
    copying.Compared,
    copying.Copied,
)
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


def render_admin() -> str:
    """The whole of admin/wire.ts: what core/wire.ts has is taken from there."""
    _, shared = msgspec.json.schema_components([*UNIONS.values(), *ALONE], ref_template="{name}")
    _, components = msgspec.json.schema_components(ADMIN, ref_template="{name}")
    own = {name: schema for name, schema in sorted(components.items()) if name not in shared}
    blocks = [_interface(name, schema, whole=name not in _leaving_out()) for name, schema in own.items()]
    blocks.append("export type Step = Ask | Show | Done\n")
    text = "\n".join(blocks)
    taken = sorted(name for name in components if name in shared and re.search(rf"\b{name}\b", text))
    return HEAD + "\n" + f"import type {{ {', '.join(taken)} }} from '../core/wire'\n\n" + text


def _leaving_out() -> set[str]:
    """The structs whose defaults are not written."""
    found, waiting = set[str](), list[type[msgspec.Struct]]([msgspec.Struct])
    while waiting:
        struct = waiting.pop()
        waiting += struct.__subclasses__()
        if struct.__struct_config__.omit_defaults:
            found.add(struct.__name__)
    return found


def _alternatives(schema: dict[str, Any]) -> list[str]:
    return [cast(str, one["$ref"]) for one in schema["anyOf"]]


def _interface(name: str, schema: dict[str, Any], *, whole: bool = False) -> str:
    """`whole`: what has a default is always there."""
    if "enum" in schema:
        return f"export type {name} = {_type(schema)}\n"
    required = set(cast("list[str]", schema.get("required", [])))
    properties = cast("dict[str, dict[str, Any]]", schema.get("properties", {}))
    if whole:
        required |= {key for key, value in properties.items() if "default" in value}
    lines = [
        f"  {key}{'' if key in required else '?'}: {KNOWN.get((name, key)) or _type(value)}\n"
        for key, value in properties.items()
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
    made = {CLIENT / "core/wire.ts": render(), CLIENT / "admin/wire.ts": render_admin()}
    if "--check" in sys.argv:
        return 0 if all(path.read_text(encoding="utf-8") == text for path, text in made.items()) else 1
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
