"""Unit of work: the rows of one transaction, loaded in sets, decided on in memory, written in sets.

A *work* says which rows it needs, and then decides in plain Python what becomes of them. The writer
runs many works in one transaction: all their needs are loaded by one statement per index, their
decisions are taken one after another on the same rows, and what changed is written by one statement
per table. So a work never awaits, two works of one batch see each other's rows, and a work that
raises leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from operator import attrgetter
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast

from .rows import Row

R = TypeVar("R", bound=Row)
T_co = TypeVar("T_co", covariant=True)

Key = tuple[Any, ...]

_ID = ("id",)
_NONE: Mapping[int, Row] = {}


class Index(Generic[R]):
    """A way to find rows: by columns with an index in the database. `then`: what to load with each.

    Unique unless `many`. `where` is a fixed extra condition in SQL (no values of users in it): it
    narrows what is loaded, and rows that are here already are found by the columns alone.
    """

    __slots__ = ("columns", "key", "many", "name", "row", "then", "where")

    def __init__(
        self,
        row: type[R],
        *columns: str,
        many: bool = False,
        where: str = "",
        then: Callable[[R], Iterable[Need]] | None = None,
    ) -> None:
        self.row, self.columns, self.many, self.where, self.then = row, columns, many, where, then
        self.name = f"{row.table}({','.join(columns)}{' ' + where if where else ''})"
        self.key = _key_of(columns)  # what a row is found under

    def __call__(self, *key: Any) -> Need:
        return Need(cast("Index[Row]", self), key)


def _key_of(columns: tuple[str, ...]) -> Callable[[Row], Key]:
    get = attrgetter(*columns)
    return get if len(columns) > 1 else lambda row: (get(row),)


class Need(NamedTuple):
    by: Index[Row]
    key: Key


class Work(Protocol[T_co]):
    """One change to one workspace's state (or to none: `workspace` 0).

    needs() is asked several times: rows named by rows that have been loaded meanwhile are found with
    the uow; it ends when it names nothing new. apply() decides; it may raise a Problem, and all it
    did is undone. Both may run again from the start if the transaction is refused, and in another
    thread than the loop's: they touch nothing but the uow, and make new ids inside apply().
    """

    @property
    def workspace(self) -> int: ...
    def needs(self, uow: Uow) -> Iterable[Need]: ...
    def apply(self, uow: Uow) -> T_co: ...


class Uow:
    """The rows of one transaction. Everything is found by an Index whose key was loaded."""

    def __init__(self, *, now: int) -> None:
        self.now = now  # ms: one moment for the whole transaction
        self._rows: dict[str, dict[int, Row]] = {}  # by table, by id
        self._known: dict[str, set[Key]] = {}  # by index: the keys that were loaded
        self._by_key: dict[str, dict[Key, list[Row]]] = {}  # by index: every row that is here
        self._indexes: dict[str, dict[str, Index[Row]]] = {}  # by table: the indexes in use
        self._before: dict[int, Row | None] = {}  # id(row) -> as loaded; None: added
        self._dirty: dict[int, Row] = {}  # id(row) -> row, in the order of first change
        self._undo: list[tuple[Row, Row | None]] = []
        self._undo_seen: set[int] = set()
        self.removed: dict[int, Row] = {}

    # -- loading ---------------------------------------------------------------------------------

    def missing(self, needs: Iterable[Need]) -> dict[str, tuple[Index[Row], list[Key]]]:
        """The needs whose keys were not loaded yet, by index name; they count as loaded from now on."""
        out: dict[str, tuple[Index[Row], list[Key]]] = {}
        for index, key in needs:
            known = self._known.get(index.name)
            if known is None:
                known = self._use(index)
            if key not in known:
                known.add(key)
                out.setdefault(index.name, (index, []))[1].append(key)
        return out

    def loaded(self, index: Index[Row], rows: Iterable[Row]) -> Iterator[Need]:
        """Take in rows read for an index; yield what is to be read with them."""
        table = self._rows.setdefault(index.row.table, {})
        for read in rows:
            row = table.get(read.id)
            if row is None:
                row = table[read.id] = read
                self.place(row)
            if index.then is not None:
                yield from index.then(row)

    def _use(self, index: Index[Row]) -> set[Key]:
        """Begin to keep an index, with the rows that are here already."""
        by_key: dict[Key, list[Row]] = {}
        for row in self._rows.get(index.row.table, {}).values():
            by_key.setdefault(index.key(row), []).append(row)
        self._by_key[index.name] = by_key
        self._indexes.setdefault(index.row.table, {})[index.name] = index
        self._known[index.name] = set()
        return self._known[index.name]

    def place(self, row: Row) -> None:
        """Find the row by what its columns say now. Call it after changing one that an index uses."""
        for name, index in self._indexes.get(row.table, {}).items():
            rows = self._by_key[name].setdefault(index.key(row), [])
            if all(row is not other for other in rows):
                rows.append(row)

    def fresh(self, *needs: Need) -> None:
        """These keys belong to rows made in this transaction: there is nothing to load for them."""
        for index, key in needs:
            known = self._known.get(index.name)
            (self._use(index) if known is None else known).add(key)

    # -- finding ---------------------------------------------------------------------------------

    def one(self, index: Index[R], *key: Any) -> R | None:
        """The row under a unique key, or None. KeyError: the work did not name this need."""
        for row in self._under(index, key):
            if row.id not in self.removed and index.key(row) == key:
                return row
        return None

    def all(self, index: Index[R], *key: Any) -> list[R]:
        """The rows under a key. KeyError: the work did not name this need."""
        removed, key_of = self.removed, index.key
        return [row for row in self._under(index, key) if row.id not in removed and key_of(row) == key]

    def _under(self, index: Index[R], key: Key) -> Sequence[R]:
        """The rows that are or were under a key."""
        if index.columns == _ID:
            row = self._rows.get(index.row.table, _NONE).get(key[0])
            if row is not None:
                return (cast("R", row),)
        if key not in self._known.get(index.name, ()):
            raise KeyError(f"{index.name}{key} was not named by needs()")
        return cast("Sequence[R]", self._by_key[index.name].get(key, ()))

    def peek(self, index: Index[R], *key: Any) -> R | None:
        """The row under a unique key, or None; also if the work did not name this need."""
        if index.columns == _ID:
            row = self._rows.get(index.row.table, _NONE).get(key[0])
            return cast("R", row) if row is not None and row.id not in self.removed else None
        if key in self._known.get(index.name, ()):
            for row in self._by_key[index.name].get(key, ()):
                if row.id not in self.removed and index.key(row) == key:
                    return cast("R", row)
        return None

    def knows(self, index: Index[R], *key: Any) -> bool:
        """Whether this key was loaded. A row that came by any index is known by its id."""
        if key in self._known.get(index.name, ()):
            return True
        return index.columns == _ID and key[0] in self._rows.get(index.row.table, _NONE)

    # -- changing --------------------------------------------------------------------------------

    def add(self, row: R) -> R:
        """A new row."""
        self._rows.setdefault(row.table, {})[row.id] = row
        self._remember(row, None)
        self._before.setdefault(id(row), None)
        self._dirty[id(row)] = row
        self.place(row)
        return row

    def edit(self, row: R) -> R:
        """Call before the first change to a row in a work; then change its fields."""
        if id(row) in self._undo_seen:
            return row
        was = copy(row)
        self._remember(row, was)
        if id(row) not in self._dirty:
            self._before[id(row)] = was
            self._dirty[id(row)] = row
        return row

    def remove(self, row: Row) -> None:
        self.edit(row)
        self.removed[row.id] = row

    # -- one work, undone if it raises -----------------------------------------------------------

    def begin(self) -> None:
        self._undo.clear()
        self._undo_seen.clear()

    def _remember(self, row: Row, was: Row | None) -> None:
        if id(row) not in self._undo_seen:
            self._undo_seen.add(id(row))
            self._undo.append((row, was))

    def roll_back(self) -> None:
        """Take back everything since begin()."""
        for row, was in reversed(self._undo):
            self.removed.pop(row.id, None)
            if was is None:
                self._rows[row.table].pop(row.id, None)
                self._dirty.pop(id(row), None)
                self._before.pop(id(row), None)
                for name, index in self._indexes.get(row.table, {}).items():
                    rows = self._by_key[name].get(index.key(row), [])
                    rows[:] = [other for other in rows if other is not row]
                continue
            for field in row.__struct_fields__:
                setattr(row, field, getattr(was, field))
            self.place(row)
        self.begin()

    @contextmanager
    def attempt(self) -> Generator[None]:
        """A part of a work that is undone alone if it raises."""
        outer, outer_seen = self._undo, self._undo_seen
        self._undo, self._undo_seen = [], set()
        try:
            yield
        except BaseException:
            self.roll_back()
            raise
        finally:
            outer.extend(entry for entry in self._undo if id(entry[0]) not in outer_seen)
            self._undo, self._undo_seen = outer, outer_seen | self._undo_seen

    # -- what came of it -------------------------------------------------------------------------

    def changes(self) -> Iterator[tuple[Row | None, Row | None]]:
        """(before, after) of every row that changed; before None: new, after None: removed."""
        for key, row in list(self._dirty.items()):
            before = self._before[key]
            if row.id in self.removed:
                if before is not None:
                    yield before, None
            elif before is None or before != row:
                yield before, row

    def change_of(self, row: Row) -> Row | None:
        """The row as it was loaded, if it was edited."""
        return self._before.get(id(row))
