"""A small made-up exam about tea, for transcripts that people read."""

from pathlib import Path

from tests.support.packs import Entry, card_entry, fact_entry, item_entry, option, pack_entry, trap_entry, write_pack

LEAF = "one-plant-per-colour"
HEAT = "boiling-for-all"


def write_tea_pack(content: Path) -> Path:
    """Write the pack to a content folder; six items in two domains."""
    domains = [{"id": "leaf", "name": "Leaf", "weight": "50"}, {"id": "brewing", "name": "Brewing", "weight": "50"}]
    blueprint = {"questions": "4", "minutes": "10", "pass_percent": "70", "domains": domains}
    pack = pack_entry(title="Certified Tea Taster", short_title="Tea Taster", blueprint=blueprint)
    traps = [
        trap_entry(
            LEAF,
            domain="leaf",
            name="one plant per colour",
            belief="Green and black tea come from different plants.",
            reality="All true tea comes from `Camellia sinensis`; oxidation makes the colour.",
        ),
        trap_entry(
            HEAT,
            domain="brewing",
            name="boiling water for all",
            belief="Tea is always brewed with boiling water.",
            reality="Green tea turns bitter above about 80 degrees.",
        ),
    ]
    return write_pack(
        content,
        pack=pack,
        items={"leaf": [_leaf(n) for n in range(1, 4)], "brewing": [_brewing(n) for n in range(1, 4)]},
        traps=traps,
        facts=[fact_entry(domain="leaf")],
        cards=[
            card_entry(text="Smell before you taste."),
            card_entry("card-2", domain="leaf", text="Oolong is between."),
        ],
    )


def _leaf(number: int) -> Entry:
    sort = ("black", "white", "oolong")[number - 1]
    return item_entry(
        f"leaf-{number}",
        domain="leaf",
        kind="trap",
        stem=f"What makes {sort} tea differ from green tea?",
        options={
            "a": option("The plant", why="There is only one plant for both.", trap=LEAF),
            "b": option("The oxidation", why="Leaves that oxidise darken, and taste of more."),
            "c": option("The country", why="Both are made in the same countries."),
            "d": option("The cup", why="A cup changes nothing about the leaf."),
        },
        takeaway="One plant, many ways to treat it.",
        references=["https://example.org/tea/oxidation"],
    )


def _brewing(number: int) -> Entry:
    minutes = number + 1
    return item_entry(
        f"brewing-{number}",
        domain="brewing",
        kind="scenario",
        difficulty="medium",
        stem=(
            "A timer runs this plan for green tea:\n\n"
            f"```python\nkettle.heat(100)\ntea.steep(minutes={minutes})\n```\n\n"
            "What comes out?"
        ),
        options={
            "a": option("A bitter cup", why="At 100 degrees more of the bitter matter is drawn."),
            "b": option("A mild cup", why="Mild needs about 75 degrees, so `heat(75)`.", trap=HEAT),
            "c": option("A cold cup", why="The water has just boiled."),
        },
        key="a",
        takeaway="Cooler water for greener leaves.",
        references=["https://example.org/tea/heat"],
    )
