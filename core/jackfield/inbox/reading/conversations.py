"""The chat list: folders in pages, newest first, over any number of workspaces in one statement."""

from __future__ import annotations

from collections.abc import Container, Iterable

from jackfield.errors import NotFound
from jackfield.ids import read
from jackfield.inbox.views import conversation_view
from jackfield.store.rows import ConversationRow
from jackfield.store.store import Store
from jackfield.wire.realtime import Folder
from jackfield.wire.views import ConversationView

from . import contacts
from .keys import Places, cursor, must_be_in, place

AT_ONCE = 200  # workspaces in one statement: SQLite takes 500 terms in a UNION
THREADS = 200  # conversations of one person that are shown


async def page(
    store: Store, workspaces: Iterable[int], folder: Folder, *, me: int, after: str | None, limit: int
) -> tuple[list[ConversationView], str | None]:
    """Each workspace gives its own newest by its index; the newest of all are the page."""
    upto = None if after is None else place(after, size=2)
    spaces = sorted(set(workspaces))
    if folder.ws is not None:
        wanted = read("w", folder.ws)
        spaces = [space for space in spaces if space == wanted]
    views: list[ConversationView] = []
    for start in range(0, len(spaces), AT_ONCE):
        part = spaces[start : start + AT_ONCE]
        views.extend(await _newest(store, part, folder, me=me, upto=upto, limit=limit + 1))
    if len(spaces) > 1:
        views.sort(key=lambda view: (view.last_at, view.id), reverse=True)  # an id shown keeps its order
    if len(views) <= limit:
        return views, None
    shown = views[:limit]
    return shown, cursor(shown[-1].last_at, read("c", shown[-1].id))


async def one(store: Store, workspaces: Container[int], conv: str) -> tuple[int, ConversationView]:
    """A conversation and its workspace; the one it went on in, if it was joined with another.

    Raises NotFound, for another workspace's too.
    """
    number = read("c", conv)
    while True:
        rows = await store.rows(ConversationRow, "WHERE id = $1", number)
        if not rows:
            raise NotFound(what="c")
        must_be_in(workspaces, rows[0].workspace_id, what="c")
        into = rows[0].merged_into
        if into is None:
            return rows[0].workspace_id, conversation_view(rows[0])
        number = into


async def of_contact(store: Store, workspaces: Container[int], contact: str) -> list[ConversationView]:
    """A person's conversations, newest first. Raises NotFound, for another workspace's too."""
    person = await contacts.one(store, workspaces, contact)
    rows = await store.rows(
        ConversationRow,
        "WHERE contact_id = $1 AND merged_into IS NULL ORDER BY last_at DESC, id DESC LIMIT $2",
        read("p", person.id),
        THREADS,
    )
    return [conversation_view(row) for row in rows]


async def _newest(
    store: Store, spaces: list[int], folder: Folder, *, me: int, upto: tuple[int, ...] | None, limit: int
) -> list[ConversationView]:
    """In order, if it is one workspace. Of several, the newest ids of each are found first: most of them
    are not shown, and their rows are wide."""
    places = Places()
    newest = f"ORDER BY last_at DESC, id DESC LIMIT {places(limit)}"
    conditions = ["merged_into IS NULL", *_folder(folder, places, me=me), *_before(upto, places)]
    lists = [f"workspace_id = {places(space)} AND {' AND '.join(conditions)} {newest}" for space in spaces]
    if len(lists) == 1:
        return await store.views(conversation_view, ConversationRow, f"WHERE {lists[0]}", *places.values)
    ids = " UNION ALL ".join(
        f"SELECT * FROM (SELECT id, last_at FROM conversation WHERE {one}) AS list{n}"  # noqa: S608  # places, no values
        for n, one in enumerate(lists)
    )
    of_all = f"WHERE id IN (SELECT id FROM ({ids}) AS lists {newest})"  # noqa: S608  # likewise
    return await store.views(conversation_view, ConversationRow, of_all, *places.values)


def _before(upto: tuple[int, ...] | None, places: Places) -> Iterable[str]:
    """What comes behind a place in the list. Nothing for its beginning: that is planned in half the time."""
    if upto is not None:
        last_at, number = map(places, upto)
        yield f"last_at <= {last_at}"  # the range the index serves; the pair is exact
        yield f"(last_at, id) < ({last_at}, {number})"


def _folder(folder: Folder, places: Places, *, me: int) -> Iterable[str]:
    """What a folder shows, as SQL conditions."""
    if folder.status != "all":
        yield f"status = {places(folder.status)}"
    if folder.channel is not None:
        yield f"channel_id = {places(read('ch', folder.channel))}"
    match folder.assignee:
        case "":
            pass
        case "none":
            yield "assignee_id IS NULL"
        case "me":
            yield f"assignee_id = {places(me)}"
        case operator:
            yield f"assignee_id = {places(read('o', operator))}"
    if folder.label is not None:
        label = places(read("l", folder.label))
        marked = f"marked.conversation_id = conversation.id AND marked.label_id = {label}"
        yield f"EXISTS (SELECT 1 FROM conversation_label AS marked WHERE {marked})"  # noqa: S608  # likewise
    if folder.unread:
        yield "(unread > 0 OR marked_unread)"
