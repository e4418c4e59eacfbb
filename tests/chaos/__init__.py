"""Crash and fault tests of the spine: real processes, the provider's simulator, and things that go wrong."""
