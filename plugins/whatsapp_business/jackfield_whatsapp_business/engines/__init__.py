"""Engines: what speaks the network's protocol. Each hears messages as events, and says parts as messages."""
