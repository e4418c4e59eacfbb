"""Files that come with a message: shown as pending at once, fetched later."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from jackfield.channel import Media, Part, files_in
from jackfield.ids import new_id, show
from jackfield.inbox.columns import MEDIA, clip, many, to_json
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.views import media_view
from jackfield.store.indexes import FILES_OF
from jackfield.store.rows import FileRow, MessageRow
from jackfield.store.uow import Uow
from jackfield.wire.views import MediaView

MIME_MAX, NAME_MAX = 120, 300  # characters, as the columns have them
_INT_MAX = (1 << 31) - 1


def expect_files(uow: Uow, facts: ChannelFacts, message: MessageRow, parts: Sequence[Part]) -> None:
    """Set the message's media to the files of these parts; those it had already are not fetched again.

    Needs FILES_OF(message.id).
    """
    had = {row.ref: row for row in uow.all(FILES_OF, message.id)}
    shown = {view.id: view for view in many(MEDIA, message.media)}
    views: list[MediaView] = []
    for place, part in enumerate(parts):
        for media in files_in(part):
            old = had.get(media.ref)
            if old is not None and (view := shown.get(show("f", old.id))) is not None:
                views.append(structs.replace(view, part=place))
            else:
                views.append(_expect(uow, facts, message.id, place, media))
    message.media = to_json(views)


def expect_picture(
    uow: Uow, facts: ChannelFacts, ref: str, *, contact: int | None = None, conversation: int | None = None
) -> None:
    """A picture of a person or a group, to be fetched: it is shown when it is here (inbox.pictures)."""
    row = uow.add(_file(uow, facts, None, 0, Media(sort="image", ref=ref)))
    row.contact_id, row.conversation_id = contact, conversation


def _expect(uow: Uow, facts: ChannelFacts, message: int, place: int, media: Media) -> MediaView:
    return media_view(uow.add(_file(uow, facts, message, place, media)), part=place)


def _file(uow: Uow, facts: ChannelFacts, message: int | None, place: int, media: Media) -> FileRow:
    return FileRow(
        id=new_id(),
        workspace_id=facts.workspace,
        channel_id=facts.channel,
        message_id=message,
        part=place,
        ref=media.ref,
        state="pending",
        mime=clip(media.mime, MIME_MAX),
        name=clip(media.name, NAME_MAX),
        size=_whole(media.size),
        width=_whole(media.width),
        height=_whole(media.height),
        duration=media.duration,
        next_at=uow.now,
        created_at=uow.now,
    )


def _whole(number: int | None) -> int | None:
    """What the provider says of a file, unless a column cannot hold it: the store counts for itself."""
    return number if number is not None and 0 <= number <= _INT_MAX else None
