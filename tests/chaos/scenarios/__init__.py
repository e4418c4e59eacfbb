"""The scenarios, each a function from a wish to figures."""
