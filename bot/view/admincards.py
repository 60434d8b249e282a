"""Cards for those who manage a channel: setup, schedule, status; and notices when something needs them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.core.schedule import CLOSES_AFTER_MAX, CLOSES_AFTER_MIN, Reveal, Schedule
from bot.core.trouble import Trouble
from bot.view import wording
from bot.view.card import (
    Block,
    Bullets,
    Button,
    Card,
    Field,
    Fields,
    Form,
    Line,
    Paragraph,
    Style,
    Text,
    TimeStyle,
    When,
)
from bot.view.tokens import Run, write

CLOSINGS = (60, 120, 240, 480, 720, 1440)
"""The opening lengths offered in the form, in minutes; a command takes any other."""

LONGEST_CHOICE = 75
"""Characters of a list's entry, by the strictest platform."""

SETUP = "setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a channel is doing. `reported` are items that members found fault with, `troubles` the bot's own."""

    schedule: Schedule
    pack_title: str
    next_at: datetime | None
    rounds: int
    items_left: int
    waiting: int
    reported: Sequence[tuple[str, int]]
    troubles: Collection[Trouble] = ()


def schedule(plan: Schedule, *, pack_title: str, next_at: datetime | None, now: datetime, lead: str = "") -> Card:
    """What is posted in the channel, when, and what one can do about it."""
    blocks: list[Block] = [Paragraph((Text(lead),))] if lead else []
    blocks.append(Fields(_plan(plan, pack_title)))
    if plan.pause is not None:
        blocks.append(Paragraph((Text(f"It is {wording.PAUSES[plan.pause]}."),)))
    turn = (
        Button(label="Resume", token=write(Run("resume")), style=Style.PRIMARY)
        if plan.pause is not None
        else Button(label="Pause", token=write(Run("pause")))
    )
    return Card(
        title="Schedule",
        blocks=tuple(blocks),
        footer=_next(plan, next_at, now),
        rows=(
            (
                Button(label="Change", token=write(Run("setup"))),
                turn,
                Button(label="Skip the next", token=write(Run("skip"))),
                Button(label="Status", token=write(Run("status"))),
            ),
        ),
    )


def status(of: Status, now: datetime) -> Card:
    """Whether all is well in the channel, for those who manage it."""
    pairs = (
        *_plan(of.schedule, of.pack_title),
        ("Questions so far", (Text(str(of.rounds)),)),
        ("Not used yet", (Text(wording.count(of.items_left, "question")),)),
        ("Waiting to be posted", (Text(str(of.waiting) if of.waiting else "nothing"),)),
    )
    blocks: list[Block] = [Fields(pairs)]
    if of.schedule.pause is not None:
        blocks.append(Paragraph((Text(f"It is {wording.PAUSES[of.schedule.pause]}."),)))
    blocks += [Paragraph((Text(wording.TROUBLES[trouble]),)) for trouble in sorted(of.troubles)]
    if of.reported:
        blocks.append(
            Bullets(tuple((Text(f"{item}: reported {wording.count(n, 'time')}"),) for item, n in of.reported[:10]))
        )
    return Card(
        title="Status",
        blocks=tuple(blocks),
        footer=_next(of.schedule, of.next_at, now),
        rows=(
            (
                Button(label="Post now", token=write(Run("post-now")), style=Style.PRIMARY),
                Button(label="Schedule", token=write(Run("schedule"))),
            ),
        ),
    )


def setup_form(
    values: "dict[str, tuple[str, ...]]", *, errors: "dict[str, str]", packs: Sequence[tuple[str, str]] = ()
) -> Form:
    """The inputs of `/trapwise setup`, filled with `values`, errors beside their fields.

    `packs` are the installed ones (title, id), asked for if there is a choice.
    """

    def field(name: str, label: str, hint: str = "", **rest: object) -> Field:
        return Field(
            name=name,
            label=label,
            hint=hint,
            value=values.get(name, ()),
            error=errors.get(name, ""),
            **rest,  # type: ignore[arg-type]  # choices and many only
        )

    # Values come back from a form that anybody could have filled in; `isdigit` also says yes to “²”.
    asked = (int(v) for v in values.get("closes", ()) if re.fullmatch("[0-9]{1,4}", v))
    closings = {*CLOSINGS, *(minutes for minutes in asked if CLOSES_AFTER_MIN <= minutes <= CLOSES_AFTER_MAX)}
    return Form(
        title="Daily question",
        token=write(Run(SETUP)),
        intro="One question is posted in the channel on each of these days.",
        channel=field("channel", "Channel"),
        extra=(
            (field("pack", "Questions from", choices=tuple((_short(title), name) for title, name in packs)),)
            if len(packs) > 1 or "pack" in errors
            else ()
        ),
        fields=(
            field("time", "Time", "such as 09:00"),
            field("zone", "Time zone", "such as Europe/Berlin"),
            field(
                "days",
                "Weekdays",
                choices=tuple((name, name.lower()) for name in wording.DAYS),
                many=True,
            ),
            field(
                "closes",
                "Open for",
                choices=tuple((wording.lasting(m), str(m)) for m in sorted(closings)),
            ),
            field(
                "reveal",
                "Members learn whether they were right",
                choices=tuple((words, reveal.value) for reveal, words in wording.REVEALS.items()),
            ),
        ),
    )


def announcement(name: str, saved: Card) -> Card:
    """What the channel hears when somebody has set it up: who, and what was `saved`. No buttons: few may press them."""
    return Card(title=wording.set_up_by(name), blocks=saved.blocks)


def setup_values(plan: Schedule) -> "dict[str, tuple[str, ...]]":
    """A schedule as the form's values."""
    return {
        "time": (f"{plan.opens:%H:%M}",),
        "zone": (plan.zone.key,),
        "days": tuple(wording.DAYS[n].lower() for n in sorted(plan.weekdays)),
        "closes": (str(plan.closes_after),),
        "reveal": (plan.reveal.value,),
        "pack": (plan.pack,),
    }


def posting_refused(where: str) -> str:
    """The notice when a channel can't be posted to any more."""
    return (
        f"I may not post in {where} any more, so its daily question is paused. "
        "Let me in again, then type /trapwise resume there."
    )


def posting_unshown(where: str) -> str:
    """The notice when a question is taken in no form."""
    return (
        f"Today's question in {where} was refused for how it is laid out, so the daily question there is paused. "
        "Tell whoever runs me: the log says more. Then type /trapwise resume there; another question comes."
    )


def zone_missing(channel: str, zone: str) -> str:
    """The notice when a channel's zone is no longer known to the machine."""
    return (
        f"I no longer know the time zone {zone}, so the daily question in #{channel.lstrip('#')} is paused. "
        "Choose another zone there with /trapwise setup, or tell whoever runs me."
    )


def question_lost(channel: str, day: date) -> str:
    """The notice when a question could not be posted all the time that it would have been open."""
    return (
        f"I couldn't post the question of {wording.day(day)} in #{channel.lstrip('#')}: nothing got through while it "
        "was due. That day is skipped, so nobody's streak suffers. I go on by myself."
    )


def posting_uncertain(where: str) -> str:
    """The notice when nobody can tell whether a post arrived."""
    return (
        f"The connection broke while I posted today's question in {where}, and I can't tell whether it arrived. "
        "If it isn't there, type /trapwise post-now."
    )


def _short(title: str) -> str:
    """A pack's title as a list shows it."""
    return title if len(title) <= LONGEST_CHOICE else f"{title[: LONGEST_CHOICE - 1]}…"


def _plan(plan: Schedule, pack_title: str) -> "tuple[tuple[str, Line], ...]":
    return (
        ("Questions from", (Text(pack_title),)),
        ("Posted at", (Text(f"{plan.opens:%H:%M}, {wording.weekdays(plan.weekdays)}, {plan.zone.key}"),)),
        ("Open for", (Text(wording.lasting(plan.closes_after)),)),
        ("Members learn", (Text(wording.REVEALS[Reveal(plan.reveal)]),)),
    )


def _next(plan: Schedule, next_at: datetime | None, now: datetime) -> Line:
    if next_at is None:
        return (Text("Nothing is due."),)
    return (
        Text("The next question comes "),
        When(next_at, TimeStyle.FULL, wording.moment(next_at, plan.zone)),
        Text(" ("),
        When(next_at, TimeStyle.RELATIVE, wording.ahead(next_at - now)),
        Text(")"),
    )


def coming(next_at: datetime | None, zone: ZoneInfo) -> str:
    """One line on when the next question comes."""
    return f"The next question comes {wording.moment(next_at, zone)}." if next_at else "Nothing is scheduled here yet."
