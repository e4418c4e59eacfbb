"""Searching messages: what of them can be found, by which words, and the pages of what was found."""
