"""A member's own page: today's questions, streaks and places."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.refs import RoundId
from bot.core.scoring import Standing
from bot.view import wording
from bot.view.card import Block, Button, Card, Line, Paragraph, Strong, Style, Text, TimeStyle, When
from bot.view.tokens import ExplainRound, Run, write


@dataclass(frozen=True, slots=True)
class Today:
    """A channel's newest round. `answered` is the letter that the member chose, empty if none."""

    round: RoundId
    closes: datetime
    open: bool
    answered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How a member stands in one channel this week; `place` is None while they have no points or are hidden."""

    channel: str
    zone: ZoneInfo
    standing: Standing
    place: int | None
    points: int
    today: Today | None


def home(places: tuple[Place, ...], *, due: int, now: datetime) -> Card:
    """The page of somebody who has answered before."""
    blocks: list[Block] = [Paragraph(_today(place, now)) for place in places]
    blocks += [Paragraph(_standing(place)) for place in places]
    reviews = f"{wording.count(due, 'review')} due" if due else "No review is due."
    buttons = [
        Button(label="Practise", token=write(Run("quiz")), style=Style.PRIMARY),
        *((Button(label=f"Review {due}", token=write(Run("review"))),) if due else ()),
        Button(label="Mock exam", token=write(Run("exam"))),
    ]
    why = tuple(
        Button(
            label=f"Your answer in {place.channel}",
            token=write(ExplainRound(place.today.round)),
            hint=f"What you chose in {place.channel}, and why it is right or not",
        )
        for place in places
        if place.today is not None and (place.today.answered or not place.today.open)
    )
    return Card(
        title="Your day",
        blocks=tuple(blocks) or (Paragraph((Text(wording.NO_STATS),)),),
        footer=(Text(reviews),),
        rows=(tuple(buttons), *((why[:5],) if why else ())),
    )


def welcome() -> Card:
    """The page of somebody who never answered."""
    return Card(
        title="Welcome",
        blocks=(
            Paragraph((Text(wording.NO_STATS),)),
            Paragraph((Text("Or begin with a few questions of your own; practice is private and never ranks."),)),
        ),
        rows=(
            (
                Button(label="Practise", token=write(Run("quiz")), style=Style.PRIMARY),
                Button(label="Mock exam", token=write(Run("exam"))),
                Button(label="What I can do", token=write(Run("help"))),
            ),
        ),
    )


def _today(place: Place, now: datetime) -> Line:
    name, today = Strong(f"{place.channel}: "), place.today
    if today is None:
        return (name, Text("no question yet."))
    chose = f" You chose {today.answered}." if today.answered else ""
    if not today.open:
        return (name, Text(f"the latest question has closed.{chose or ' You did not answer it.'}"))
    closes = When(today.closes, TimeStyle.FULL, wording.moment(today.closes, place.zone))
    wait = chose or " You haven't answered yet."
    return (name, Text("a question is open until "), closes, Text(f".{wait}"))


def _standing(place: Place) -> Line:
    standing = place.standing
    said = f"{place.channel}: {wording.streak(standing.streak, standing.freezes)}"
    if place.place is not None:
        said += f" · place {place.place} this week with {wording.count(place.points, 'point')}"
    return (Text(said),)
