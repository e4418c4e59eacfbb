"""Unit of work: the rows of one transaction, loaded in sets, decided on in memory, written in sets.

A *work* says which rows it needs, and then decides in plain Python what becomes of them. The writer
runs many works in one transaction: all their needs are loaded by one statement per index, their
decisions are taken one after another on the same rows, and what changed is written by one statement
per table. So a work never awaits, two works of one batch see each other's rows, and a work that
raises leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

from msgspec.structs import replace

from .rows import Row
from .words import Reword

R = TypeVar("R", bound=Row)
R_co = TypeVar("R_co", bound=Row, covariant=True)
T_co = TypeVar("T_co", covariant=True)

Key = tuple[Any, ...]
Need: TypeAlias = "tuple[Index[Row], Key]"
Needs: TypeAlias = Iterable["Need | list[Need]"]


class Index(Generic[R_co]):
    """A way to find rows: by columns with an index in the database. `then`: what to load with each.

    Unique unless `many`. `where` is a fixed extra condition in SQL (no values of users in it): it
    narrows what is loaded, and rows that are here already are found by the columns alone.
    """

    __slots__ = ("by_id", "columns", "key", "many", "name", "row", "then", "where")

    def __init__(
        self,
        row: type[R_co],
        *columns: str,
        many: bool = False,
        where: str = "",
        then: Callable[[R_co], Iterable[Need]] | None = None,
    ) -> None:
        self.row, self.columns, self.many, self.where, self.then = row, columns, many, where, then
        self.name = f"{row.table}({','.join(columns)}{' ' + where if where else ''})"
        self.key = _key_of(columns)  # what a row is found under
        self.by_id = columns == ("id",)

    def __call__(self, *key: Any) -> Need:
        return self, key


def _key_of(columns: tuple[str, ...]) -> Callable[[Row], Key]:
    get = attrgetter(*columns)
    return get if len(columns) > 1 else lambda row: (get(row),)


class Work(Protocol[T_co]):
    """One change to one workspace's state (or to none: `workspace` 0).

    needs() goes on when what it named is there, so it can follow from row to row; what is named
    together, as a list, is loaded together. Many works are asked side by side, and each once more
    right before it decides: the works before it may have changed what it needs. apply() decides; it
    may raise a Problem, and all it did is undone. Both may run again from the start if the transaction
    is refused, and in another thread than the loop's: they touch nothing but the uow, and make new ids
    inside apply().
    """

    @property
    def workspace(self) -> int: ...
    def needs(self, uow: Uow) -> Needs: ...
    def apply(self, uow: Uow) -> T_co: ...


class _Shelf:
    """What is here of one index: the keys that were loaded, and the rows that are or were under a key."""

    __slots__ = ("key_of", "known", "rows")

    def __init__(self, index: Index[Row]) -> None:
        self.key_of = index.key
        self.known: set[Key] = set()
        self.rows: dict[Key, list[Row]] = {}

    def place(self, row: Row) -> None:
        key = self.key_of(row)
        rows = self.rows.get(key)
        if rows is None:
            self.rows[key] = [row]
        elif all(row is not other for other in rows):
            rows.append(row)


class Uow:
    """The rows of one transaction. Everything is found by an Index whose key was loaded."""

    def __init__(self, *, now: int) -> None:
        self.now = now  # ms: one moment for the whole transaction
        self._rows: dict[type[Row], dict[int, Row]] = {}
        self._shelves: dict[Index[Row], _Shelf] = {}
        self._shelves_of: dict[type[Row], list[_Shelf]] = {}  # but those by id: an id never changes
        self._before: dict[int, Row | None] = {}  # id(row) -> as loaded; None: added
        self._dirty: dict[int, Row] = {}  # id(row) -> row, in the order of first change
        self._undo: list[tuple[Row, Row | None]] = []
        self._undo_seen: set[int] = set()
        self.removed: dict[int, Row] = {}
        self.rewords: list[Reword] = []  # derived from the rows, when all works are done

    # -- loading ---------------------------------------------------------------------------------

    def lacks(self, need: Need) -> bool:
        """Whether a need is still to be loaded."""
        index, key = need
        return key not in self._shelf(index).known

    def loaded(self, index: Index[Row], keys: Iterable[Key], rows: Iterable[Row]) -> Iterator[Need]:
        """Take in the rows read under these keys; yield what is to be read with them."""
        self._shelf(index).known.update(keys)
        table = self._table(index.row)
        for read in rows:
            row = table.get(read.id)
            if row is None:
                row = table[read.id] = read
                self.place(row)
            if index.then is not None:
                yield from index.then(row)

    def _table(self, row: type[Row]) -> dict[int, Row]:
        table = self._rows.get(row)
        if table is None:
            table = self._rows[row] = {}
        return table

    def _shelf(self, index: Index[Row]) -> _Shelf:
        """What is here of an index; the first time, with the rows that are here already."""
        shelf = self._shelves.get(index)
        if shelf is None:
            shelf = self._shelves[index] = _Shelf(index)
            if not index.by_id:
                self._shelves_of.setdefault(index.row, []).append(shelf)
                for row in self._table(index.row).values():
                    shelf.place(row)
        return shelf

    def place(self, row: Row) -> None:
        """Find the row by what its columns say now. Call it after changing one that an index uses."""
        for shelf in self._shelves_of.get(type(row), ()):
            shelf.place(row)

    def fresh(self, *needs: Need) -> None:
        """These keys belong to rows made in this transaction: there is nothing to load for them."""
        for index, key in needs:
            self._shelf(index).known.add(key)

    # -- finding ---------------------------------------------------------------------------------

    def one(self, index: Index[R], *key: Any) -> R | None:
        """The row under a unique key, or None. KeyError: the work did not name this need."""
        row = self.peek(index, *key)
        if row is None and not self.knows(index, *key):
            raise KeyError(f"{index.name}{key} was not named by needs()")
        return row

    def all(self, index: Index[R], *key: Any) -> list[R]:
        """The rows under a key. KeyError: the work did not name this need."""
        shelf = self._shelves.get(index)
        if shelf is None or key not in shelf.known:
            raise KeyError(f"{index.name}{key} was not named by needs()")
        removed, key_of = self.removed, shelf.key_of
        rows = cast("Iterable[R]", shelf.rows.get(key, ()))
        return [row for row in rows if row.id not in removed and key_of(row) == key]

    def peek(self, index: Index[R], *key: Any) -> R | None:
        """The row under a unique key, or None; also if the work did not name this need."""
        if index.by_id:
            row = self._table(index.row).get(key[0])
            return None if row is None or row.id in self.removed else cast("R", row)
        shelf = self._shelves.get(index)
        if shelf is not None:
            for row in shelf.rows.get(key, ()):
                if row.id not in self.removed and shelf.key_of(row) == key:
                    return cast("R", row)
        return None

    def knows(self, index: Index[R], *key: Any) -> bool:
        """Whether this key was loaded. A row that came by any index is known by its id."""
        shelf = self._shelves.get(index)
        if shelf is not None and key in shelf.known:
            return True
        return index.by_id and key[0] in self._table(index.row)

    # -- changing --------------------------------------------------------------------------------

    def add(self, row: R) -> R:
        """A new row."""
        number = id(row)
        self._table(type(row))[row.id] = row
        self._undo_seen.add(number)
        self._undo.append((row, None))
        self._before[number] = None
        self._dirty[number] = row
        self.place(row)
        return row

    def edit(self, row: R) -> R:
        """Call before the first change to a row in a work; then change its fields."""
        number = id(row)
        if number in self._undo_seen:
            return row
        was = replace(row)
        self._undo_seen.add(number)
        self._undo.append((row, was))
        if number not in self._dirty:
            self._before[number] = was
            self._dirty[number] = row
        return row

    def remove(self, row: Row) -> None:
        self.edit(row)
        self.removed[row.id] = row

    # -- one work, undone if it raises -----------------------------------------------------------

    def begin(self) -> None:
        self._undo.clear()
        self._undo_seen.clear()

    def roll_back(self) -> None:
        """Take back everything since begin()."""
        for row, was in reversed(self._undo):
            self.removed.pop(row.id, None)
            if was is None:
                self._table(type(row)).pop(row.id, None)
                self._dirty.pop(id(row), None)
                self._before.pop(id(row), None)
                for shelf in self._shelves_of.get(type(row), ()):
                    rows = shelf.rows.get(shelf.key_of(row), [])
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

    def here(self, row: type[R]) -> Iterator[R]:
        """All rows of a table that were loaded or added, and not removed."""
        yield from (cast("R", one) for one in self._table(row).values() if one.id not in self.removed)

    def change_of(self, row: Row) -> Row | None:
        """The row as it was loaded, if it was edited."""
        return self._before.get(id(row))
