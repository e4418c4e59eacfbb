"""Protection: what keeps an account from being shut out by its network, for every channel that wants it."""
