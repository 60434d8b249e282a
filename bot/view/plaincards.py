"""Cards that are mostly words: notices, help, tips, settings and privacy."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.core.pack import FactCard
from bot.view import markup, wording
from bot.view.card import Bullets, Button, Card, Code, Heading, Line, Link, Paragraph, Style, Text
from bot.view.tokens import Confirm, Run, write


def notice(sentence: str, *, rows: tuple[tuple[Button, ...], ...] = (), tone: str = "notice") -> Card:
    """One sentence."""
    return Card(title=sentence, rows=rows, tone=tone)


def help_card(commands: Iterable[tuple[str, str, str]], *, lead: str = "", support: str = "") -> Card:
    """What one can do: (as typed, what it does, an example or nothing) per command."""
    lines: list[Line] = []
    for typed, summary, example in commands:
        tail: Line = (Text(" — for example "), Code(example)) if example else ()
        lines.append((Code(typed), Text(f"  {summary}"), *tail))
    blocks = (
        *((Paragraph((Text(lead),)),) if lead else ()),
        Paragraph(
            (Text("One question is posted each day. Press the letter of your answer; only you see how you did."),)
        ),
        Bullets(tuple(lines)),
    )
    footer: Line = (Link("Get help", support),) if support else ()
    return Card(title="What you can do here", blocks=blocks, footer=footer)


def hello() -> Card:
    """First contact: what the bot does, and how to begin."""
    return Card(
        title=wording.HELLO,
        blocks=(Paragraph((Text(wording.WHAT_I_DO),)), Paragraph((Text(wording.HOW_TO_BEGIN),))),
        rows=((Button(label="What you can do here", token=write(Run("help"))),),),
    )


def tip(card: FactCard) -> Card:
    """One exam tip."""
    links: Line = (Link("Docs", card.references[0]),) if card.references else ()
    return Card(
        title="Exam tip",
        blocks=(Paragraph(markup.line(card.text)),),
        footer=links,
        rows=((Button(label="Another tip", token=write(Run("tip"))),),),
    )


def review_empty(coming: datetime | None, now: datetime) -> Card:
    """Nothing to review, and what to do instead."""
    when = f" The next comes {wording.ahead(coming - now)}." if coming else " Answer some questions first."
    return Card(
        title=f"Nothing is due for review.{when}",
        rows=((Button(label="Practise something new", token=write(Run("quiz")), style=Style.PRIMARY),),),
    )


def cram(title: str, cards: Sequence[FactCard], domains: Sequence[tuple[str, str]]) -> Card:
    """Last-minute facts, with a button for each domain (id, name)."""
    return Card(
        title=f"Last-minute facts · {title}",
        blocks=(Bullets(tuple(markup.line(card.text) for card in cards)),),
        rows=(tuple(Button(label=name, token=write(Run("cram", (domain,)))) for domain, name in domains[:5]),),
    )


def settings(*, hidden: bool, reminders: bool | None, extended: bool, lead: str = "") -> Card:
    """A member's own switches. `reminders` is None where the platform can't send any."""
    reminded = {True: "You get a private reminder an hour before a question closes.", False: "You get no reminders."}
    said = (
        "You are hidden from leaderboards; only you see your place." if hidden else "You are shown on leaderboards.",
        *((reminded[reminders],) if reminders is not None else ()),
        "You have one and a half times the time in mock exams." if extended else "You have the usual time in exams.",
    )
    return Card(
        title="Your settings",
        blocks=(
            *((Paragraph((Text(lead),)),) if lead else ()),
            Bullets(tuple((Text(words),) for words in said)),
        ),
        rows=(
            (
                Button(
                    label="Show me on boards" if hidden else "Hide me from boards",
                    token=write(Run("settings", ("show" if hidden else "hide",))),
                ),
                *((_reminder_switch(on=reminders),) if reminders is not None else ()),
                Button(
                    label="Usual time in exams" if extended else "More time in exams",
                    token=write(Run("settings", ("usual-time" if extended else "extended-time",))),
                ),
            ),
            (
                Button(label="What is kept about me", token=write(Run("privacy"))),
                Button(label="Export my data", token=write(Run("export-me"))),
                Button(label="Forget me", token=write(Run("forget-me")), style=Style.DANGER),
            ),
        ),
    )


def _reminder_switch(*, on: bool) -> Button:
    return Button(
        label="Switch reminders off" if on else "Switch reminders on",
        token=write(Run("settings", ("reminders-off" if on else "reminders-on",))),
    )


def privacy(*, policy: str = "") -> Card:
    """What is kept about a member, why, and what they can do."""
    kept = (
        "your name as shown here and your id on this platform, to show you your own results and the leaderboard",
        "each answer you gave: the question, the option and when, to find what you should practise",
        "points, streak and domain counts, which are counted from those answers",
        "questions you reported",
    )
    return Card(
        title="What is kept about you",
        blocks=(
            Bullets(tuple((Text(words),) for words in kept)),
            Heading("Who sees it"),
            Paragraph(
                (
                    Text(
                        "What you chose is shown to nobody but you. Leaderboards show names and points; you can hide. "
                        "Counts of a closed question name nobody. I don't read messages."
                    ),
                )
            ),
            Heading("How long"),
            Paragraph((Text("Until you ask me to forget you, or this workspace removes me."),)),
        ),
        footer=(Link("Privacy policy", policy),) if policy else (),
        rows=(
            (
                Button(label="Export my data", token=write(Run("export-me"))),
                Button(label="Forget me", token=write(Run("forget-me")), style=Style.DANGER),
            ),
        ),
    )


def forget_question(answers: int) -> Card:
    """Asks before a member is forgotten."""
    return Card(
        title="Delete everything that is kept about you?",
        blocks=(
            Paragraph(
                (
                    Text(
                        f"This deletes your {wording.count(answers, 'answer')}, points, streak and place on the "
                        "boards. It can't be undone. Export first if you want a copy."
                    ),
                )
            ),
        ),
        rows=(
            (
                Button(label="Delete everything", token=write(Confirm("forget-me")), style=Style.DANGER),
                Button(label="Export my data", token=write(Run("export-me"))),
            ),
        ),
    )
