"""A scripted stand-in for Trapwise with every card there is, for tests that look at how cards are drawn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from bot.app.actions import Command, Press, Submission
from bot.app.channelview import ChannelView, Post
from bot.app.dispatch import Trapwise
from bot.app.live import Live
from bot.app.space import Joined, NameRefused, Space
from bot.core.errors import StorageError
from bot.core.refs import ChannelRef, MemberRef, Platform, RoundId, WorkspaceRef
from bot.view.card import (
    Attachment,
    Bar,
    Bars,
    Block,
    Bullets,
    Button,
    Card,
    Code,
    CodeBlock,
    Field,
    Fields,
    Form,
    Heading,
    Line,
    Link,
    Mark,
    Menu,
    OptionLine,
    Options,
    Paragraph,
    Reply,
    Strong,
    Style,
    Table,
    Text,
    TimeStyle,
    When,
)

WORKSPACE = WorkspaceRef(Platform.WEB, "local")
CHANNEL = ChannelRef(WORKSPACE, "exam-prep")
CLOSES = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def says(*spans: str) -> Line:
    """A line of text; what stands in backticks is code."""
    return tuple(Code(s[1:-1]) if s.startswith("`") else Text(s) for s in spans)


def par(*spans: str) -> Paragraph:
    """A paragraph."""
    return Paragraph(says(*spans))


STEM: tuple[Block, ...] = (
    par(
        "A column ",
        "`severity`",
        " holds ",
        "`low`",
        ", ",
        "`medium`",
        ", ",
        "`high`",
        " and ",
        "`critical`",
        ". A team encodes it with a fitted ",
        "`StringIndexer`",
        ", using default parameters, so that a linear model can use the natural order.",
    ),
    par("What do they get?"),
)
OPTIONS = (
    ("A", par("Indices that follow the natural order, because the indexer recognises ordered words")),
    ("B", par("Indices by descending frequency, so the order of severity is lost by default")),
    ("C", par("One binary column per level, so that no order is implied to the model")),
    ("D", par("An error at fit time, because a string column needs ", "`OneHotEncoder`", " first")),
)
WHYS = (
    "StringIndexer knows nothing of meaning. It sorts labels by how often they occur, or alphabetically if told to.",
    "The default order is by descending frequency. No setting yields a semantic order.",
    "That is what OneHotEncoder makes, and it takes indices as input.",
    "The order is the other way round. StringIndexer accepts strings and comes before OneHotEncoder.",
)
FACTS = ("ML Associate", "Feature engineering", "trap", "hard")
CODE = (
    "from hyperopt import fmin, tpe, SparkTrials\n\n"
    "best = fmin(fn=objective, space=space, algo=tpe.suggest, max_evals=64, trials=SparkTrials(parallelism=64))\n"
)


def question(number: int, answered: int) -> Card:
    """The open question."""
    return Card(
        title="Trap question · Mon 23 Nov",
        context=FACTS,
        blocks=(*STEM, Options(tuple(OptionLine(letter=x, body=(b,)) for x, b in OPTIONS))),
        footer=(
            Text(f"{answered} people have answered · closes "),
            When(CLOSES, TimeStyle.CLOCK, "17:00 CET"),
            Text(" ("),
            When(CLOSES, TimeStyle.RELATIVE, "in 3 hours"),
            Text(") · only you see how you did"),
        ),
        rows=(tuple(Button(label=x, token=f"tw1:a:{number}:{x}", hint=f"Answer {x}") for x, _ in OPTIONS),),
        tone="open",
    )


def closed(number: int, title: str) -> Card:
    """A question after closing, with a code block in its stem."""
    tally = (2, 7, 0, 3)
    marks = {"B": (Mark.KEY, "the answer"), "D": (Mark.CAUGHT, "caught the most")}
    options = tuple(
        OptionLine(
            letter=x,
            body=(b,),
            mark=marks.get(x, (Mark.NONE, ""))[0],
            note=marks.get(x, (Mark.NONE, ""))[1],
            count=n,
            percent=round(n * 100 / 12),
        )
        for (x, b), n in zip(OPTIONS, tally, strict=True)
    )
    return Card(
        title=f"{title} · closed",
        context=FACTS,
        blocks=(
            *STEM[:1],
            CodeBlock(CODE, "python"),
            *STEM[1:],
            Options(options),
            Paragraph((Strong("The trap: encoder before indexer. "), *says("StringIndexer comes first."))),
        ),
        footer=says("12 answered, 7 got it. Remember: ", "`StringIndexer`", " orders by frequency."),
        rows=(
            (
                Button(
                    label="Why?", token=f"tw1:w:{number}:mine", style=Style.PRIMARY, hint="Why, explained only to you"
                ),
                Button(label="Practise this trap", token="tw1:c:quiz:trap:x", hint="Other questions with this trap"),
                Button(label="Leaderboard", token="tw1:c:leaderboard"),
            ),
        ),
        tone="closed",
    )


def feedback(number: int, letter: str) -> Card:
    """Right or wrong, privately."""
    right = letter == "B"
    reason = Paragraph(
        (
            Strong("Why B: "),
            *says(
                "the default ",
                "`stringOrderType`",
                " is ",
                "`frequencyDesc`",
                ". No setting yields a semantic order, so ordinal data needs a mapping of its own.",
            ),
        )
    )
    trap = Paragraph((Strong("Your trap, “encoder before indexer”: "), *says(WHYS[3])))
    return Card(
        title="Right: B. +12 points (10, and 2 because 2 right days in a row before it)."
        if right
        else f"Not quite: you chose {letter}. The answer is B.",
        blocks=(
            *(() if right else (trap,)),
            reason,
            Paragraph((Strong("Remember: "), *says("StringIndexer orders by frequency."))),
        ),
        footer=(
            Text("Streak 6 days · Feature engineering: 5 of 11, weak · "),
            Link("Docs", "https://spark.apache.org/"),
        ),
        rows=(
            (
                Button(label="Practise this trap", token="tw1:c:quiz:trap:x"),
                Button(label="All options explained", token=f"tw1:w:{number}:all"),
                Button(label="Report a problem", token=f"tw1:p:{number}"),
            ),
        ),
        tone="right" if right else "wrong",
    )


def explained() -> Card:
    """Every option with its rationale."""
    marks = {"B": (Mark.KEY, "the answer"), "D": (Mark.CHOSEN, "your answer")}
    return Card(
        title="All options explained",
        context=FACTS,
        blocks=(
            *STEM,
            Options(
                tuple(
                    OptionLine(
                        letter=x,
                        body=(b,),
                        mark=marks.get(x, (Mark.NONE, ""))[0],
                        note=marks.get(x, (Mark.NONE, ""))[1],
                        why=(par(why),),
                    )
                    for (x, b), why in zip(OPTIONS, WHYS, strict=True)
                )
            ),
        ),
        footer=(Link("Docs", "https://spark.apache.org/"),),
        rows=((Button(label="Report a problem", token="tw1:p:2"),),),
        tone="explained",
    )


def leaderboard(window: str = "week") -> Card:
    """A board with ties, a name in another script, and the reader's own row."""
    rows = (
        ("1", "Ana", "36", "3", "12 days"),
        ("2", "Ben", "21", "2", "3 days"),
        ("2", "أمينة", "21", "2", "9 days"),
        ("4", "Wilhelmina Featherstonehaugh-Cholmondeley", "12", "1", "4 days"),
        ("17", "Cleo (you)", "10", "1", "1 day"),
    )
    return Card(
        title="This week in #exam-prep",
        context=("3 rounds", "17 members"),
        blocks=(
            Table(
                "This week in #exam-prep",
                ("Place", "Name", "Points", "Right", "Streak"),
                rows,
                numeric=frozenset({0, 2, 3, 4}),
                own=4,
            ),
        ),
        footer=says("practice doesn't rank"),
        rows=(
            tuple(
                Button(label=name, token=f"tw1:c:leaderboard:{key}", pressed=key == window)
                for key, name in (("week", "Week"), ("month", "Month"), ("all", "All time"))
            ),
            (
                Button(label="Channel", token="tw1:c:leaderboard:week:channel", pressed=True),
                Button(label="Workspace", token="tw1:c:leaderboard:week:workspace"),
            ),
        ),
    )


def stats() -> Card:
    """Bars in all their states."""
    return Card(
        title="Where you stand · ML Associate",
        context=("64-78 % expected", "pass line 70 %: about even"),
        blocks=(
            Bars(
                "Your domains, weakest first",
                (
                    Bar(
                        label="Feature engineering",
                        share=0.46,
                        low=0.24,
                        high=0.68,
                        text="46 % (5 of 11 right; likely 24 to 68 %)",
                        note="weak",
                    ),
                    Bar(
                        label="Deployment",
                        share=0.71,
                        low=0.5,
                        high=0.9,
                        text="71 % (10 of 14 right; likely 50 to 90 %)",
                        note="fine",
                    ),
                    Bar(
                        label="Training & evaluation",
                        share=0.8,
                        low=0.55,
                        high=1,
                        text="80 % (8 of 10 right; likely 55 to 100 %)",
                        note="fine",
                    ),
                    Bar(
                        label="ML fundamentals",
                        share=None,
                        low=None,
                        high=None,
                        text="not enough yet: 3 answers, 2 more to go",
                    ),
                    Bar(label="MLOps", share=None, low=None, high=None, text="no answer yet"),
                ),
                line=0.7,
                line_label="pass line 70 %",
            ),
            par("Your traps: encoder before indexer (3), forgets folds (2), psi sees concept drift (1)"),
        ),
        footer=says("Streak 6 days (2 freezes) · best 12"),
        rows=(
            (
                Button(label="Practise weakest", token="tw1:c:quiz:features", style=Style.PRIMARY),
                Button(label="Leaderboard", token="tw1:c:leaderboard"),
                Button(label="Hide me from boards", token="tw1:c:settings:hide"),
            ),
        ),
    )


def exam() -> Card:
    """A page of a mock exam, whose answers can be changed."""
    return Card(
        title="Mock exam · question 17 of 45",
        context=("41 min left", "3 flagged", "2 unanswered"),
        blocks=(*STEM, Options(tuple(OptionLine(letter=x, body=(b,)) for x, b in OPTIONS))),
        rows=(
            tuple(
                Button(label=f"{x} ✓" if x == "C" else x, token=f"tw1:e:17:{x}", pressed=x == "C") for x, _ in OPTIONS
            ),
            (
                Button(label="‹ Prev", token="tw1:e:16"),
                Button(label="Next ›", token="tw1:e:18"),
                Button(label="Flag", token="tw1:e:flag"),
                Button(label="Submit", token="tw1:e:done", style=Style.PRIMARY),
            ),
        ),
        menu=Menu(label="Go to", entries=tuple((f"Question {n}", f"tw1:e:{n}") for n in range(1, 25))),
    )


def settings() -> Card:
    """A member's own switches."""
    return Card(
        title="Your settings",
        blocks=(
            Bullets((says("You are shown on leaderboards."), says("You get no reminders."))),
            Heading("What is kept"),
            Fields((("Name", says("Cleo")), ("Answers", says("41 since ", "`2026-10-01`")))),
        ),
        rows=(
            (
                Button(label="Hide me from boards", token="tw1:c:settings:hide"),
                Button(label="Switch reminders on", token="tw1:c:settings:reminders-on"),
            ),
            (
                Button(label="Export my data", token="tw1:c:export-me"),
                Button(label="Forget me", token="tw1:c:forget-me", style=Style.DANGER),
            ),
        ),
    )


def help_card() -> Card:
    """What one can do."""
    return Card(
        title="What you can do here",
        blocks=(
            par("One question is posted each day. Press the letter of your answer; only you see how you did."),
            Bullets(
                (
                    says("`/leaderboard`", "  Who is ahead, and your own place — for example ", "`/leaderboard month`"),
                    says("`/stats`", "  Where you stand in each exam domain"),
                    says("`/tip`", "  One exam tip"),
                )
            ),
        ),
        footer=(Link("Get help", "https://example.org/help"),),
    )


def setup_form(*, error: str = "", time: str = "09:00") -> Form:
    """The longest form there is."""
    return Form(
        title="Daily question",
        token="tw1:c:setup",
        intro="One question is posted in the channel on each of these days.",
        fields=(
            Field(name="time", label="Time", hint="such as 09:00", value=(time,), error=error),
            Field(name="zone", label="Time zone", hint="such as Europe/Berlin", value=("Europe/Berlin",)),
            Field(
                name="days",
                label="Weekdays",
                value=("mon", "tue"),
                many=True,
                choices=tuple((d, d.lower()) for d in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
            ),
            Field(
                name="closes",
                label="Open for",
                value=("480",),
                choices=tuple((f"{n} hours", str(n * 60)) for n in (1, 2, 4, 8, 12, 24)),
            ),
            Field(
                name="reveal",
                label="Members learn whether they were right",
                value=("now",),
                choices=(("right after answering, privately", "now"), ("when the question closes", "at_close")),
            ),
        ),
    )


class FakeTrapwise(Trapwise):
    """Remembers answers; everything else is scripted. `broken` makes every call fail in that way."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.answers: dict[str, str] = {}
        self.others = 7
        self.is_open = True
        self.empty = False
        self.broken: Exception | None = None
        self.seen: list[Press | Command | Submission] = []

    def _check(self, action: Press | Command | Submission | None = None) -> None:
        if action is not None:
            self.seen.append(action)
        if self.broken is not None:
            raise self.broken

    async def press(self, press: Press, *, saved: Callable[[], None] | None = None) -> Reply:
        self._check(press)
        match press.token.split(":")[1:]:
            case ["a", number, letter]:
                first = self.answers.setdefault(press.actor.member.id, letter)
                self.live.changed(CHANNEL)
                if first != letter:
                    said = f"You already chose {first} at 09:14; the first answer counts."
                    return Reply(card=Card(title=said, tone="notice"))
                return Reply(card=feedback(int(number), first))
            case ["w", _, _]:
                return Reply(card=explained())
            case ["c", "leaderboard", *rest]:
                return Reply(card=leaderboard(rest[0] if rest else "week"), replace=True)
            case ["c", "export-me"]:
                return Reply(
                    card=Card(title="Here is everything that is kept about you."),
                    attachments=(Attachment(name="trapwise.json", media_type="application/json", content=b"{}"),),
                )
            case ["e", *_]:
                return Reply(card=exam(), replace=True)
            case ["c", "settings", *_]:
                return Reply(card=settings(), replace=True)
            case _:
                return Reply(card=Card(title="Thank you. Whoever keeps the questions will look at this one."))

    async def command(self, command: Command) -> Reply:
        self._check(command)
        match command.name:
            case "leaderboard":
                return Reply(card=leaderboard())
            case "stats":
                return Reply(card=stats())
            case "settings":
                return Reply(card=settings())
            case "exam":
                return Reply(card=exam())
            case "setup":
                return Reply(form=setup_form())
            case "tip":
                return Reply(
                    card=Card(
                        title="Exam tip",
                        blocks=(par("Read the last sentence of a stem first."),),
                        rows=((Button(label="Another tip", token="tw1:c:tip"),),),
                    )
                )
            case _:
                return Reply(card=help_card())

    async def submit(self, submission: Submission) -> Reply:
        self._check(submission)
        time = dict(submission.values).get("time", ("",))[0]
        if time != "09:00":
            return Reply(form=setup_form(error="Write the time as hours and minutes, such as 09:00.", time=time))
        return Reply(card=Card(title="The first question comes tomorrow at 09:00."))

    async def channel(
        self, channel: ChannelRef, *, viewer: MemberRef | None, before: RoundId | None = None
    ) -> ChannelView:
        self._check()
        if self.empty:
            return ChannelView(
                name="exam-prep",
                posts=(),
                older=None,
                empty="No question here yet.",
                coming="The next question comes Tue 24 Nov, 09:00 CET.",
            )
        own = self.answers.get(viewer.id, "") if viewer else ""
        today = (
            Post(round=RoundId(3), card=question(3, self.others + len(self.answers)), open=True, answered=own)
            if self.is_open
            else Post(round=RoundId(3), card=closed(3, "Trap question · Mon 23 Nov"), open=False, answered=own)
        )
        older = Post(round=RoundId(2), card=closed(2, "Trap question · Fri 20 Nov"), open=False, answered="D")
        oldest = Post(round=RoundId(1), card=closed(1, "Trap question · Thu 19 Nov"), open=False)
        posts = (today, older) if before is None else (oldest,)
        return ChannelView(
            name="exam-prep",
            posts=posts,
            older=RoundId(2) if before is None else None,
            empty="",
            coming="The next question comes Tue 24 Nov, 09:00 CET.",
        )


class FakeSpace(Space):
    """People by name; the first manages. `broken` makes every call fail."""

    def __init__(self) -> None:
        self.workspace = WORKSPACE
        self.people: dict[str, Joined] = {}
        self.broken: StorageError | None = None

    async def join(self, name: str) -> Joined | NameRefused:
        if self.broken is not None:
            raise self.broken
        if any(p.name.casefold() == name.casefold() for p in self.people.values()):
            return NameRefused(f"Somebody here is called {name} already. Choose another name.")
        joined = Joined(MemberRef(WORKSPACE, f"m{len(self.people) + 1}"), name, not self.people)
        self.people[joined.member.id] = joined
        return joined

    async def known(self, member: MemberRef) -> Joined | None:
        if self.broken is not None:
            raise self.broken
        return self.people.get(member.id)

    async def sign_out_everywhere(self, member: MemberRef) -> None:
        self.people[member.id] = replace(self.people[member.id], epoch=f"{self.people[member.id].epoch}x")
