"""Slack: the daily question, private feedback, commands, setup and the Home tab."""
