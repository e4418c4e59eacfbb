"""People: one of them, and who is found by the beginning of a name or a number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

from jackfield.errors import NotFound
from jackfield.ids import read
from jackfield.inbox.views import contact_view
from jackfield.store.rows import ContactRow, IdentityRow, MergeRow
from jackfield.store.store import Store
from jackfield.wire.views import ContactView

from .keys import Places, cursor, must_be_in, place

_FILL = str.maketrans("", "", " -().\u00a0")


async def one(store: Store, workspaces: Container[int], contact: str) -> ContactView:
    """A person; the one he was merged into, if he was. Raises NotFound, for another workspace's too."""
    number = read("p", contact)
    while True:
        rows = await store.rows(ContactRow, "WHERE id = $1", number)
        if not rows:
            raise NotFound(what="p")
        must_be_in(workspaces, rows[0].workspace_id, what="p")
        into = rows[0].merged_into
        if into is None:
            (view,) = await _views(store, rows)
            return view
        number = into


async def page(
    store: Store, workspaces: Iterable[int], q: str, *, after: str | None, limit: int
) -> tuple[list[ContactView], str | None]:
    """People whose name or phone number begins so, the newest first; "" is everybody."""
    (number,) = place(after, size=1)
    places = Places()
    here = store.any("workspace_id", places(sorted(set(workspaces))))
    conditions = [here, "merged_into IS NULL", f"id < {places(number)}"]
    if q.strip():
        conditions.append(f"({' OR '.join(_matches(q.strip(), here, places))})")
    rest = f"WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT {places(limit + 1)}"
    rows = await store.rows(ContactRow, rest, *places.values)
    shown = rows[:limit]
    more = len(rows) > limit
    return await _views(store, shown), cursor(shown[-1].id) if more else None


def _matches(q: str, here: str, places: Places) -> Iterable[str]:
    """Conditions for a name and for a number; `here`: in these workspaces. The engines fold the case of
    Latin letters at most, so the usual ways to write a name are all asked for."""
    for name in dict.fromkeys((q, q.lower(), q.upper(), q.title(), q.capitalize())):
        yield f"name LIKE {places(_prefix(name))} ESCAPE '!'"
    digits = q.translate(_FILL).removeprefix("+")
    if digits.isdecimal():
        number = places(_prefix(f"+{digits}"))
        found = f"{here} AND kind = 'phone' AND scope = '' AND value LIKE {number} ESCAPE '!'"
        yield f"id IN (SELECT contact_id FROM identity WHERE {found})"  # noqa: S608  # places, no values


def _prefix(text: str) -> str:
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return f"{text}%"


async def _views(store: Store, rows: Sequence[ContactRow]) -> list[ContactView]:
    if not rows:
        return []
    numbers = [row.id for row in rows]
    identities: defaultdict[int, list[IdentityRow]] = defaultdict(list)
    for identity in await store.rows(IdentityRow, f"WHERE {store.any('contact_id', '$1')}", numbers):
        identities[identity.contact_id].append(identity)
    merges: defaultdict[int, list[MergeRow]] = defaultdict(list)
    for merge in await store.rows(MergeRow, f"WHERE {store.any('into_id', '$1')}", numbers):
        merges[merge.into_id].append(merge)
    return [contact_view(row, identities[row.id], merges[row.id]) for row in rows]
