"""The migrations of tables/, one file per change, made by Tortoise's own generator."""
