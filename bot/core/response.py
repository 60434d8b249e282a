"""Responses: the fact that a member chose an option, and when. Append-only; everything else is counted from them."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.core.item import Item
from bot.core.refs import MemberId, RevisionId


class Source(StrEnum):
    """What a response was given in."""

    ROUND = "round"
    ATTEMPT = "attempt"


Given = tuple[Item, str, bool, datetime]
"""What is looked at of many responses at once: the item, the chosen option's id, whether it is right, when."""


class Response(NamedTuple):
    """`source` and `source_id` name the round or attempt; `option` is the option's id in the item's file."""

    source: Source
    source_id: int
    member: MemberId
    revision: RevisionId
    option: str
    right: bool
    at: datetime
