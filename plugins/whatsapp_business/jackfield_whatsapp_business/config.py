"""What a linked device is configured with: whose it is. Its keys are in its folder and nowhere else."""

from __future__ import annotations

from jackfield.channel import Field

FIELDS: tuple[Field, ...] = (
    Field(name="phone"),
    Field(name="lid", required=False),
    Field(name="business_name", required=False),
)
