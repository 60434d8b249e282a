"""Writes the ready items of a pack in forms that other programs read."""
