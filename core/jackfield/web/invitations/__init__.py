"""Invitations: links by which clients connect their own accounts, without an account of ours."""
