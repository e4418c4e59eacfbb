"""What the app offers by itself in a chat: a first sign, questions to tap, commands."""

from __future__ import annotations

import re
from typing import Any

from jackfield_whatsapp_api.simulator.errors import GraphError
from jackfield_whatsapp_api.simulator.model import Json, Number
from jackfield_whatsapp_api.simulator.reading import as_list, decode, objects

from .calls import Call

FIELD = "conversational_automation"
_PROMPTS, _PROMPT, _COMMANDS, _NAME, _HINT = 4, 80, 30, 32, 256


def view(number: Number) -> Json:
    """As a field of its number."""
    return {
        "id": f"8{number.id}",
        "enable_welcome_message": False,
        "prompts": [],
        "commands": [],
        **number.kit.offers,
    }


def _wrong(message: str) -> GraphError:
    return GraphError(100, message=message)


async def post_automation(call: Call) -> Json:
    """What is not named stays as it is; an empty list takes away."""
    offers, body = call.number().kit.offers, call.json()
    changed: Json = {}
    if "enable_welcome_message" in body:
        changed["enable_welcome_message"] = str(body["enable_welcome_message"]).lower() == "true"
    if "prompts" in body:
        changed["prompts"] = _prompts(body)
    if "commands" in body:
        changed["commands"] = _commands(body)
    offers.update(changed)
    return {"success": True}


def _given(body: Json, name: str) -> list[Any]:
    """The list itself, or its JSON as a text: the provider takes parameters either way."""
    value = body[name]
    if isinstance(value, str):
        value = decode(f'{{"{name}":{value}}}'.encode())[name]
    return as_list(value, name)


def _prompts(body: Json) -> list[str]:
    prompts = [str(one) for one in _given(body, "prompts")]
    if len(prompts) > _PROMPTS:
        raise _wrong(f"Too many prompts provided. Maximum allowed is {_PROMPTS}")
    if any(len(one) > _PROMPT for one in prompts):
        raise _wrong(f"Prompt text exceeds maximum length of {_PROMPT} characters")
    return prompts


def _commands(body: Json) -> list[Json]:
    commands = objects(_given(body, "commands"), "commands")
    if len(commands) > _COMMANDS:
        raise _wrong(f"Too many commands provided. Maximum allowed is {_COMMANDS}")
    names = [str(one.get("command_name", "")) for one in commands]
    for name, command in zip(names, commands, strict=True):
        if not re.fullmatch(rf"[a-zA-Z0-9_]{{1,{_NAME}}}", name):
            raise _wrong(
                "Invalid command name format. Command names must contain only alphanumeric characters "
                "and underscores"
            )
        if not 1 <= len(str(command.get("command_description", ""))) <= _HINT:
            raise _wrong(f"Command description must have 1 to {_HINT} characters")
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise _wrong(f"Command names must be unique. Duplicate command name found: {twice}")
    return commands
