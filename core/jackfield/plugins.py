"""Finding plugins and asking them, so that one bad plugin stays one bad plugin."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import re
import time
from collections.abc import AsyncGenerator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, cast

import pluggy
from msgspec import Struct

from .channel import (
    CONTRACT,
    AnyEvent,
    ChannelId,
    ChannelKind,
    DemoPart,
    DemoStage,
    Field,
    Hooks,
    Site,
)

if TYPE_CHECKING:
    import click
    from starlette.routing import BaseRoute

log = logging.getLogger("jackfield.plugins")

GROUP = "jackfield"  # of the entry points; the name of the pluggy project too
OBSERVER_WITHIN = 5.0  # seconds an observer of stored events may take
NAME = re.compile(r"[a-z][a-z0-9_]*")
KIND_MEMBERS = ("name", "title", "contract", "fields", "free_form_window", "logins", "login", "open")


class Origin(Struct, frozen=True, kw_only=True):
    """Where a plugin came from: `module` as its entry point says it, "" for what is not installed."""

    module: str = ""
    distribution: str = ""
    version: str = ""


class Plugins(Struct, frozen=True, kw_only=True):
    """What was found. Every plugin is in `origins`; one that is in `refused` was left out."""

    manager: pluggy.PluginManager
    origins: Mapping[str, Origin]
    refused: Mapping[str, str]  # plugin → why
    kinds: Mapping[str, ChannelKind]
    brought_by: Mapping[str, str]  # kind → plugin
    traced: bool = False

    @property
    def loaded(self) -> list[str]:
        return [name for name in self.origins if name not in self.refused]

    def hooks_of(self, plugin: str) -> list[str]:
        """The hooks a loaded plugin implements, by name."""
        callers = self.manager.get_hookcallers(self.manager.get_plugin(plugin)) or []
        return sorted(caller.name for caller in callers)


class _Refusal(Exception):
    """A reason of our own; its text is the whole of what a person needs."""


def wanted(environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The names in JACKFIELD_PLUGINS ("a,b"; empty: none at all), or None where it is not set."""
    said = environ.get("JACKFIELD_PLUGINS")
    return None if said is None else [name.strip() for name in said.split(",") if name.strip()]


def load(
    found: Iterable[EntryPoint] | None = None,
    only: Collection[str] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
) -> Plugins:
    """Load `found` (the installed entry points, if None) one by one.

    `only` names those to load, and None asks JACKFIELD_PLUGINS. Never raises for a plugin's sake: what
    cannot be used is in `refused` with its reason.
    """
    chosen = wanted(environ) if only is None else only
    points = sorted(entry_points(group=GROUP) if found is None else found, key=lambda point: point.name)
    manager = _manager()
    origins, refused = dict[str, Origin](), dict[str, str]()
    kinds, brought_by = dict[str, ChannelKind](), dict[str, str]()
    for point in points:
        if chosen is not None and point.name not in chosen:
            continue
        name, namesake = point.name, point.name in origins
        if namesake:
            name = f"{point.name} ({_origin(point).distribution or point.value})"
        origins[name] = _origin(point)
        try:
            if namesake:
                raise _Refusal(f"another plugin is called {point.name}")
            brought = _admit(manager, point, brought_by)
        except (Exception, SystemExit) as err:  # a module may call sys.exit while it is imported
            refused[name] = str(err) if isinstance(err, _Refusal) else f"{type(err).__name__}: {err}"
            log.warning("plugin %s is left out: %s", name, refused[name])
            continue
        kinds |= {kind.name: kind for kind in brought}
        brought_by |= {kind.name: name for kind in brought}
    for name in chosen or ():
        if name not in origins:
            origins[name], refused[name] = Origin(), "asked for by name, but not installed"
            log.warning("plugin %s is not installed", name)
    traced = environ.get("JACKFIELD_TRACE_PLUGINS", "") not in ("", "0")
    if traced:
        manager.add_hookcall_monitoring(_before, _after)
    return Plugins(
        manager=manager,
        origins=origins,
        refused=refused,
        kinds=kinds,
        brought_by=brought_by,
        traced=traced,
    )


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Hooks)
    return manager


def _origin(point: EntryPoint) -> Origin:
    if point.dist is None:
        return Origin(module=point.value)
    return Origin(module=point.value, distribution=point.dist.name, version=point.dist.version)


def _admit(
    manager: pluggy.PluginManager, point: EntryPoint, brought_by: Mapping[str, str]
) -> list[ChannelKind]:
    """Try a plugin in a manager of its own, then let it in. Return the kinds it brings."""
    plugin: object = point.load()
    trial = _manager()
    if plugin is None:  # pluggy would say nothing
        raise _Refusal(f"its entry point {point.value} is None")
    trial.register(plugin, name=point.name)
    trial.check_pending()
    for impl in trial.hook.jackfield_event_stored.get_hookimpls():
        if not inspect.iscoroutinefunction(impl.function):  # it would block the loop
            raise _Refusal("its jackfield_event_stored must be an async function")
    answers = cast("list[Sequence[ChannelKind]]", trial.hook.jackfield_channel_kinds())
    kinds = [kind for answer in answers for kind in answer]
    seen = set[str]()
    for kind in kinds:
        if faults := kind_faults(kind):
            raise _Refusal("; ".join(faults))
        if kind.name in brought_by or kind.name in seen:
            owner = brought_by.get(kind.name, "itself, twice")
            raise _Refusal(f"its kind {kind.name} is already brought by {owner}")
        seen.add(kind.name)
    manager.register(plugin, name=point.name)
    return kinds


def kind_faults(kind: object) -> list[str]:
    """What keeps an object from being a channel kind of our contract, in sentences; nothing if it is one."""
    name, contract = getattr(kind, "name", None), getattr(kind, "contract", None)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return [f"the name of a kind is lower-case letters, digits and _, not {name!r}"]
    if not isinstance(contract, int) or contract < 1:
        return [f"kind {name} names no version of the contract (contract = {CONTRACT})"]
    if contract > CONTRACT:
        return [f"kind {name} speaks contract {contract}, this Jackfield {CONTRACT}: update Jackfield"]
    faults = [f"kind {name} has no {member}" for member in KIND_MEMBERS if not hasattr(kind, member)]
    if faults:
        return faults
    fields: object = getattr(kind, "fields", None)
    if not isinstance(fields, tuple) or not all(
        isinstance(field, Field) for field in cast("tuple[object, ...]", fields)
    ):
        return [f"fields of kind {name} must be a tuple of Field"]
    names = [field.name for field in cast("tuple[Field, ...]", fields)]
    return [f"kind {name} has the field {twice} twice" for twice in {n for n in names if names.count(n) > 1}]


def commands(plugins: Plugins) -> list[click.Command]:
    """The commands of every plugin that could be asked."""
    return [command for _, answer in _ask(plugins, "jackfield_commands") for command in answer]


def pages(plugins: Plugins, site: Site) -> list[BaseRoute]:
    """The routes of every plugin that could be asked."""
    return [route for _, answer in _ask(plugins, "jackfield_pages", site=site) for route in answer]


def words(plugins: Plugins, locale: str, key: str, parameters: Mapping[str, Any]) -> str:
    """The first plugin's words for a key; the key itself where nobody has any."""
    for impl in plugins.manager.hook.jackfield_words.get_hookimpls():
        given = {"locale": locale, "key": key, "parameters": parameters}
        try:
            found = cast(Any, impl.function)(*(given[name] for name in impl.argnames))
        except Exception:
            log.exception("plugin %s failed in jackfield_words", impl.plugin_name)
            continue
        if isinstance(found, str):
            return found
    return key


@asynccontextmanager
async def demo_parts(plugins: Plugins, stage: DemoStage) -> AsyncGenerator[dict[str, DemoPart]]:
    """What the plugins bring to the demo, by plugin. One that cannot start is left out."""
    async with AsyncExitStack() as stack:
        parts = dict[str, DemoPart]()
        for plugin, context in _ask(plugins, "jackfield_demo", stage=stage):
            try:
                parts[plugin] = await stack.enter_async_context(context)
            except Exception:
                log.exception("plugin %s could not start its part of the demo", plugin)
        yield parts


async def notify_stored(
    plugins: Plugins, channel: ChannelId, event: AnyEvent, *, within: float = OBSERVER_WITHIN
) -> None:
    """Tell every observer, all at once. Returns after `within` seconds at the latest and never raises."""
    arguments = {"channel": channel, "event": event}
    async with asyncio.TaskGroup() as observers:
        for impl in plugins.manager.hook.jackfield_event_stored.get_hookimpls():
            observers.create_task(_tell(plugins, impl, arguments, within))


async def _tell(
    plugins: Plugins, impl: pluggy.HookImpl, arguments: Mapping[str, object], within: float
) -> None:
    began = time.monotonic()
    try:
        async with asyncio.timeout(within):
            await cast(Any, impl.function)(*(arguments[name] for name in impl.argnames))
    except TimeoutError:
        log.error("observer %s took over %g s: given up", impl.plugin_name, within)
    except Exception:
        log.exception("observer %s failed", impl.plugin_name)
    if plugins.traced:
        _trace("jackfield_event_stored", [impl], f"{(time.monotonic() - began) * 1000:.1f} ms")


def _ask(plugins: Plugins, hook: str, **arguments: object) -> Iterator[tuple[str, Any]]:
    """Call a hook plugin by plugin: pluggy's own call would end at the first one that raises."""
    everyone = plugins.manager.get_plugins()
    for name, plugin in plugins.manager.list_name_plugin():
        caller = plugins.manager.subset_hook_caller(hook, everyone - {plugin})
        try:
            answers = cast("list[Any]", caller(**arguments))
        except Exception:
            log.exception("plugin %s failed in %s", name, hook)
            continue
        yield from ((name, answer) for answer in answers)


def _before(hook: str, impls: Sequence[pluggy.HookImpl], arguments: Mapping[str, Any]) -> None:
    """Nothing to say yet: monitoring wants both ends."""


def _after(
    result: pluggy.Result[Any],
    hook: str,
    impls: Sequence[pluggy.HookImpl],
    _arguments: Mapping[str, Any],
) -> None:
    _trace(hook, impls, "raised" if result.exception else "ok")


def _trace(hook: str, impls: Sequence[pluggy.HookImpl], outcome: str) -> None:
    """Names only: an argument may be somebody's message."""
    log.info("hook %s: %s: %s", hook, ", ".join(impl.plugin_name for impl in impls) or "nobody", outcome)
