"""`jackfield plugin`, its scaffold, and a plugin installed from its own folder."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner, Result
from demo_channel import DemoKind

import jackfield.channel as c
from jackfield import plugins, scaffold
from jackfield.cli.plugin import plugin
from jackfield.host import Host

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "jackfield-echo"


def run(*args: str) -> Result:
    return CliRunner().invoke(plugin, args)


class Untidy(DemoKind):
    name: ClassVar[str] = "untidy"
    title: ClassVar[str] = ""
    fields: ClassVar[tuple[c.Field, ...]] = (c.Field(name="key", type="password"),)

    def logins(self) -> dict[str, str]:
        return {}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Four plugins: one good, one that cannot be imported, one without hooks, one with faults of its own."""

    @c.hookimpl
    def jackfield_channel_kinds() -> Sequence[c.ChannelKind]:
        return [DemoKind()]

    good = ModuleType("good_plugin")
    good.__dict__["jackfield_channel_kinds"] = jackfield_channel_kinds
    good.__file__ = str(tmp_path / "good_plugin.py")
    (tmp_path / "good_plugin.py").write_text("import jackfield.channel\n")

    @c.hookimpl(specname="jackfield_channel_kinds")
    def untidy_kinds() -> Sequence[c.ChannelKind]:
        return [Untidy()]

    untidy = ModuleType("untidy_plugin")
    untidy.__dict__["untidy_kinds"] = untidy_kinds
    untidy.__file__ = str(tmp_path / "untidy_plugin.py")
    (tmp_path / "untidy_plugin.py").write_text("import jackfield.store\n")

    hookless = ModuleType("hookless_plugin")
    hookless.__file__ = str(tmp_path / "hookless_plugin.py")
    (tmp_path / "hookless_plugin.py").write_text("")

    for module in (good, untidy, hookless):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    points = [
        EntryPoint("good", "good_plugin", "jackfield"),
        EntryPoint("broken", "no_such_module_at_all", "jackfield"),
        EntryPoint("hookless", "hookless_plugin", "jackfield"),
        EntryPoint("untidy", "untidy_plugin", "jackfield"),
    ]

    def entry_points(group: str) -> list[EntryPoint]:
        return [point for point in points if point.group == group]

    monkeypatch.setattr(plugins, "entry_points", entry_points)
    monkeypatch.delenv("JACKFIELD_PLUGINS", raising=False)


@pytest.mark.usefixtures("installed")
def test_list_shows_what_is_loaded_and_what_is_left_out() -> None:
    shown = run("list")
    assert shown.exit_code == 0
    assert f"contract {c.CONTRACT}" in shown.output
    assert 'brings demo, "Demo" (contract 1)' in shown.output
    assert "hooks: jackfield_channel_kinds" in shown.output
    assert "left out: ModuleNotFoundError: No module named 'no_such_module_at_all'" in shown.output


@pytest.mark.usefixtures("installed")
def test_list_says_when_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACKFIELD_PLUGINS", "good")
    shown = run("list").output
    assert "JACKFIELD_PLUGINS is set" in shown
    assert "broken" not in shown


@pytest.mark.usefixtures("installed")
def test_list_as_json_is_for_programs() -> None:
    listed = {line["name"]: line for line in json.loads(run("list", "--json").output)}
    assert list(listed) == ["broken", "good", "hookless", "untidy"]
    assert listed["good"]["kinds"] == [{"name": "demo", "title": "Demo", "contract": 1}]
    assert listed["good"]["refused"] == ""
    assert "ModuleNotFoundError" in listed["broken"]["refused"]


CHECKED = [
    ("good", 0, ["ok   it loads", "ChannelContract"]),
    ("broken", 1, ["FAIL it loads", "ModuleNotFoundError"]),
    ("absent", 1, ["FAIL it loads", "not installed"]),
    ("hookless", 1, ["is @hookimpl missing?"]),
    (
        "untidy",
        1,
        ["jackfield.store", "untidy has a title: it is empty", "nobody can make", "missing at key"],
    ),
]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("name", "code", "says"), CHECKED, ids=[case[0] for case in CHECKED])
def test_check_says_what_is_wrong_and_how_to_go_on(name: str, code: int, says: list[str]) -> None:
    checked = run("check", name)
    assert checked.exit_code == code
    for words in says:
        assert words in checked.output


def test_check_finds_nothing_wrong_with_the_built_in_plugins() -> None:
    checked = run("check", "whatsapp_api")
    assert checked.exit_code == 0, checked.output


# new


def run_tests(folder: Path, *paths: Path, cwd: Path) -> str:
    """Run a plugin's own tests in a process of their own, warnings being errors. Returns what it said."""
    ran = subprocess.run(
        [
            *(sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-p", "no:asyncio", "-c", str(folder / "pyproject.toml"), str(folder / "tests")),
        ],
        cwd=cwd,
        env=environment(*paths),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def environment(*paths: Path) -> dict[str, str]:
    said = {name: value for name, value in os.environ.items() if not name.startswith(("JACKFIELD", "PYTEST"))}
    return {**said, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}


def test_a_new_plugin_passes_its_own_tests(tmp_path: Path) -> None:
    folder = tmp_path / "somewhere" / "mine"
    made = run("new", "my_shop", "--dir", str(folder))
    assert made.exit_code == 0, made.output
    assert "jackfield plugin check my_shop" in made.output
    assert 'my_shop = "jackfield_my_shop"' in (folder / "pyproject.toml").read_text()
    assert "class MyShopKind" in (folder / "jackfield_my_shop" / "kind.py").read_text()
    assert (folder / "jackfield_my_shop" / "py.typed").exists()
    said = run_tests(folder, folder, cwd=tmp_path)
    assert " passed" in said
    assert "skipped" not in said


def test_a_new_plugin_goes_beside_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("new", "my_shop").exit_code == 0
    assert (tmp_path / "jackfield-my-shop" / "README.md").exists()


@pytest.mark.parametrize("name", ["My-Shop", "1shop", "", "class", "../shop", "été"])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    made = run("new", "--dir", str(tmp_path / "x"), "--", name)
    assert made.exit_code == 1
    assert "lower-case letters" in made.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    made = run("new", "my_shop", "--dir", str(tmp_path))
    assert made.exit_code == 1
    assert "not empty" in made.output
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def is_cache(path: Path) -> bool:
    return any(part.startswith((".", "__pycache__")) for part in path.relative_to(EXAMPLE).parts)


def test_the_example_is_what_new_writes() -> None:
    rendered = {str(path): text for path, text in scaffold.render("echo").items()}
    del rendered["pyproject.toml"]  # the example's own: it is a member of this workspace
    present = {
        str(path.relative_to(EXAMPLE)): path.read_text()
        for path in EXAMPLE.rglob("*")
        if path.is_file() and path.name != "pyproject.toml" and not is_cache(path)
    }
    assert present == rendered


# installed from its own folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed distributions: the echo example, and one whose module is missing."""
    site = tmp_path_factory.mktemp("site")
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv")
    assert uv is not None, "uv is needed to install the example (make installs it)"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--no-deps", "--python", sys.executable, "--target", site, EXAMPLE],
        check=True,
        timeout=300,
        capture_output=True,
    )
    broken = site / "jackfield_broken-1.2.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: jackfield-broken\nVersion: 1.2\n")
    (broken / "entry_points.txt").write_text("[jackfield]\nbroken = jackfield_that_is_missing\n")
    return site


def test_an_installed_plugin_is_listed_and_a_broken_one_beside_it_left_out(
    site: Path, tmp_path: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from jackfield.cli.plugin import plugin; plugin()", "list", "--json"],
        cwd=tmp_path,
        env=environment(site),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    listed: dict[str, dict[str, Any]] = {line["name"]: line for line in json.loads(ran.stdout)}
    echo, broken = listed["echo"], listed["broken"]
    assert (echo["distribution"], echo["version"], echo["refused"]) == ("jackfield-echo", "0.1.0", "")
    assert [kind["name"] for kind in echo["kinds"]] == ["echo"]
    assert (broken["distribution"], broken["version"]) == ("jackfield-broken", "1.2")
    assert broken["refused"] == "ModuleNotFoundError: No module named 'jackfield_that_is_missing'"
    assert listed["whatsapp_api"]["refused"] == ""


def test_an_installed_plugin_passes_the_conformance_suite(site: Path, tmp_path: Path) -> None:
    assert " passed" in run_tests(EXAMPLE, site, cwd=tmp_path)


@pytest.fixture
def found(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """The entry points of what lies in the site, importable for as long as the test runs."""
    before = set(sys.modules)
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    yield [
        point
        for distribution in importlib.metadata.distributions(path=[str(site)])
        for point in distribution.entry_points.select(group="jackfield")
    ]
    for module in set(sys.modules) - before:
        if module.startswith("jackfield_echo"):
            del sys.modules[module]


async def test_an_installed_plugin_opens_as_a_channel_and_answers(found: list[EntryPoint]) -> None:
    class Core:
        def __init__(self) -> None:
            self.received: list[c.AnyEvent] = []
            self.connected = asyncio.Event()

        async def receive(self, channel: c.ChannelId, events: Sequence[c.AnyEvent], raw: bytes) -> None:
            self.received += events

        async def set_state(self, channel: c.ChannelId, state: c.State, code: str, text: str) -> None:
            if state is c.State.CONNECTED:
                self.connected.set()

        async def get(self, channel: c.ChannelId, key: str) -> bytes | None:
            return None

        async def put(self, channel: c.ChannelId, key: str, value: bytes | None) -> None: ...

        async def open_media(self, channel: c.ChannelId, ref: str) -> c.MediaFile:
            raise KeyError(ref)

        def log(self, channel: c.ChannelId, entry: c.LogEntry) -> None: ...

    loaded = plugins.load(found, environ={})
    assert list(loaded.refused) == ["broken"]
    core, name = Core(), c.ChannelId("1")
    async with Host(loaded.kinds, core) as host:
        channel = await host.open(name, "echo", {"name": "Front desk", "secret": "a long shared secret"})
        host.run(name)
        await asyncio.wait_for(core.connected.wait(), 5)
        await channel.send(c.ConversationId("person:ada"), [c.Text(body="Hello")], c.TxnId("t"))
    (answer,) = core.received
    assert isinstance(answer, c.Message)
    assert answer.parts == (c.Text(body="Hello"),)
