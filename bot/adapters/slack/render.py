"""Cards as Slack messages and views."""

from dataclasses import dataclass

from bot.adapters.slack import blocks, controls, limits, linear, wording
from bot.adapters.slack.spans import Json, escaped, plain
from bot.view.card import Card


@dataclass(frozen=True, slots=True)
class Message:
    """What chat.postMessage and its relatives take. `text` says everything that the blocks show."""

    text: str
    blocks: tuple[Json, ...]


def message(card: Card, *, key: str = "", lasting: bool = False, pictures: tuple[Json, ...] = ()) -> Message:
    """The card as a message; `key` marks its buttons with the delivery they came in. `pictures` are image blocks.

    A `lasting` one is read for hours, so it says nothing that is true only now.
    """
    buttons = [*pictures, *controls.rows(card, key=key)]
    return Message(text(card), (*_within(_shown(card, lasting), limits.BLOCKS_MESSAGE - len(buttons)), *buttons))


def plain_message(card: Card, *, key: str = "") -> Message:
    """The card in the oldest blocks there are, for when Slack refuses the others. The buttons stay."""
    buttons = controls.rows(card, key=key)
    said = text(card)
    sections = [
        {"type": "section", "text": {"type": "mrkdwn", "text": part, "verbatim": True}}
        for part in _parts(said, limits.SECTION)
    ]
    return Message(said, (*_within(sections, limits.BLOCKS_MESSAGE - len(buttons)), *buttons))


def text(card: Card) -> str:
    """All that the card says, in reading order, escaped: a message's `text` is read as mrkdwn."""
    return limits.cut(escaped("\n".join(linear.lines(card))), limits.TEXT)


def card_blocks(card: Card) -> list[Json]:
    """The card as blocks of a view."""
    buttons = controls.rows(card)
    return [*_within(_shown(card, False), limits.BLOCKS_VIEW - len(buttons)), *buttons]


def _shown(card: Card, lasting: bool) -> list[Json]:
    found = [blocks.header(card.title) if card.blocks or card.context else blocks.sentence(card.title)]
    facts = [fact for fact in card.context if fact.strip()]
    if facts:
        found.append(blocks.context(facts))
    found += blocks.body(card.blocks)
    if plain(card.footer).strip():
        found.append(blocks.footer(card.footer, lasting=lasting))
    return found


def _within(found: list[Json], most: int) -> list[Json]:
    """At most so many blocks; a card that has more ends with a sentence instead of being refused."""
    if len(found) <= most:
        return found
    return [*found[: most - 1], blocks.sentence(wording.MORE)]


def _parts(words: str, longest: int) -> list[str]:
    found: list[str] = []
    for line in words.split("\n"):
        if found and limits.size(found[-1]) + limits.size(line) + 1 <= longest:
            found[-1] += f"\n{line}"
        else:
            found.append(limits.cut(line, longest))
    return [part if part.strip() else "​" for part in found]
