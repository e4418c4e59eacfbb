"""The catalogues: same keys, same blanks, all plural forms, nothing missing and nothing left over."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from babel import Locale

from jackfield_ui.words import LOCALES, PLACEHOLDER, catalogue, folder, liked, translate

CLIENT = Path(__file__).parents[2] / "ui" / "client"
TEMPLATES = Path(__file__).parents[2] / "ui" / "jackfield_ui" / "templates"
FORM = re.compile(r"_(zero|one|two|few|many|other)$")


def plurals(locale: str) -> set[str]:
    words = catalogue(locale)
    return {FORM.sub("", key) for key in words if key.endswith("_other")}


def keys(locale: str) -> set[str]:
    """Keys without their plural endings."""
    counted = plurals(locale)
    return {FORM.sub("", key) if FORM.sub("", key) in counted else key for key in catalogue(locale)}


def sources() -> str:
    files = [
        *CLIENT.rglob("*.svelte"),
        *CLIENT.rglob("*.ts"),
        *TEMPLATES.glob("*.html"),
        *TEMPLATES.parent.glob("*.py"),
    ]
    shown = [path for path in files if ".test." not in path.name and "node_modules" not in path.parts]
    return "\n".join(path.read_text(encoding="utf-8") for path in shown)


def test_every_language_has_the_same_keys() -> None:
    assert keys("ru") == keys("en")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_plural_has_all_forms_of_its_language(locale: str) -> None:
    forms = set(Locale.parse(locale).plural_form.tags) | {"other"}
    for key in plurals(locale):
        assert {form for form in forms if f"{key}_{form}" not in catalogue(locale)} == set(), key


def test_translations_have_the_same_blanks() -> None:
    for key in keys("en"):
        blanks = {
            locale: {
                blank
                for name, text in catalogue(locale).items()
                if name == key or (FORM.sub("", name) == key and key in plurals(locale))
                for blank in PLACEHOLDER.findall(text)
            }
            for locale in LOCALES
        }
        assert blanks["en"] == blanks["ru"], key


def test_every_word_the_page_names_is_there() -> None:
    named = set(re.findall(r"""\b(?:t|or|has)\(\s*['"]([a-z_]+(?:\.[a-z_]+)+)['"]""", sources()))
    assert len(named) > 100
    assert named - keys("en") == set()


@pytest.mark.parametrize(
    "area", ["ui", "search", "palette", "start", "keys", "kind", "status", "call", "login", "not_built"]
)
def test_no_word_is_left_over(area: str) -> None:
    text = sources()
    started = set(re.findall(r"""[`"']([a-z_]+(?:\.[a-z_]+)*\.)\$\{""", text))
    own = json.loads((folder() / "en" / "ui.json").read_text(encoding="utf-8"))
    for key in {FORM.sub("", name) for name in own if name.startswith(f"{area}.")}:
        quoted = any(f"{mark}{key}{mark}" in text for mark in "'\"`")
        assert quoted or any(key.startswith(start) for start in started), key


def test_no_file_says_a_key_another_said() -> None:
    for locale in LOCALES:
        files = sorted((folder() / locale).glob("*.json"))
        said = [key for path in files for key in json.loads(path.read_text(encoding="utf-8"))]
        assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 непрочитанное"), (3, "3 непрочитанных"), (11, "11 непрочитанных"), (1.5, "1,5 непрочитанного")],
)
def test_a_count_picks_its_form(count: float, text: str) -> None:
    assert translate("ru", "ui.unread", {"count": count}) == text


def test_what_is_not_known_shows_itself() -> None:
    assert translate("ru", "no.such.key") == "no.such.key"
    assert translate("xx", "ui.close") == "Close"
    assert translate("en", "ui.viewing") == "also here: {{names}}"


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de, en;q=0.5, ru;q=0.7", "ru"),
        ("ru;q=0", "en"),
        ("fr;q=x", "en"),
    ],
)
def test_the_browser_is_asked_for_its_language(header: str, locale: str) -> None:
    assert liked(header) == locale
