"""What the page weighs: a first visit must not wait for more than this."""

from __future__ import annotations

import gzip
from pathlib import Path

from jackfield_ui.dist import read

ENTRY = 120 * 1024  # bytes, packed: scripts and styles before the first chat is seen
LINK = 50 * 1024  # opened once, often over a phone's network
LAZY = 60 * 1024


def packed(dist: Path, href: str) -> int:
    return len(gzip.compress((dist / href.removeprefix("/static/")).read_bytes(), 9))


def test_the_inbox_is_light(built: Path) -> None:
    page = read(built).inbox
    entry = {page.script, *page.preload, *page.styles}
    sizes = {href: packed(built, href) for href in entry}
    assert sum(sizes.values()) <= ENTRY, sizes
    others = {path for path in (built / "assets").glob("*.js") if f"/static/assets/{path.name}" not in entry}
    for path in others:
        assert len(gzip.compress(path.read_bytes(), 9)) <= LAZY, path.name


def test_the_page_of_a_link_is_lighter(built: Path) -> None:
    page = read(built).link
    sizes = {href: packed(built, href) for href in (page.script, *page.preload, *page.styles)}
    assert sum(sizes.values()) <= LINK, sizes


def test_every_file_lies_there_packed(built: Path) -> None:
    files = [path for path in built.rglob("*") if path.suffix in (".js", ".css", ".svg")]
    assert len(files) >= 4
    for path in files:
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()
        assert path.with_name(path.name + ".br").is_file()


def test_the_build_makes_no_html_from_strings(built: Path) -> None:
    """Trusted Types allow one maker of HTML: Svelte's own templates."""
    page = read(built).inbox
    entry = [built / href.removeprefix("/static/") for href in (page.script, *page.preload)]
    assert any("svelte-trusted-html" in path.read_text(encoding="utf-8") for path in entry)
    for path in (built / "assets").glob("*.js"):
        script = path.read_text(encoding="utf-8")
        assert "insertAdjacentHTML" not in script, path.name
        assert "document.write" not in script, path.name
