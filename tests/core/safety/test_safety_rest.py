"""Every operation of the API under generated requests, good and bad, through real doors."""
# pyright: reportUnknownMemberType=false, reportUnknownParameterType=false, reportMissingTypeArgument=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false
# (schemathesis leaves the parameters of its generic classes open)

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import pytest
import schemathesis
from asking import everything
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_truth import DOCUMENT
from safety_world import House
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 3  # of each kind of request to each operation
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NOTHING = (Unsatisfiable,)
SLOW = {"wait_login"}  # answers when somebody has done something, or after half a minute
LAST = {"remove_channel", "disable_operator", "remove_member", "change_channel"}
"""What the others need is taken away by these: they are asked with ids of nothing only."""


class Api:
    """The API as a stranger to its code asks it: by its document."""

    def __init__(self, url: str, headers: Mapping[str, str], ids: Mapping[str, str]) -> None:
        self._headers, self._ids = headers, ids
        self._schema = schemathesis.openapi.from_dict(cast("dict[str, Any]", DOCUMENT))
        self._schema.config.update(base_url=url)
        self.asked = 0

    def ask_everything(self, mode: GenerationMode) -> None:
        for found in self._schema.get_all_operations():
            operation = cast("Any", found).ok()
            if operation.definition.raw["operationId"] not in SLOW:
                self._ask(operation, mode)

    def _ask(self, operation: APIOperation, mode: GenerationMode) -> None:
        name = operation.definition.raw["operationId"]
        real = {} if name in LAST else self._ids

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            self._once(case)
            for part in ("path_parameters", "query", "body"):
                setattr(case, part, named(getattr(case, part), real))
            self._once(case)

        with suppress(*NOTHING):
            ask()

    def _once(self, case: schemathesis.Case) -> None:
        answer = case.call(headers=dict(self._headers))
        case.validate_response(answer, checks=CHECKS)
        self.asked += 1


def named(value: Any, ids: Mapping[str, str]) -> Any:
    """The same with ids that exist wherever a field is called after what it names."""
    if not isinstance(value, dict):
        return value
    found = cast("dict[str, Any]", value)
    words = {name: WORDS.get(name, name) for name in found}
    return {**found, **{name: ids[word] for name, word in words.items() if word in ids}}


WORDS = {"conv": "conversation", "ws": "workspace", "into": "contact", "gone": "contact", "to": "operator"}


@pytest.mark.filterwarnings(
    "ignore:Do not use the .random. module:hypothesis.errors.HypothesisDeprecationWarning"
)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
async def test_every_operation_answers_generated_requests_as_it_is_documented(
    house: House, mode: GenerationMode
) -> None:
    """By schemathesis: with ids of nothing and with real ones; by one who may do everything.

    The server runs beside it in another thread and rolls its own dice, which it takes for the strategy's.
    """
    for person in ("ada", "bob"):
        await house.hear(house.alpha, person)
    owner = (await house.signed_in("owner@alpha.example")).http
    ids = await everything(owner, house.alpha)
    headers = {name: owner.headers[name] for name in ("Origin", "X-CSRF-Token")}
    headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())
    api = Api(house.url, headers, ids)
    await asyncio.to_thread(api.ask_everything, mode)
    assert api.asked > 200
    assert (await owner.get("/api/v1/me")).status_code == 200
