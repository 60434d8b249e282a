"""What the files of a pack may hold: every key, limit and set of words, written once."""

from bot.core.item import LETTERS, Difficulty, Kind, Status
from bot.packs.shapes import Choice, Day, Field, ListOf, Number, Record, Text, Values, Word

OPTION_IDS = tuple(LETTERS.lower())
MIN_OPTIONS = 2

ID = Word(
    pattern=r"[a-z0-9]+(-[a-z0-9]+)*",
    maximum=48,  # ids travel in button tokens, and a token has 100 characters
    hint="use small letters and digits joined by single hyphens, such as bagging-variance-1",
)
LINK = Word(
    pattern=r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?([/?#][^\s<>`]*)?",
    maximum=500,
    hint="give a full address that begins with https://",
)
PLACEHOLDER = Word(
    pattern=r"[a-z][a-z0-9_]*",
    maximum=40,
    hint="name placeholders with small letters, digits and underscores, such as sum_total",
)
_LANGUAGE = Word(pattern=r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", maximum=35, hint="give a language tag, such as en or pt-BR")

STEM = Text(maximum=700, markdown=True)
OPTION_TEXT = Text(maximum=180, markdown=True)
WHY = Text(minimum=20, maximum=300, markdown=True)
TAKEAWAY = Text(maximum=120, markdown=True, one_line=True)
_SENTENCE = Text(maximum=300, markdown=True)
_NOTE = Text(maximum=2000)

_IDS = ListOf(of=ID, maximum=40)
_LINKS = ListOf(of=LINK, maximum=20)

_REFERENCES = Field(name="references", shape=_LINKS, about="Official documentation, https only.")
_SOURCES = Field(name="sources", shape=_IDS, about="Ids in facts.yaml that this rests on.")

OPTION = Record(
    (
        Field(name="text", shape=OPTION_TEXT, about="What the reader chooses. Parallel in form and length."),
        Field(
            name="why",
            shape=WHY,
            about="Why it is right or wrong, said to the person who chose it. No letters.",
        ),
        Field(
            name="trap",
            shape=ID,
            about="The misconception behind this distractor: an id in traps.yaml. Never on the key.",
            required=False,
        ),
    )
)

OPTIONS = Record(
    tuple(
        Field(name=letter, shape=OPTION, about=f"Option {letter}.", required=i < MIN_OPTIONS)
        for i, letter in enumerate(OPTION_IDS)
    )
)

ITEM = Record(
    (
        Field(name="id", shape=ID, about="Stable and unique in the pack. It must not hint at the key."),
        Field(name="domain", shape=ID, about="A domain of the blueprint; the file is named after it."),
        Field(name="kind", shape=Choice(tuple(Kind)), about="What the item asks for."),
        Field(name="difficulty", shape=Choice(tuple(Difficulty)), about="How hard you judge it."),
        Field(name="stem", shape=STEM, about="The question, answerable without reading the options."),
        Field(name="options", shape=OPTIONS, about="Two to five options, lettered from a without gaps."),
        Field(name="key", shape=Choice(OPTION_IDS), about="The letter of the one right option."),
        Field(
            name="cases",
            shape=ListOf(of=Values(name=PLACEHOLDER, value=Text(maximum=180), maximum=20), minimum=1, maximum=50),
            about="Rows of values for the {placeholders}; every row has the same names.",
            required=False,
        ),
        Field(name="takeaway", shape=TAKEAWAY, about="The one sentence to remember."),
        _SOURCES,
        _REFERENCES,
        Field(name="checked", shape=Day(), about="When a person last checked it against the references."),
        Field(
            name="status",
            shape=Choice(tuple(Status)),
            about="Only ready items are served; without this key an item is ready.",
            required=False,
        ),
    )
)

TRAP = Record(
    (
        Field(name="id", shape=ID, about="Stable and unique in the pack."),
        Field(name="domain", shape=ID, about="A domain of the blueprint."),
        Field(name="name", shape=Text(maximum=40, one_line=True), about="Short, as read after 'Your trap:'."),
        Field(name="belief", shape=_SENTENCE, about="The wrong belief, as its holder would put it."),
        Field(name="reality", shape=_SENTENCE, about="How it really is."),
        _SOURCES,
    )
)

FACT = Record(
    (
        Field(name="id", shape=ID, about="Stable and unique in the pack."),
        Field(name="domain", shape=ID, about="A domain of the blueprint, or exam."),
        Field(name="kind", shape=ID, about="What sort of entry it is, such as fact, trap or last-minute."),
        Field(name="topic", shape=Text(maximum=200), about="A heading for authors.", required=False),
        Field(name="claim", shape=_NOTE, about="What is true and worth knowing."),
        Field(name="misconception", shape=_NOTE, about="The tempting wrong belief.", required=False),
        Field(name="caution", shape=_NOTE, about="What an item must get right or avoid.", required=False),
        Field(name="references", shape=_LINKS, about="Official documentation, https only.", required=False),
        Field(name="same_as", shape=_IDS, about="Facts that say the same.", required=False),
    )
)

CARD = Record(
    (
        Field(name="id", shape=ID, about="Stable and unique in the pack."),
        Field(name="domain", shape=ID, about="A domain of the blueprint, or exam for an exam tip."),
        Field(name="text", shape=Text(maximum=240, markdown=True), about="One fact to keep in mind."),
        _SOURCES,
        _REFERENCES,
        Field(
            name="status",
            shape=Choice((str(Status.DRAFT), str(Status.READY))),
            about="Only ready cards are shown; without this key a card is ready.",
            required=False,
        ),
    )
)

_PASS = Record(
    (
        Field(name="date", shape=Day(), about="When somebody answered it blind."),
        Field(name="agreed", shape=Choice(("true", "false")), about="Whether the answer was the key."),
        Field(name="note", shape=_NOTE, about="What was changed afterwards.", required=False),
        Field(
            name="text",
            shape=Word(pattern=r"[0-9a-f]{12}", maximum=12, hint="copy the twelve digits that lint names"),
            about="Which wording was answered, as lint names it.",
            required=False,
        ),
    )
)

REVIEW = Record(
    (
        Field(name="id", shape=ID, about="The item."),
        Field(name="passes", shape=ListOf(of=_PASS, minimum=1, maximum=50), about="Blind answers, oldest first."),
    )
)

_DOMAIN = Record(
    (
        Field(name="id", shape=ID, about="Stable; items, traps, facts and cards name it."),
        Field(name="name", shape=Text(maximum=60, one_line=True), about="As shown to readers."),
        Field(name="weight", shape=Number(1, 100), about="Its share of the exam in percent."),
    )
)

_BLUEPRINT = Record(
    (
        Field(name="questions", shape=Number(1, 500), about="Items in a form."),
        Field(name="minutes", shape=Number(1, 1440), about="Time to sit a form."),
        Field(name="pass_percent", shape=Number(1, 100), about="The cut score."),
        Field(name="domains", shape=ListOf(of=_DOMAIN, minimum=1, maximum=20), about="Weights add up to 100."),
    )
)

PACK = Record(
    (
        Field(name="id", shape=ID, about="The name of the pack's folder."),
        Field(name="title", shape=Text(maximum=100, one_line=True), about="The exam's full name."),
        Field(name="short_title", shape=Text(maximum=30, one_line=True), about="Used in card headers."),
        Field(name="language", shape=_LANGUAGE, about="The language of the texts."),
        Field(name="version", shape=Text(maximum=20, one_line=True), about="Raised with each release."),
        Field(name="blueprint", shape=_BLUEPRINT, about="The exam's plan."),
    )
)
