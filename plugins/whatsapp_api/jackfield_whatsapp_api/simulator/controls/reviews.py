"""Controls of the review of templates: decisions, scores, categories; whether approval comes by itself."""

from __future__ import annotations

from jackfield_whatsapp_api.simulator import review
from jackfield_whatsapp_api.simulator.model import Json
from jackfield_whatsapp_api.simulator.world import World

from .wish import Gets, Posts, Wish


class Decision(Wish, kw_only=True):
    """`decision`: "approve", "reject", "pause", "flag" … (review.STEPS). The reason may be null."""

    template: str
    decision: str
    reason: str | None = "NONE"


class Lock(Wish, kw_only=True):
    template: str
    locked: bool = True


class Score(Wish, kw_only=True):
    """`quality`: GREEN, YELLOW, RED or UNKNOWN."""

    template: str
    quality: str


class Category(Wish, kw_only=True):
    """`impending`: in a day, not now. `detected`: only a thought of the provider's."""

    template: str
    category: str
    impending: bool = False
    detected: bool = False


class Hold(Wish, kw_only=True):
    """Held: new templates stay PENDING until somebody decides."""

    held: bool = True


def decide(world: World, wish: Decision) -> Json:
    return review.decide(world, wish.template, wish.decision, wish.reason).view()


def categorise(world: World, wish: Category) -> None:
    if wish.detected:
        review.detect(world, wish.template, wish.category.upper())
    else:
        review.recategorise(world, wish.template, wish.category.upper(), impending=wish.impending)


def hold(world: World, wish: Hold) -> None:
    world.state.reviews_held = wish.held


def shown(world: World, _query: object) -> Json:
    """Every template of every account, and what may be decided of it now."""
    return {
        "held": world.state.reviews_held,
        "templates": [
            {
                **one.view(),
                "account": one.account,
                "decisions": [name for name, step in review.STEPS.items() if one.status in step.before],
            }
            for one in world.state.templates.values()
        ],
    }


POSTS: Posts = {
    "templates/review": (Decision, decide),
    "templates/lock": (Lock, lambda w, b: review.lock(w, b.template, locked=b.locked)),
    "templates/quality": (Score, lambda w, b: review.score(w, b.template, b.quality.upper())),
    "templates/category": (Category, categorise),
    "templates/hold": (Hold, hold),
}
GETS: Gets = {"templates": shown}
