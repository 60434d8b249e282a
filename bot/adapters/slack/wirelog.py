"""The logger that is lent to Slack's SDK."""

import logging


def wire_log() -> logging.Logger:
    """A logger with a level of its own, never DEBUG.

    The SDK compares the logger's own level, not the effective one: without it, every call would format whole
    requests and answers for nobody; and at DEBUG they would be in the log, with what members wrote in them.
    """
    log = logging.getLogger("bot.adapters.slack.wire")
    log.setLevel(max(logging.INFO, logging.getLogger().getEffectiveLevel()))
    return log
