"""Backup, restore and the move to PostgreSQL: one archive from which either engine can be filled."""
