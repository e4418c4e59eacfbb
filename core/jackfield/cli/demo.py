"""`jackfield demo`: an inbox that is alive, with a simulated WhatsApp and customers who write."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

import click

from .serve import run_until_done, settings_or_exit


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Default: 8000, or any that is free. 0: any.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep everything here. Default: forget it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON instead of words.")
@click.option("--no-browser", is_flag=True, help="Do not open the page.")
@click.option(
    "--customers/--no-customers",
    default=None,
    help="Customers write by themselves now and then. Default: yes, but not with --json: programs count.",
)
def demo(
    port: int | None, data: Path | None, as_json: bool, no_browser: bool, customers: bool | None
) -> None:
    """Serve a demo until Ctrl+C: two clients, their history, a phone to play the customer with."""
    from jackfield.demo.run import Wish, run

    settings = settings_or_exit()
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    wish = Wish(
        port=port,
        data=data,
        as_json=as_json,
        browser=not (no_browser or as_json),
        customers=not as_json if customers is None else customers,
    )
    with suppress(KeyboardInterrupt):
        try:
            run_until_done(run(settings, wish))
        except OSError as error:
            raise click.ClickException(f"port {port} cannot be had: {error.strerror}") from error
