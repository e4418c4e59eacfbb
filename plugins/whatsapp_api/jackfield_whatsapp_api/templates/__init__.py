"""Templates as they are made: what the provider says of them, what it is told, what it would refuse."""

from .checking import PROBLEMS, RULES, check, problems
from .desk import TemplateDesk
from .reading import design, record
from .showing import part
from .writing import components, created, edited

__all__ = [
    "PROBLEMS",
    "RULES",
    "TemplateDesk",
    "check",
    "components",
    "created",
    "design",
    "edited",
    "part",
    "problems",
    "record",
]
