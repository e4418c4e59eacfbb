"""Labels of a workspace, and on its conversations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from jackfield.errors import Conflict, NotFound
from jackfield.ids import new_id, read, show
from jackfield.inbox.columns import to_json
from jackfield.inbox.policy import at_most
from jackfield.inbox.thread import conversation_in, conversation_needs, live, tell
from jackfield.store.indexes import LABEL, LABELS_ON
from jackfield.store.rows import ConversationLabelRow, ConversationRow, LabelRow
from jackfield.store.uow import Index, Need, Uow
from jackfield.wire.commands import DeleteLabel, LabelConversation, Saved, SaveLabel

from ._verb import DID, Outcome, Scene

LABELS_OF = Index(LabelRow, "workspace_id", many=True)


class Labelling(Struct, frozen=True):
    scene: Scene
    command: LabelConversation

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from conversation_needs(uow, self.command.conv)
        for label in (*self.command.add, *self.command.remove):
            yield LABEL(read("l", label))
        conversation = live(uow, self.command.conv)
        if conversation is not None:
            yield LABELS_ON(conversation.id)

    def apply(self, uow: Uow) -> Outcome:
        conversation = conversation_in(uow, self.scene.workspace, self.command.conv)
        add, remove = self._labels(uow, self.command.add), self._labels(uow, self.command.remove)
        gone = next((label for label in add if label.deleted), None)
        if gone is not None:
            raise NotFound(what="l")
        on = {row.label_id: row for row in uow.all(LABELS_ON, conversation.id)}
        off = [label for label in remove if label.id in on]
        new = [label for label in add if label.id not in on and label not in remove]
        for label in off:
            uow.remove(on[label.id])
        for label in new:
            uow.add(_link(conversation, label))
        if off or new:
            left = [number for number in on if all(number != label.id for label in off)]
            uow.edit(conversation).labels = to_json([*left, *(label.id for label in new)])
        if new:
            tell(uow, conversation, self.scene.by, "labelled", labels=_names(new))
        if off:
            tell(uow, conversation, self.scene.by, "unlabelled", labels=_names(off))
        return DID

    def _labels(self, uow: Uow, shown: Sequence[str]) -> list[LabelRow]:
        return [label_in(uow, self.scene.workspace, label) for label in dict.fromkeys(shown)]


class LabelSaving(Struct, frozen=True):
    scene: Scene
    command: SaveLabel

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield LABELS_OF(self.scene.workspace)
        if self.command.id is not None:
            yield LABEL(read("l", self.command.id))

    def apply(self, uow: Uow) -> Outcome:
        command, workspace = self.command, self.scene.workspace
        label = None if command.id is None else label_in(uow, workspace, command.id)
        if label is not None and label.deleted:
            raise NotFound(what="l")
        name = command.name.strip()
        at_most("name", name, 200)
        for other in uow.all(LABELS_OF, workspace):
            same = other.name.casefold() == name.casefold() and not other.deleted
            if same and (label is None or other.id != label.id):
                raise Conflict("a label of this name exists", code="label_exists", label=show("l", other.id))
        if label is None:
            label = uow.add(LabelRow(id=new_id(), workspace_id=workspace, name=name, color=command.color))
        else:
            uow.edit(label)
            label.name, label.color = name, command.color
        return Outcome(Saved(seq=0, id=show("l", label.id)))


class LabelDeleting(Struct, frozen=True):
    """Conversations keep their link to it: pages leave out labels that are deleted, and there may be
    a hundred thousand of them."""

    scene: Scene
    command: DeleteLabel

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield LABEL(read("l", self.command.label))

    def apply(self, uow: Uow) -> Outcome:
        label = label_in(uow, self.scene.workspace, self.command.label)
        if not label.deleted:
            uow.edit(label).deleted = True
        return DID


def label_in(uow: Uow, workspace: int, shown: str) -> LabelRow:
    """The label of this workspace. Raises NotFound: another's is none."""
    label = uow.one(LABEL, read("l", shown))
    if label is None or label.workspace_id != workspace:
        raise NotFound(what="l")
    return label


def _link(conversation: ConversationRow, label: LabelRow) -> ConversationLabelRow:
    return ConversationLabelRow(
        id=new_id(),
        workspace_id=conversation.workspace_id,
        conversation_id=conversation.id,
        label_id=label.id,
    )


def _names(labels: Sequence[LabelRow]) -> str:
    return ", ".join(label.name for label in labels)
