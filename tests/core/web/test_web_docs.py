"""docs/rest.md lists what there is."""

from __future__ import annotations

import re
from pathlib import Path

from jackfield.web.api.routes import endpoints

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_on_rest_lists_every_endpoint_with_its_own_words() -> None:
    listed = re.findall(r"^\| `((?:GET|POST|PATCH|PUT|DELETE) [^`]+)` \| (.+) \|$", _rest(), re.MULTILINE)
    assert listed == [(f"{found.method} {found.path}", found.about[0]) for found in endpoints()]


def _rest() -> str:
    return (DOCS / "rest.md").read_text()
