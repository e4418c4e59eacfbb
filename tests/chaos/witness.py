"""A witness inside PostgreSQL: every lease ever taken and every claim, in the order of their commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import asyncpg
from msgspec import Struct, structs

from .install import Install

# The trigger runs inside the transaction that it watches: what it writes down is what was decided on.
SETUP = """
CREATE TABLE witness_lease (id BIGSERIAL, channel BIGINT, owner TEXT, until BIGINT, at BIGINT);
CREATE TABLE witness_claim (id BIGSERIAL, channel BIGINT, row BIGINT, owner TEXT, holder TEXT, at BIGINT);
CREATE FUNCTION witness_now() RETURNS BIGINT LANGUAGE sql AS
  'SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT';
CREATE FUNCTION witness_lease() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO witness_lease (channel, owner, until, at)
    VALUES (NEW.id, NEW.lease_owner, NEW.lease_until, witness_now());
  RETURN NULL;
END $$;
CREATE FUNCTION witness_claim() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO witness_claim (channel, row, owner, holder, at)
    SELECT id, NEW.id, NEW.owner, lease_owner, witness_now() FROM channel WHERE id = NEW.channel_id;
  RETURN NULL;
END $$;
CREATE TRIGGER witness_lease AFTER UPDATE ON channel FOR EACH ROW
  WHEN (OLD.lease_owner <> NEW.lease_owner OR OLD.lease_until <> NEW.lease_until)
  EXECUTE FUNCTION witness_lease();
CREATE TRIGGER witness_claim AFTER UPDATE ON outbox FOR EACH ROW
  WHEN (OLD.state <> 'sending' AND NEW.state = 'sending') EXECUTE FUNCTION witness_claim();
"""


class Lease(Struct, frozen=True):
    """Whose a channel was from `at`, and until when if nobody renewed it; ms since 1970."""

    channel: int
    owner: str
    until: int
    at: int


async def call_witness(install: Install) -> None:
    """Before anything runs."""
    connection = await asyncpg.connect(install.settings.database)
    try:
        await connection.execute(SETUP)
    finally:
        await connection.close()


async def testimony(install: Install) -> tuple[list[str], dict[str, float]]:
    """What was wrong with leases and claims, and how many there were of both."""
    leases = held(
        Lease(*row)
        for row in await install.rows(
            "SELECT channel, owner, until, at FROM witness_lease ORDER BY channel, id"
        )
    )
    claims = await install.rows("SELECT channel, row, owner, holder FROM witness_claim")
    foreign = [
        f"row {row} of channel {channel} was claimed by {owner}, and {holder!r} had the channel"
        for channel, row, owner, holder in claims
        if owner != holder
    ]
    moved = list(moves(leases))
    return [*taken_too_early(leases), *foreign], {"moves": len(moved), "claims": len(claims)}


def held(leases: Iterable[Lease]) -> list[Lease]:
    """What was given back ends there, and is no lease of nobody's."""
    found: list[Lease] = []
    for lease in leases:
        if lease.owner:
            found.append(lease)
        elif found and found[-1].channel == lease.channel:
            found[-1] = structs.replace(found[-1], until=min(lease.at, found[-1].until))
    return found


def moves(leases: Iterable[Lease]) -> Iterator[tuple[Lease, Lease]]:
    """Each lease that another owner's followed."""
    for one, following in pairwise(leases):
        if one.channel == following.channel and one.owner != following.owner:
            yield one, following


def taken_too_early(leases: Iterable[Lease]) -> list[str]:
    return [
        f"channel {one.channel} was {one.owner}'s for {one.until - following.at} ms more when"
        f" {following.owner} took it"
        for one, following in moves(leases)
        if following.at < one.until
    ]
