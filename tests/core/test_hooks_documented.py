"""Every hook is in docs/plugins.md with its exact arguments, and in a test."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from jackfield.channel import Hooks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
HOOKS = sorted(name for name in vars(Hooks) if hasattr(getattr(Hooks, name), "jackfield_spec"))


def signature(name: str) -> str:
    """A hook as one would write it, without self."""
    hook = getattr(Hooks, name)
    said = inspect.signature(hook)
    arguments = [f"{p.name}: {p.annotation}" for p in said.parameters.values() if p.name != "self"]
    keyword = "async def" if inspect.iscoroutinefunction(hook) else "def"
    return f"{keyword} {name}({', '.join(arguments)}) -> {said.return_annotation}"


def test_the_hooks_are_found() -> None:
    assert "jackfield_channel_kinds" in HOOKS
    assert signature("jackfield_event_stored") == (
        "async def jackfield_event_stored(channel: ChannelId, event: AnyEvent) -> None"
    )


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_documented_with_its_exact_arguments(name: str) -> None:
    assert f"```python\n{signature(name)}\n```" in PAGE, f"docs/plugins.md lacks: {signature(name)}"


def test_no_hook_is_documented_that_is_none() -> None:
    assert sorted(re.findall(r"^### (jackfield_\w+)$", PAGE, re.MULTILINE)) == HOOKS


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_has_a_test(name: str) -> None:
    tests = (path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    assert any(re.search(rf"\b{name}\b", path.read_text(encoding="utf-8")) for path in tests), (
        f"no test names {name}"
    )


def test_every_attribute_of_the_suite_is_documented() -> None:
    from jackfield.testing import ChannelContract

    attributes = {
        name
        for base in ChannelContract.__mro__
        for name in getattr(base, "__annotations__", {})
        if not name.startswith("_")
    }
    assert {"kind", "webhooks", "sendable"} <= attributes
    for name in attributes:
        assert re.search(rf"`{name}[`(]", PAGE), f"docs/plugins.md does not say what {name} is"
