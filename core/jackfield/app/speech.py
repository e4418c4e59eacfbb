"""Words for people, from the catalogues the plugins ship."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jackfield.plugins import Plugins, words
from jackfield.web.problems import Translate


def speaker(plugins: Plugins) -> Translate:
    """Words by key. A refusal to send is a problem too, and has its words where can_send has them."""

    def speak(locale: str, key: str, parameters: Mapping[str, Any]) -> str:
        said = words(plugins, locale, key, parameters)
        if said != key or not key.startswith("problem."):
            return said
        refusal = f"can_send.{key.removeprefix('problem.')}"
        said = words(plugins, locale, refusal, parameters)
        return key if said == refusal else said

    return speak
