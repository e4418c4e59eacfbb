"""What becomes of each kind of event a channel tells: one module per idea, one dispatch over all."""
