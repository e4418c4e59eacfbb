"""Who is there: sign-in, sessions, API tokens, and what each visitor may see."""
