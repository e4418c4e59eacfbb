"""`jackfield whatsapp-api simulator`: the Cloud API on one's own machine, with a phone to play on."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from . import asking
from .asking import Refused

if TYPE_CHECKING:
    from .simulator import Fault, Number, Simulator


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
    faults: list[Fault]
    seed: int
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
@click.option(
    "--scenario", default="", metavar="NAME", help="What goes wrong; or @FILE with a list of faults."
)
@click.option("--seed", default=0, help="Of the scenario's luck.")
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
    scenario: str,
    seed: int,
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
        faults=_faults(scenario),
        seed=seed,
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
        sim.scenario("", *wish.faults, seed=wish.seed)
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


def _faults(scenario: str) -> list[Fault]:
    """Raises BadParameter for a scenario that is none, or a file that cannot be read."""
    from .simulator import scenarios

    try:
        if scenario.startswith("@"):
            return scenarios.read(asking.wish([scenario]))
        return scenarios.ready(scenario) if scenario else []
    except (ValueError, Refused) as error:
        raise click.BadParameter(str(error), param_hint="--scenario") from error


@whatsapp_api.command()
@click.argument("address")
@click.argument("call")
@click.argument("words", nargs=-1)
def control(address: str, call: str, words: tuple[str, ...]) -> None:
    """Ask a running simulator at ADDRESS: CALL is one of its control API.

    WORDS are name=value, one {…}, or one @FILE of JSON. For example:

    \b
    control http://127.0.0.1:4000 state
    control http://127.0.0.1:4000 clock forward=90000
    control http://127.0.0.1:4000 scenario name="rush hour" seed=7
    control http://127.0.0.1:4000 script type=refuse code=131042 times=3
    control http://127.0.0.1:4000 record
    """
    try:
        answer = asyncio.run(asking.ask(address, call, words))
    except Refused as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


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
