"""What people read: every field, error and line of this plugin has words in every language."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from jackfield.channel import ChannelError
from jackfield_whatsapp_api import login_forms, standing
from jackfield_whatsapp_api.config import FIELDS
from jackfield_whatsapp_api.convert_in import groups, handover, payments, system
from jackfield_whatsapp_api.errors import CODES, STATUSES, TROUBLE
from jackfield_whatsapp_api.kind import WhatsAppApi
from jackfield_whatsapp_api.tools import blocking, check, figures, profile

ROOT = Path(__file__).parents[3]
QUALITY = tomllib.loads((ROOT / "plugins/whatsapp_api/quality.toml").read_text())
LINES = {"request_welcome", "group_joined", "group_left", "group_failed"}


def catalogue(language: str) -> dict[str, str]:
    said: dict[str, str] = json.loads((ROOT / f"ui/locales/{language}/whatsapp_api.json").read_text())
    return said


def wanted() -> set[str]:
    core = {cls.code for cls in ChannelError.__subclasses__()}
    codes = {known.error.code for known in (*CODES.values(), *STATUSES.values())} - core
    lines = {
        *system.CODES.values(),
        *groups.CODES.values(),
        *handover.LINES.values(),
        *payments.CODES.values(),
        payments.OTHER,
        *LINES,
    }
    fields = {f"whatsapp_api.field.{field.name}{end}" for field in FIELDS for end in ("", ".help")}
    logins = {
        *WhatsAppApi().logins().values(),
        *(value for name, value in vars(login_forms).items() if name.startswith(("MISSING", "NOT_"))),
        *(f"{step}{end}" for step in login_forms.STEPS for end in (".title", ".help")),
        *(login_forms.KEY + word for word in login_forms.WORDS),
        *(f"whatsapp_api.field.{name}" for name in login_forms.NAMES),
    }
    limits = {f"whatsapp_api.limit.{about}" for about in standing.ABOUT}
    return {
        *fields,
        *logins,
        *limits,
        *check.WORDS,
        *(f"whatsapp_api.category.{name.lower()}" for name in (*profile.CATEGORIES, *figures.CATEGORIES)),
        *(f"error.{code}" for code in codes | {TROUBLE, *blocking.WORDS}),
        *(f"system.{line}" for line in lines),
    }


@pytest.mark.parametrize("language", ["en", "ru"])
def test_everything_that_is_shown_has_words(language: str) -> None:
    said = catalogue(language)
    assert not wanted() - said.keys()
    assert all(words.strip() for words in said.values())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_line_of_an_unknown_kind_has_no_words_so_that_the_providers_own_are_shown(language: str) -> None:
    assert "system.notice" not in catalogue(language)


@pytest.mark.parametrize(("line", "value"), [("group_joined", "added"), ("group_left", "removed")])
def test_a_line_names_whom_it_is_about(line: str, value: str) -> None:
    assert all(f"{{{{{value}}}}}" in catalogue(language)[f"system.{line}"] for language in ("en", "ru"))


def test_both_languages_say_the_same_things_in_the_same_order() -> None:
    assert [*catalogue("en")] == [*catalogue("ru")]


def test_the_plugin_answers_for_ten_rules() -> None:
    assert len(QUALITY) == 10


@pytest.mark.parametrize("name", QUALITY)
def test_a_rule_is_done_or_says_why_not(name: str) -> None:
    entry = QUALITY[name]
    assert set(entry) <= {"rule", "status", "reason"}
    assert entry["rule"].endswith(".")
    assert entry["status"] in {"done", "todo", "exempt"}
    assert bool(entry.get("reason")) is (entry["status"] != "done")
