"""Trapwise: a quiz bot for teams that prepare for a certification exam in the chat they already use."""

__version__ = "0.1.0"
