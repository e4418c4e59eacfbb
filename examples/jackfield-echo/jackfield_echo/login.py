"""Connecting a channel: one form, and done."""

from __future__ import annotations

from collections.abc import Mapping

from jackfield.channel import Ask, ChannelId, Done, Field, Rejected, Step

SECRET_MIN = 8  # characters

FIELDS = (Field(name="name"), Field(name="secret", type="password", secret=True))


class EchoLogin:
    """Asks for what the line is called and for the secret that signs its webhooks."""

    async def start(self, again: ChannelId | None = None) -> Step:
        return self._ask({})

    async def submit(self, values: Mapping[str, str]) -> Step:
        name, secret = values.get("name", "").strip(), values.get("secret", "")
        errors: dict[str, str] = {}
        if not name:
            errors["name"] = "missing"
        if len(secret) < SECRET_MIN:
            errors["secret"] = "too_short" if secret else "missing"
        if errors:
            return self._ask(errors)
        return Done(name=name, external_id=name, config={"name": name, "secret": secret})

    async def wait(self) -> Step:
        raise Rejected("this login waits for nobody but the person at the form")

    async def cancel(self) -> None:
        """Nothing was begun."""

    def _ask(self, errors: Mapping[str, str]) -> Step:
        return Ask(step="echo.form", fields=FIELDS, errors=errors)
