"""Templates: our copy of what the provider has, what of it may be sent, and how one reads when filled."""
