"""Checks of templates that are made: listed with ids of their own, shown without asking anybody."""

from __future__ import annotations

from typing import get_args

from jackfield.channel import Channel, DesignsTemplates, TemplateDesign, TemplateStanding

from .bench import Bench, Subject
from .fence import no_network
from .port import FakePort


class DesignChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return isinstance(about.channel, DesignsTemplates) and about.suite.lists_templates

    def test_designs_have_ids_and_what_can_be_sent_is_among_them(self) -> None:
        async def scene(channel: Channel, _: FakePort) -> None:
            assert isinstance(channel, DesignsTemplates)
            records = await channel.designs()
            assert records, "the stand-in lists no template: nothing was checked"
            ids = [record.id for record in records]
            assert all(ids), "a template without an id"
            assert len(set(ids)) == len(ids), f"a template is listed twice: {ids}"
            sendable = {
                (record.design.name, record.design.language)
                for record in records
                if "send" not in channel.template_problems(record.standing)
            }
            for template in await channel.templates():
                known = (template.name, template.language)
                assert known in sendable, f"templates() offers {known}, designs() does not, or not so"

        self.play_connected(scene)

    def test_a_design_is_shown_without_asking_anybody(self) -> None:
        designs = [*self._designs(), TemplateDesign(name="a", language="en", category="utility", body="b")]
        channel, _ = self.open(self.config)
        assert isinstance(channel, DesignsTemplates)
        assert channel.template_account, "channels that share no word share no templates"
        with no_network() as attempts:
            rules = channel.template_rules()
            for standing in get_args(TemplateStanding):
                channel.template_problems(standing)
            for design in designs:
                part = channel.template_part(design)
                said = (part.name, part.language, part.category)
                assert said == (design.name, design.language, design.category)
                lost = {place for place in design.examples if place not in part.parameters}
                assert not lost, f"{design.name}: places that a message of it does not have: {sorted(lost)}"
        assert not attempts, f"showing a template asked {attempts}"
        assert min(rules.name, rules.body, rules.buttons, rules.button_title) > 0, "rules without a limit"

    def _designs(self) -> list[TemplateDesign]:
        found: list[TemplateDesign] = []

        async def scene(channel: Channel, _: FakePort) -> None:
            assert isinstance(channel, DesignsTemplates)
            found.extend(record.design for record in await channel.designs())

        self.play_connected(scene)
        return found
