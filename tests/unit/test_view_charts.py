"""Charts: images of the right size with something on them, whose words say the same numbers, for those who asked."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.core.attempt import Sitting
from bot.view import charts
from bot.view.card import Bar, Bars, Card
from tests.support.app_house import ANA, card_of, open_house
from tests.support.sitting_moves import begun, sit

SEEING = replace(ANA, images=True)


def bar(label: str, share: float | None, note: str = "") -> Bar:
    if share is None:
        return Bar(label=label, share=None, low=None, high=None, text="no answer yet")
    low, high = max(0.0, share - 0.1), min(1.0, share + 0.1)
    return Bar(label=label, share=share, low=low, high=high, text=f"9 of 9, {round(share * 100)} %", note=note)


def block(*shares: float | None, trend: bool = False, caption: str = "Your domains") -> Bars:
    rows = tuple(bar(f"Row {n}", share, "weak" if n == 0 else "") for n, share in enumerate(shares))
    return Bars(caption, rows, line=0.7, line_label="pass line 70 %", trend=trend)


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image.convert("RGB")


def amount(image: Image.Image, colour: str) -> int:
    """How many pixels have exactly this colour."""
    wanted = tuple(bytes.fromhex(colour[1:]))
    return sum(count for count, found in image.getcolors(1 << 24) or () if found == wanted)


@pytest.mark.parametrize("trend", [False, True])
@pytest.mark.parametrize("shares", [(0.5,), (0.0, 1.0), (0.2, None, 0.9), tuple(n / 8 for n in range(8))])
def test_an_image_is_large_enough_and_small_enough_and_not_blank(shares: tuple[float | None, ...], trend: bool) -> None:
    png = charts.png(block(*shares, trend=trend))
    image = opened(png)
    assert image.width == 1200
    assert 200 < image.height <= 1200
    assert len(png) < 200_000
    assert amount(image, charts.BLACK) > 300  # the pass line
    assert amount(image, charts.PAPER) > image.width * image.height / 3


def test_bars_are_as_long_as_their_shares() -> None:
    short, long = (amount(opened(charts.png(block(None, share))), charts.BLUE) for share in (0.3, 0.6))
    assert 1.7 < long / short < 2.3


def test_a_weak_domain_is_told_in_words_and_not_by_colour_alone() -> None:
    weak = block(0.4)
    fine = replace(weak, bars=(replace(weak.bars[0], note="fine"),))
    assert amount(opened(charts.png(weak)), charts.ORANGE) > 1000
    assert amount(opened(charts.png(fine)), charts.ORANGE) == 0
    assert charts.alt(weak).endswith("weak")
    assert charts.alt(fine).endswith("fine")


def test_a_better_exam_stands_higher() -> None:
    def top(share: float) -> int:
        image = opened(charts.png(block(share, trend=True)))
        blue = tuple(bytes.fromhex(charts.BLUE[1:]))
        return next(y for y in range(image.height) if any(image.getpixel((x, y)) == blue for x in range(image.width)))

    assert top(0.9) < top(0.5) < top(0.1)


def test_the_alt_text_holds_all_that_the_bars_say() -> None:
    shown = block(0.5, None, 0.83)
    said = charts.alt(shown)
    for part in ("Your domains", "pass line 70 %", "Row 0: 9 of 9, 50 %, weak", "Row 1: no answer yet", "83 %"):
        assert part in said


@pytest.mark.parametrize(
    "bars", [block(None, None), replace(block(0.5), line=None), block(0.5, caption="試験"), block()], ids=str
)
def test_what_says_nothing_or_cannot_be_written_is_not_drawn(bars: Bars) -> None:
    assert charts.attachments(Card(title="Stats", blocks=(bars,))) == ()


def test_accents_are_written_without_them() -> None:
    (drawn,) = charts.attachments(Card(title="Stats", blocks=(block(0.5, caption="Domänen, façades"),)))
    assert "Domänen" in drawn.alt
    (plain,) = charts.attachments(Card(title="Stats", blocks=(block(0.5, caption="Domanen, facades"),)))
    assert drawn.content == plain.content


async def test_only_those_who_asked_get_images_and_the_words_stay_the_same() -> None:
    async with open_house() as house:
        for right in (4, 8):
            await sit(house, await begun(house, "exam", Sitting.EXAM), right)
            house.clock.advance(minutes=1)
        seen = await house.say(SEEING, "stats")
        (chart,) = seen.attachments
        assert opened(chart.content).width == 1200
        assert chart.media_type == "image/png"
        for block_ in card_of(seen).blocks:
            if isinstance(block_, Bars):
                assert all(row.text in chart.alt for row in block_.bars)
        plain = await house.say(ANA, "stats")
        assert plain.attachments == ()
        assert plain.card == seen.card
        assert (await house.say(SEEING, "tip")).attachments == ()


async def test_a_result_brings_the_domains_and_the_exams_so_far() -> None:
    async with open_house() as house:
        await sit(house, await begun(house, "exam", Sitting.EXAM), 4)
        house.clock.advance(minutes=1)
        exam = await begun(house, "exam", Sitting.EXAM)
        for place in range(exam.length):
            letter = exam.letter(place, "b")
            page = await house.press(SEEING, f"tw1:q:{exam.id}:{place}:{letter}")
            assert page.attachments == ()
        result = await house.press(SEEING, f"tw1:s:{exam.id}:sure")
        domains, exams = result.attachments
        assert (domains.name, exams.name) == ("chart-1.png", "chart-2.png")
        assert "Basics: 6 of 6, 100 %" in domains.alt
        assert "Exam 1: 4 of 10, 40 %. Exam 2: 10 of 10, 100 %" in exams.alt


async def test_a_chart_that_fails_costs_nobody_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Bars) -> bytes:
        raise OSError("no room for a picture")

    monkeypatch.setattr(charts, "png", fail)
    async with open_house() as house:
        result = await sit(house, await begun(house, "exam", Sitting.EXAM), 4)
        reply = await house.say(SEEING, "stats")
        assert reply.attachments == ()
        assert card_of(reply).title.startswith("Where you stand")
        assert result.blocks
