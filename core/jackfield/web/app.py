"""The web part of one process: every route, and what lies around them all."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware

from jackfield.plugins import pages

from . import health, hooks, media, problems
from .api import routes as api
from .auth import routes as auth
from .auth.door import Door
from .auth.sessions import SignIn
from .headers import KnownHosts, SecurityHeaders
from .invitations import routes as links
from .metrics import Counted
from .parts import Parts
from .problems import LastResort
from .site import WebSite


def create_app(parts: Parts) -> Starlette:
    """Everything that is reached by HTTP. `parts.routes` come before the pages of plugins."""
    settings, translate = parts.settings, parts.translate
    door = Door(parts.store, settings, parts.visits)
    sign_in = SignIn(parts.store, parts.bus, settings, parts.passwords, parts.limits)
    routes = [
        *hooks.routes(parts),
        *api.routes(parts, door),
        *media.routes(parts, door),
        *auth.routes(parts, door, sign_in),
        *links.routes(parts),
        *health.routes(parts, door),
        *parts.routes,
        *pages(parts.plugins, WebSite(parts, door)),
    ]
    middleware = [  # from the outside in
        Middleware(SecurityHeaders, settings),
        Middleware(Counted, parts.metrics),
        Middleware(KnownHosts, settings, translate),
        Middleware(LastResort, translate),
    ]
    return Starlette(routes=routes, middleware=middleware, exception_handlers=problems.handlers(translate))
