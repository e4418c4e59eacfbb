"""`jackfield whatsapp-api simulator`: the Cloud API on one's own machine, with a phone to play on."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from msgspec import Struct

if TYPE_CHECKING:
    from .simulator import Number, Simulator


class Wish(Struct, frozen=True, kw_only=True):
    """What the command line asks for; "" leaves it to the simulator."""

    host: str
    port: int
    webhook: str
    app_secret: str
    verify_token: str
    token: str
    phone_number_id: str
    waba_id: str
    as_json: bool
    customers: bool
    allowed_hosts: tuple[str, ...]


@click.group("whatsapp-api")
def whatsapp_api() -> None:
    """The WhatsApp Business API."""


@whatsapp_api.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0: any that is free.")
@click.option("--webhook", default="", metavar="URL", help="Where the webhooks go.")
@click.option("--app-secret", default="", help="Signs the webhooks. Default: a fresh one.")
@click.option("--verify-token", default="", help="Sent when an address is verified. Default: a fresh one.")
@click.option("--token", default="", help="The access token. Default: a fresh one.")
@click.option("--phone-number-id", default="", help="Default: a fresh one.")
@click.option("--waba-id", default="", help="The WhatsApp Business Account. Default: a fresh one.")
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="HOST:PORT",
    help="A name under which the phone page may be opened beside the address listened on.",
)
@click.option("--customers", is_flag=True, help="Customers write by themselves now and then.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON instead of words.")
def simulator(  # noqa: PLR0917  # the command line's own names, by keyword
    host: str,
    port: int,
    webhook: str,
    app_secret: str,
    verify_token: str,
    token: str,
    phone_number_id: str,
    waba_id: str,
    allowed_hosts: tuple[str, ...],
    customers: bool,
    as_json: bool,
) -> None:
    """Run a Cloud API simulator until Ctrl+C, with one business and a dozen customers."""
    for name, value in (("--phone-number-id", phone_number_id), ("--waba-id", waba_id)):
        if value and not value.isdecimal():
            raise click.BadParameter("must be digits, as the provider's ids are", param_hint=name)
    if webhook and not webhook.startswith(("http://", "https://")):
        raise click.BadParameter("must be an http(s) address", param_hint="--webhook")
    wish = Wish(
        host=host,
        port=port,
        webhook=webhook,
        app_secret=app_secret,
        verify_token=verify_token,
        token=token,
        phone_number_id=phone_number_id,
        waba_id=waba_id,
        as_json=as_json,
        customers=customers,
        allowed_hosts=allowed_hosts,
    )
    try:
        asyncio.run(run(wish))
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror or error}") from error


async def run(wish: Wish) -> None:
    """Serve until SIGINT or SIGTERM."""
    from .simulator import Callback, Settings, Simulator, stories
    from .simulator.ids import trace

    settings = Settings(allowed_hosts=wish.allowed_hosts)
    verify_token = wish.verify_token or trace()
    settings.app_secret = wish.app_secret or settings.app_secret
    if wish.webhook:
        settings.callback = Callback(url=wish.webhook, verify_token=verify_token)
    story = stories.load("en")
    async with Simulator.start(settings, host=wish.host, port=wish.port) as sim:
        number = stories.settle(
            sim, story, number_id=wish.phone_number_id, account_id=wish.waba_id, token=wish.token
        )
        said = description(sim, number, verify_token)
        click.echo(json.dumps(said) if wish.as_json else words(said))
        async with asyncio.TaskGroup() as group:
            living = group.create_task(stories.live(sim, number, story)) if wish.customers else None
            await _told_to_end()
            if living:
                living.cancel()


def description(sim: Simulator, number: Number, verify_token: str) -> dict[str, str]:
    """Everything a business needs to talk to this simulator."""
    first = next(iter(sim.customers.values()))
    return {
        "api_base": sim.url,
        "phone_number_id": number.id,
        "waba_id": number.account,
        "access_token": sim.token_of(number),
        "app_secret": sim.settings.app_secret,
        "verify_token": verify_token,
        "webhook": sim.settings.callback.url if sim.settings.callback else "",
        "phone": sim.phone_page(number, first),
    }


def words(said: dict[str, str]) -> str:
    lines = [f"  {name:<16} {value or '-'}" for name, value in said.items()]
    return "\n".join(["", *lines, "", "  Ctrl+C ends it.", ""])


async def _told_to_end() -> None:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    try:
        await end.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def commands() -> Sequence[click.Command]:
    return (whatsapp_api,)
