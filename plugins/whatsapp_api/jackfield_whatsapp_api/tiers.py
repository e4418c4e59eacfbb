"""How many people a messaging limit is: the provider says it in several ways."""

from __future__ import annotations

from collections.abc import Mapping

TIERS: Mapping[str, str] = {
    "TIER_50": "50",
    "TIER_250": "250",
    "TIER_1K": "1000",
    "TIER_2K": "2000",
    "TIER_10K": "10000",
    "TIER_100K": "100000",
    "TIER_UNLIMITED": "unlimited",
    "-1": "unlimited",
}
"""How many people may be written to first in 24 hours."""


def people(limit: str) -> str:
    """A messaging limit as how many people it is: "2000", "unlimited"; as it came where it is neither."""
    return TIERS.get(limit.upper(), limit.lower())
