"""What a call of the control API is made of: a strict body, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from jackfield_whatsapp_api.simulator.world import World


class Wish(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of a control call; a field that is not known is an error."""


# The answer is JSON; None is {}. A ValueError is answered 422 with its words.
Posts = Mapping[str, tuple[Any, Callable[[World, Any], Any]]]
Gets = Mapping[str, Callable[[World, Mapping[str, str]], Any]]  # with the query
