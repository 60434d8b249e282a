"""Pages of exam notes become cards, traps and unfinished items, whatever their layout."""

from bot.core.item import Kind
from bot.packs.importers.drafts import Imported
from bot.packs.importers.notes import read_notes_page
from tests.support.exam_notes import BULLETED, PLAIN


def read(text: str) -> Imported:
    return read_notes_page(text.encode())


def test_a_page_with_bullets() -> None:
    found = read(BULLETED)
    assert [(card.domain, card.text) for card in found.cards] == [
        ("Clay and Basics", "Stoneware is fired at about 1200 degrees."),
        ("Clay and Basics", "Wedging drives air out of the clay and makes it even."),
        ("Practice", "`cone 6` is about 1220 degrees"),
    ]
    assert [(trap.belief, trap.reality) for trap in found.traps] == [
        ("A thicker wall dries faster.", "A thicker wall dries more slowly, and cracks if it is hurried."),
        ("Glaze sticks to any surface.", "Glaze runs off a surface that was touched with oily hands."),
    ]
    pairs = [item for item in found.items if item.kind is Kind.PAIR]
    assert [(pair.stem, pair.options[pair.key].text) for pair in pairs] == [
        (
            "What is the difference between Slip and Slurry?",
            "slip is smooth and used to decorate, slurry is used to join pieces",
        )
    ]
    scenarios = [item for item in found.items if item.kind is Kind.SCENARIO]
    assert [(item.domain, item.stem, [o.text for o in item.options[:2]]) for item in scenarios] == [
        (
            "Practice",
            "A pot cracks while it dries. What helps?",
            ["Dry it under a cloth.", "Put it into the sun."],
        ),
        (
            "Practice",
            "A lid sticks after the firing. What was forgotten?",
            ["Wax on the rim.", "A second firing."],
        ),
    ]
    assert [(row.number, row.sentence.partition(";")[0]) for row in found.bad] == [
        (1, "stands under no heading that is known, such as Common Traps"),
        (15, "is no trap with its reality"),
    ]


def test_a_page_of_paragraphs() -> None:
    found = read(PLAIN)
    assert [(card.domain, card.text) for card in found.cards] == [
        ("CLAY & BASICS", "Earthenware stays porous unless it is glazed."),
        ("CLAY & BASICS", "Bone-dry clay is called greenware."),
        ("CLAY & BASICS", "Wet hands, dry tools."),
        ("CLAY & BASICS", "Glossary"),
        ("CLAY & BASICS", "A line that stands under a heading nobody knows."),
    ]
    assert [(trap.belief, trap.reality) for trap in found.traps] == [
        ("The kiln may be opened at 300 degrees.", "Open it below 100 degrees, else the glaze crazes."),
        ("Every clay shrinks alike.", "Shrinkage differs from clay to clay."),
    ]
    by_kind = {item.kind: item for item in found.items}
    assert by_kind[Kind.SCENARIO].options[1].text == "Use a thicker coat."
    assert by_kind[Kind.PAIR].stem == "What is the difference between Bisque and glost?"
    assert found.bad == ()


def test_a_trap_comes_with_an_item_that_sets_it() -> None:
    found = read("Common Traps\n- Up is down -> Up is up\n")
    (item,) = found.items
    assert (item.kind, item.key) == (Kind.TRAP, 0)
    assert [(o.text, o.trap) for o in item.options[:2]] == [("Up is up", None), ("Up is down", 0)]


def test_a_percentage_in_a_fact_is_no_heading() -> None:
    found = read(
        "Must-Know Facts\n- Clay loses up to 12 % of its size when it is fired.\n- A glaze may hold up to 40 %\n"
    )
    assert [card.text for card in found.cards] == [
        "Clay loses up to 12 % of its size when it is fired.",
        "A glaze may hold up to 40 %",
    ]


def test_an_empty_page_is_told() -> None:
    assert [row.sentence for row in read(" \n\n").bad] == ["is missing: the page is empty."]
