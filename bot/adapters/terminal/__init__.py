"""Trapwise in a terminal: the same cards as text, pressed by letters and numbers."""
