"""The Graph API: what a business calls."""

from .routes import graph_routes

__all__ = ["graph_routes"]
