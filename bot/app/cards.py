"""Last-minute facts and exam tips."""

from collections.abc import Mapping
from datetime import datetime

from bot.core.pack import EXAM_DOMAIN, Pack
from bot.view import plaincards, wording
from bot.view.card import Card
from bot.view.plaincards import notice

MOST = 12
"""Facts on one card: more would not fit every platform."""


def cram(pack: Pack, given: Mapping[str, str]) -> Card:
    """The last-minute facts of a domain; without one, the first of each."""
    domains = [(domain.id, domain.name) for domain in pack.blueprint.domains]
    wanted = given.get("domain")
    if wanted is None:
        facts = [card for domain, _ in domains for card in [c for c in pack.cards if c.domain == domain][:2]]
        return plaincards.cram(pack.short_title, facts[:MOST], domains)
    facts = [card for card in pack.cards if card.domain == wanted]
    return plaincards.cram(dict(domains)[wanted], facts[:MOST], domains)


def tip(pack: Pack, now: datetime) -> Card:
    """One exam tip, another one each time it is asked for."""
    tips = [card for card in pack.cards if card.domain == EXAM_DOMAIN]
    if not tips:
        return notice(wording.NO_TIPS, tone="refused")
    return plaincards.tip(tips[int(now.timestamp()) % len(tips)])
