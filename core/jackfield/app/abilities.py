"""What a channel has beside its conversations, as words: pages show what is among them."""

from __future__ import annotations

from jackfield.channel import (
    Automates,
    Blocks,
    BringsHistory,
    Channel,
    Counts,
    DesignsTemplates,
    Guarded,
    HasCatalogue,
    HasHealth,
    HasLinks,
    HasProfile,
    HasTemplates,
    Starts,
)


def abilities_of(channel: Channel) -> tuple[str, ...]:
    """The words for the optional protocols that a channel implements, always in the same order."""
    has = {
        "profile": isinstance(channel, HasProfile),
        "catalogue": isinstance(channel, HasCatalogue),
        "links": isinstance(channel, HasLinks),
        "blocks": isinstance(channel, Blocks),
        "automation": isinstance(channel, Automates),
        "figures": isinstance(channel, Counts),
        "templates": isinstance(channel, HasTemplates),
        "design": isinstance(channel, DesignsTemplates),
        "history": isinstance(channel, BringsHistory),
        "starts": isinstance(channel, Starts),
        "protection": isinstance(channel, Guarded),
        "health": isinstance(channel, HasHealth),
    }
    return tuple(word for word, yes in has.items() if yes)
