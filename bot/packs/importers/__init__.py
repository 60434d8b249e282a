"""Reads questions from elsewhere into drafts: what is good is kept, the rest is told by number."""
