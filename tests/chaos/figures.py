"""What a scenario comes to: figures, and whether anything was lost or doubled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field


class Figures(Struct, frozen=True, kw_only=True):
    """`deliveries`: webhooks answered 200; `written`: messages of customers; `sent`: commands of operators.

    `unknown`: messages that ended as *outcome unknown*, which is neither lost nor doubled. `wrong`: what
    else should not be, each with what a person needs to look into it.
    """

    name: str = ""
    seconds: float = 0
    kills: int = 0
    deliveries: int = 0
    written: int = 0
    sent: int = 0
    unknown: int = 0
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    measured: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)


def together(parts: Iterable[Figures]) -> Figures:
    """The sum of several rounds."""
    total = Figures()
    for part in parts:
        total = Figures(
            kills=total.kills + part.kills,
            deliveries=total.deliveries + part.deliveries,
            written=total.written + part.written,
            sent=total.sent + part.sent,
            unknown=total.unknown + part.unknown,
            lost=total.lost + part.lost,
            doubled=total.doubled + part.doubled,
            wrong=total.wrong + part.wrong,
            measured={**total.measured, **part.measured},
        )
    return total


def line(figures: Figures) -> str:
    """One line for a person, and what is wrong below it."""
    counts = (
        f"{figures.name:<20}{figures.seconds:>6.1f} s {figures.kills:>6}{figures.deliveries:>11}"
        f"{figures.written:>9}{figures.sent:>7}{figures.unknown:>9}{len(figures.lost):>6}"
        f"{len(figures.doubled):>9}  "
    )
    said = ", ".join(f"{name} {value:.4g}" for name, value in figures.measured.items())
    faults = [
        f"    {what}: {one}"
        for what, ones in (("lost", figures.lost), ("doubled", figures.doubled), ("wrong", figures.wrong))
        for one in ones[:20]
    ]
    return "\n".join([counts + said, *faults])


HEAD = (
    f"{'':<20}{'time':>8} {'kills':>6}{'deliveries':>11}{'written':>9}{'sent':>7}"
    f"{'unknown':>9}{'lost':>6}{'doubled':>9}"
)
