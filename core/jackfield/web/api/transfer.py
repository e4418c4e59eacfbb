"""A template on its way into another account: with the files of its headers, which lie in the first one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from jackfield import ids
from jackfield.channel import DesignsTemplates, TemplateDesign, TemplateHeader
from jackfield.ids import new_id
from jackfield.store.rows import FileRow
from jackfield.web.clock import now_ms
from jackfield.web.works import AddFile

from .asking import answer_of
from .call import Call

FILES = frozenset({"image", "video", "document"})


class Transfer:
    """The design for each workspace, its files fetched from the provider when they are first wanted."""

    def __init__(self, call: Call, source: DesignsTemplates, template: str, design: TemplateDesign) -> None:
        self._call, self._source, self._template, self._design = call, source, template, design
        self._made: dict[int, TemplateDesign] = {}

    async def design_for(self, workspace: int) -> TemplateDesign:
        """Raises the problem of a file that cannot be had."""
        if workspace not in self._made:
            files = {place: await self._file(place, workspace) for place in self._places()}
            self._made[workspace] = with_files(self._design, files)
        return self._made[workspace]

    def _places(self) -> Iterator[str]:
        if _wants(self._design.header):
            yield "header"
        yield from (f"card.{index}" for index, card in enumerate(self._design.cards) if _wants(card.header))

    async def _file(self, place: str, workspace: int) -> str:
        files, limit = self._call.parts.store.files, self._call.parts.settings.upload_max
        download = await answer_of(self._source.template_file(self._template, place))
        stored = await answer_of(files.write(download.chunks, limit=limit))
        row = FileRow(
            id=new_id(),
            workspace_id=workspace,
            state="ready",
            path=stored.path,
            mime=stored.mime,
            name=f"{self._design.name[:200]}.{place}",
            size=stored.size,
            sha256=stored.sha256,
            width=stored.width,
            height=stored.height,
            by_id=self._call.visitor.operator,
            created_at=now_ms(),
        )
        await self._call.parts.store.writer.do(AddFile(workspace=workspace, file=row))
        return ids.show("f", row.id)


def with_files(design: TemplateDesign, files: dict[str, str]) -> TemplateDesign:
    """The design with our files in its headers, by place."""
    cards = tuple(
        replace(card, header=replace(card.header, file=files.get(f"card.{index}", card.header.file)))
        for index, card in enumerate(design.cards)
    )
    header = replace(design.header, file=files.get("header", design.header.file))
    return replace(design, header=header, cards=cards)


def _wants(header: TemplateHeader) -> bool:
    return header.form in FILES and not header.file
