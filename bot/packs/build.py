"""Turns checked trees into the values of bot.core. Called only when a pack has no fault."""

from datetime import date

from bot.core.blueprint import Blueprint, Domain
from bot.core.item import Difficulty, Item, Kind, Option, Status
from bot.core.pack import Fact, FactCard, Trap
from bot.packs.yamltree import Mapping


def build_blueprint(tree: Mapping) -> Blueprint:
    """The `blueprint` of pack.yaml."""
    return Blueprint(
        questions=int(tree.text("questions")),
        minutes=int(tree.text("minutes")),
        pass_percent=int(tree.text("pass_percent")),
        domains=tuple(Domain(d.text("id"), d.text("name"), int(d.text("weight"))) for d in tree.mappings("domains")),
    )


def build_item(tree: Mapping, *, pack: str) -> Item:
    """One entry of items/<domain>.yaml."""
    options = tree.mapping("options")
    return Item(
        id=tree.text("id"),
        pack=pack,
        domain=tree.text("domain"),
        kind=Kind(tree.text("kind")),
        difficulty=Difficulty(tree.text("difficulty")),
        stem=tree.text("stem"),
        options=tuple(_option(letter.text, options.mapping(letter.text)) for letter, _ in options.entries),
        key=tree.text("key"),
        takeaway=tree.text("takeaway"),
        sources=_texts(tree, "sources"),
        references=_texts(tree, "references"),
        checked=date.fromisoformat(tree.text("checked")),
        status=Status(_optional(tree, "status") or Status.READY),
        cases=tuple(
            tuple((name.text, row.text(name.text)) for name, _ in row.entries) for row in tree.mappings("cases")
        ),
    )


def build_trap(tree: Mapping) -> Trap:
    """One entry of traps.yaml."""
    return Trap(
        id=tree.text("id"),
        domain=tree.text("domain"),
        name=tree.text("name"),
        belief=tree.text("belief"),
        reality=tree.text("reality"),
        sources=_texts(tree, "sources"),
    )


def build_fact(tree: Mapping) -> Fact:
    """One entry of facts.yaml; `topic` and `same_as` are for authors and stay there."""
    return Fact(
        id=tree.text("id"),
        domain=tree.text("domain"),
        kind=tree.text("kind"),
        claim=tree.text("claim"),
        misconception=_optional(tree, "misconception"),
        caution=_optional(tree, "caution"),
        references=_texts(tree, "references"),
    )


def build_card(tree: Mapping) -> FactCard:
    """One entry of cards.yaml."""
    return FactCard(
        id=tree.text("id"),
        domain=tree.text("domain"),
        text=tree.text("text"),
        sources=_texts(tree, "sources"),
        references=_texts(tree, "references"),
    )


def is_draft(tree: Mapping) -> bool:
    """Whether an entry that has no place for its status in memory is marked as a draft."""
    return _optional(tree, "status") == Status.DRAFT


def _option(letter: str, tree: Mapping) -> Option:
    return Option(letter, tree.text("text"), tree.text("why"), _optional(tree, "trap"))


def _optional(tree: Mapping, key: str) -> str | None:
    found = tree.scalar(key)
    return found.text.strip() if found else None


def _texts(tree: Mapping, key: str) -> tuple[str, ...]:
    return tuple(found.text.strip() for found in tree.scalars(key))
