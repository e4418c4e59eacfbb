"""The migrations of tables.py, one file per change, made by Tortoise's own generator."""
