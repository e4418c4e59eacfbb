"""The catalogues: every text a person sees, in the i18next v4 shape, read by pages and server alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from babel import Locale
from babel.core import negotiate_locale
from babel.numbers import format_decimal

LOCALES = ("en", "ru")
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")

Params = Mapping[str, str | int | float]


def folder() -> Path:
    """Beside this file in a wheel, one up in a checkout."""
    shipped = Path(__file__).parent / "locales"
    return shipped if shipped.is_dir() else Path(__file__).parents[1] / "locales"


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """All words of a language. Raises KeyError for a language that is not there."""
    if locale not in LOCALES:
        raise KeyError(locale)
    words: dict[str, str] = {}
    for path in sorted((folder() / locale).glob("*.json")):
        words |= msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    return words


def translate(locale: str, key: str, params: Params | None = None) -> str:
    """The words of a key; `count` picks the plural form. A key without words answers itself."""
    locale = locale if locale in LOCALES else LOCALES[0]
    params = params or {}
    words = catalogue(locale)
    text = words.get(key)
    count = params.get("count")
    if isinstance(count, int | float):
        text = words.get(f"{key}_{Locale.parse(locale).plural_form(count)}", text)
    if text is None:
        return key

    def put(found: re.Match[str]) -> str:
        value = params.get(found[1])
        if value is None:
            return found[0]
        return value if isinstance(value, str) else format_decimal(value, locale=locale)

    return PLACEHOLDER.sub(put, text)


def liked(accept_language: str) -> str:
    """The language a browser asks for, or English."""
    ranked = sorted(_ranges(accept_language), key=lambda one: -one[0])
    wanted = [name for weight, name in ranked if weight > 0]
    return negotiate_locale(wanted, LOCALES, sep="-") or LOCALES[0]


def _ranges(accept_language: str) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    for item in accept_language.split(","):
        name, _, rest = item.strip().partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", rest)
        found.append((float(weight[1]) if weight else 1.0, name.strip()))
    return found
