"""Checks of the kind: who it is, what it is configured with, that it is static."""

from __future__ import annotations

import asyncio

from jackfield.channel import Channel, LinkedByClients
from jackfield.plugins import kind_faults

from .bench import Bench, Subject
from .fence import no_network
from .port import FakePort
from .static import foreign_imports, home_of

SECRET_WORDS = ("secret", "token", "password", "passphrase", "private", "credential", "api_key")


class KindChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return hasattr(about.suite, "kind")

    def test_is_a_kind_of_this_contract(self) -> None:
        assert not (faults := kind_faults(self.kind)), "; ".join(faults)

    def test_has_a_title_for_people(self) -> None:
        assert self.kind.title.strip(), "title is empty: it is what people see in the list of channels"

    def test_imports_only_the_contract(self) -> None:
        foreign = foreign_imports(home_of(type(self.kind).__module__))
        assert not foreign, "a plugin imports jackfield.channel and nothing else of core: " + ", ".join(
            foreign
        )

    def test_declares_its_secrets(self) -> None:
        for field in self.kind.fields:
            looks_secret = field.type == "password" or any(word in field.name for word in SECRET_WORDS)
            assert field.secret or not looks_secret, (
                f"field {field.name} looks like a secret: say secret=True, so that it is encrypted and "
                "kept out of every log"
            )

    def test_lets_clients_go_only_ways_there_are(self) -> None:
        if isinstance(self.kind, LinkedByClients):
            assert not (none := self.kind.client_logins().keys() - self.kind.logins().keys()), (
                f"client_logins() names what logins() has not: {sorted(none)}"
            )

    def test_its_sample_configuration_fits_its_fields(self) -> None:
        fields = {field.name: field for field in self.kind.fields}
        assert not (extra := set(self.config) - set(fields)), f"config has what no field declares: {extra}"
        for name, field in fields.items():
            value = self.config.get(name, field.default)
            assert value or not field.required, f"config lacks the required field {name}"
            assert not field.choices or value in field.choices, f"{name}={value!r} is none of its choices"
            assert not field.secret or not value or len(value) >= 8, (
                f"give {name} a value of eight characters or more: it is looked for in the logs"
            )

    def test_opening_does_no_io(self) -> None:
        async def scene() -> tuple[Channel, FakePort, int]:
            tasks = len(asyncio.all_tasks())
            return *self.open(self.config), len(asyncio.all_tasks()) - tasks

        with no_network() as attempts:
            _, port, tasks = asyncio.run(scene())
        assert not attempts, f"open() connects to {attempts}: leave that to run()"
        assert not port.calls, f"open() uses its port ({port.calls}): leave that to run()"
        assert not tasks, "open() starts a task: only run() works by itself"
