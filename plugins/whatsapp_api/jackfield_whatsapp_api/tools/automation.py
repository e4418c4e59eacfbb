"""What the app offers by itself in a chat with us: a first sign, questions to tap, commands.

Limits: Meta's page "Conversational components".
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from jackfield.channel import Automation, AutomationRules, BotCommand
from jackfield_whatsapp_api.payload import Node, listed, node, text

from . import check

FIELD = "conversational_automation"
RULES = AutomationRules(
    prompts=4, prompt=80, commands=30, command_name=32, command_description=256, welcome=True
)
NAME = re.compile(r"[A-Za-z0-9_]+")


def read(answer: Node) -> Automation:
    """The field of a number; absent where nothing was ever set up."""
    said = node(answer.get(FIELD))
    return Automation(
        welcome=said.get("enable_welcome_message") is True,
        prompts=tuple(filter(None, map(text, listed(said.get("prompts"))))),
        commands=tuple(
            BotCommand(name=text(one.get("command_name")), description=text(one.get("command_description")))
            for one in map(node, listed(said.get("commands")))
            if text(one.get("command_name"))
        ),
    )


def body(wanted: Automation) -> dict[str, Any]:
    """The whole of it: an empty list takes away what is there. Raises Rejected, naming the limit."""
    check.few("prompts", wanted.prompts, RULES.prompts)
    check.few("commands", wanted.commands, RULES.commands)
    for place, prompt in enumerate(wanted.prompts):
        plain(f"prompts.{place}", check.some(f"prompts.{place}", prompt, RULES.prompt))
    names: set[str] = set()
    for place, command in enumerate(wanted.commands):
        field = f"commands.{place}"
        name = check.some(f"{field}.name", command.name, RULES.command_name)
        if not NAME.fullmatch(name):
            raise check.refused(f"{field}.name", check.NOT_A_COMMAND, "letters, digits and _ only")
        if name in names:
            raise check.refused(f"{field}.name", check.TWICE, "there is one of this name already")
        names.add(name)
        hint = f"{field}.description"
        plain(hint, check.some(hint, command.description, RULES.command_description))
    return {
        "enable_welcome_message": wanted.welcome,
        "prompts": list(wanted.prompts),
        "commands": [
            {"command_name": one.name, "command_description": one.description} for one in wanted.commands
        ],
    }


def plain(field: str, value: str) -> None:
    """Raises Rejected for emoji, which the app does not show there."""
    if any(unicodedata.category(sign) in ("So", "Sk") and sign > "\u00ff" for sign in value):
        raise check.refused(field, check.NO_EMOJI, "emoji are not allowed here")
