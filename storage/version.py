"""The schema version this program works with, kept apart so that opening a current database imports no migrations."""

LATEST = 10
"""How many migrations there are in schema.py; a test compares them. Stored in each database as user_version."""
