"""A channel as a page: its rounds as cards, for platforms that draw the channel themselves."""

from dataclasses import dataclass
from datetime import datetime

from bot.app.ports import Tx
from bot.app.records import Channel
from bot.app.services import Services
from bot.core import dates
from bot.core.refs import MemberId, RoundId
from bot.core.response import Source
from bot.core.round import State
from bot.view import admincards, roundcards, wording
from bot.view.card import Card
from bot.view.roundcards import Shown

PAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One round's public card. `answered` is the letter the viewer chose, empty if none."""

    round: RoundId
    card: Card
    open: bool
    answered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """Newest first. `older` is the round to ask for the page before, None at the beginning.

    `empty` is the sentence to show when there is no post yet; `coming` tells when the next one is due.
    """

    name: str
    posts: tuple[Post, ...]
    older: RoundId | None
    empty: str
    coming: str


def view(
    tx: Tx,
    services: Services,
    channel: Channel | None,
    *,
    viewer: MemberId | None,
    before: RoundId | None,
    now: datetime,
) -> ChannelView:
    """One page of the channel's posted rounds; an empty one for a channel in which nothing ever happened."""
    if channel is None:
        return ChannelView(
            name="",
            posts=(),
            older=None,
            empty=wording.NOTHING_POSTED,
            coming=admincards.coming(None, services.default_zone),
        )
    workspace = channel.workspace
    schedule = tx.schedules.get(workspace, channel.id)
    zone = schedule.zone if schedule else services.default_zone
    rounds = tx.rounds.recent(workspace, channel.id, before=before, limit=PAGE + 1)
    posts = []
    for round_ in rounds[:PAGE]:
        if round_.message is None:
            continue
        shown = Shown(round_, services.pack(round_.item.pack), zone)
        open_ = round_.state is State.OPEN
        if open_:
            card = roundcards.question(shown, tx.responses.count(workspace, round_.id), now)
        else:
            card = roundcards.reveal(shown, tx.rounds.tally(workspace, round_.id))
        own = tx.responses.get(workspace, Source.ROUND, round_.id, viewer) if viewer is not None else None
        posts.append(Post(round=round_.id, card=card, open=open_, answered=round_.letter(own.option) if own else ""))
    coming = dates.next_due(schedule, now) if schedule else None
    return ChannelView(
        name=channel.name,
        posts=tuple(posts),
        older=rounds[PAGE - 1].id if len(rounds) > PAGE else None,
        empty=wording.NOTHING_POSTED,
        coming=admincards.coming(coming, zone),
    )
