"""Two made-up businesses and what their customers said lately: the demo's past and its life."""

from .live import live
from .past import Story, find, load, recall, settle

__all__ = ["Story", "find", "live", "load", "recall", "settle"]
