"""Connecting a number with a token: asked, tried against the API, subscribed, done."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import structs
from yarl import URL

from jackfield.channel import (
    Ask,
    BadCredentials,
    ChannelError,
    ChannelId,
    Done,
    Login,
    Port,
    Rejected,
    Step,
)

from .client import GraphClient
from .config import FIELDS, Config
from .errors import NoPermission
from .payload import Node, text

if TYPE_CHECKING:

    def protocols(it: TokenLogin) -> Login:
        return it


STEP = "whatsapp_api.credentials"
NUMERIC = ("phone_number_id", "waba_id", "business_id")
MISSING, NOT_NUMBER, NOT_URL = (f"whatsapp_api.login.{key}" for key in ("missing", "not_number", "not_url"))
WRONG_SECRET, NO_SUCH_NUMBER, NO_SUCH_WABA = (
    f"whatsapp_api.login.{key}" for key in ("wrong_secret", "no_such_number", "no_such_waba")
)
SHOWN = ("display_phone_number", "verified_name")


class Mistake(Exception):
    """What is wrong with the form: field ("" for the whole) → key of the words in the catalogue."""

    def __init__(self, **errors: str) -> None:
        super().__init__(str(errors))
        self.errors = errors


class TokenLogin:
    """One attempt. Nothing is kept between two tries but what was typed."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._asked = _form({"verify_token": secrets.token_urlsafe(24)})

    async def start(self, again: ChannelId | None = None) -> Step:
        """The same form for a new channel and for one whose token ran out."""
        return self._asked

    async def submit(self, values: Mapping[str, str]) -> Step:
        given = {
            field.name: values.get(field.name, "").strip() or field.default for field in self._asked.fields
        }
        try:
            _check(given)
            return await self._try(given)
        except Mistake as mistake:
            self._asked = structs.replace(_form(given), errors=mistake.errors)
            return self._asked

    async def wait(self) -> Step:
        """Nothing happens by itself here."""
        return self._asked

    async def cancel(self) -> None:
        """Nothing is left open between two steps."""

    async def _try(self, given: Mapping[str, str]) -> Done:
        config = Config.read(given)
        client = GraphClient(config, self._port)
        async with client.held():
            number = await _number(client)
            await _prove_secret(client, given)
            await _subscribe(client)
        shown = text(number.get("display_phone_number"))
        stored = {**given, "display_phone_number": given["display_phone_number"] or shown}
        name = text(number.get("verified_name")) or shown or config.phone_number_id
        return Done(name=name, external_id=config.phone_number_id, config=stored)


def _form(typed: Mapping[str, str]) -> Ask:
    """The kind's fields with what was typed; no secret is sent back but the one we made up."""
    return Ask(
        step=STEP,
        fields=tuple(
            structs.replace(field, default=typed.get(field.name) or field.default)
            if not field.secret or field.name == "verify_token"
            else field
            for field in FIELDS
        ),
    )


def _check(given: Mapping[str, str]) -> None:
    """What can be seen without asking anybody."""
    errors = {field.name: MISSING for field in FIELDS if field.required and not given[field.name]}
    errors |= {key: NOT_NUMBER for key in NUMERIC if given[key] and not given[key].isascii()}
    errors |= {key: NOT_NUMBER for key in NUMERIC if given[key] and not given[key].isdigit()}
    if not _is_url(given["api_base"]):
        errors["api_base"] = NOT_URL
    if errors:
        raise Mistake(**errors)


def _is_url(value: str) -> bool:
    try:
        url = URL(value)
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and bool(url.host)


async def _number(client: GraphClient) -> Node:
    """Is the token good, and may it see the number?"""
    try:
        return await client.number(SHOWN)
    except NoPermission as error:
        raise Mistake(access_token="error.no_permission") from error  # noqa: S106  # the field's error
    except BadCredentials as error:
        raise Mistake(access_token="error.bad_credentials") from error  # noqa: S106  # the field's error
    except Rejected as error:
        raise Mistake(phone_number_id=NO_SUCH_NUMBER) from error
    except ChannelError as error:
        raise Mistake(**{"": f"error.{error.code}"}) from error


async def _prove_secret(client: GraphClient, given: Mapping[str, str]) -> None:
    """The API checks a proof made of token and secret: a wrong secret shows now, not at the first webhook."""
    proof = hmac.new(given["app_secret"].encode(), given["access_token"].encode(), hashlib.sha256)
    try:
        await client.number(("id",), {"appsecret_proof": proof.hexdigest()})
    except ChannelError as error:
        if "appsecret_proof" in error.detail:
            raise Mistake(app_secret=WRONG_SECRET) from error
        raise Mistake(**{"": f"error.{error.code}"}) from error


async def _subscribe(client: GraphClient) -> None:
    try:
        await client.subscribe()
    except BadCredentials as error:
        raise Mistake(access_token="error.no_permission") from error  # noqa: S106  # the field's error
    except Rejected as error:
        raise Mistake(waba_id=NO_SUCH_WABA) from error
    except ChannelError as error:
        raise Mistake(**{"": f"error.{error.code}"}) from error
