"""Charts as PNG images of what a card's bars say, for platforms that show images. The bars hold the same in words.

Colours are Okabe and Ito's, told apart with any colour vision (https://jfly.uni-koeln.de/color/), and every bar and
point carries its numbers, so that none has to be read off by colour or scale. Pillow is imported when something is
drawn, because it is slow to import and not needed otherwise.
"""

import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.view.card import Attachment, Bar, Bars, Card

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

WIDTH = 1200
MARGIN = 40
ROW = 104
HEAD = 120
FOOT = 60
PLOT = 400
"""Height of the area in which a line is drawn."""

PAPER, INK, FAINT = "#ffffff", "#1a1a1a", "#e6e6e6"
BLUE, ORANGE, BLACK = "#0072b2", "#e69f00", "#000000"

TITLE, WORDS, SMALL = 34, 28, 24
"""Sizes of type in pixels. Chats show the image at about half its width."""


def attachments(card: Card) -> tuple[Attachment, ...]:
    """An image for each block of bars that is measured against a line; none if nothing is known yet.

    Nor if it says something that Pillow's own typeface, which is the same on every machine, has no letters for.
    """
    blocks = [block for block in card.blocks if isinstance(block, Bars) and block.line is not None]
    shown = [
        block for block in blocks if any(bar.share is not None for bar in block.bars) and _plain(alt(block)).isascii()
    ]
    return tuple(
        Attachment(name=f"chart-{number}.png", media_type="image/png", content=png(bars), alt=alt(bars))
        for number, bars in enumerate(shown, 1)
    )


def png(bars: Bars) -> bytes:
    """The bars as an image: points on a line if they follow one another in time, else bars with their intervals."""
    return _trend(bars) if bars.trend else _rows(bars)


def alt(bars: Bars) -> str:
    """What the image shows, in words."""
    rows = [", ".join(part for part in (f"{bar.label}: {bar.text}", bar.note) if part) for bar in bars.bars]
    line = (bars.line_label,) if bars.line_label else ()
    return ". ".join([bars.caption, *line, *rows])


def _plain(words: str) -> str:
    """Without accents, which the typeface lacks."""
    return "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))


@dataclass(frozen=True, slots=True)
class _Sheet:
    draw: "ImageDraw"
    font: "Callable[[int], FreeTypeFont | ImageFont]"
    save: Callable[[], bytes]

    def write(self, x: float, y: float, words: str, size: int, *, room: float, anchor: str = "la") -> None:
        """Words in one line, cut with an ellipsis where they need more than `room`."""
        font, words = self.font(size), _plain(words)
        if font.getlength(words) > room:
            while words and font.getlength(f"{words}...") > room:
                words = words[:-1]
            words = f"{words.rstrip()}..."
        # The halo keeps words legible where a line crosses them.
        self.draw.text((x, y), words, fill=INK, font=font, anchor=anchor, stroke_width=3, stroke_fill=PAPER)

    def dashed(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A dashed black line, upright or level."""
        (x0, y0), (x1, y1) = start, end
        length = max(abs(x1 - x0), abs(y1 - y0))
        for step in range(0, int(length), 16):
            a, b = step / length, min(step + 9, length) / length
            points = (x0 + (x1 - x0) * a, y0 + (y1 - y0) * a, x0 + (x1 - x0) * b, y0 + (y1 - y0) * b)
            self.draw.line(points, fill=BLACK, width=3)


def _sheet(height: int, bars: Bars) -> _Sheet:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (WIDTH, height), PAPER)

    def save() -> bytes:
        held = io.BytesIO()
        image.save(held, "PNG", optimize=True)
        return held.getvalue()

    sheet = _Sheet(ImageDraw.Draw(image), ImageFont.load_default, save)
    sheet.write(MARGIN, MARGIN - 8, bars.caption, TITLE, room=WIDTH - 2 * MARGIN)
    return sheet


def _rows(bars: Bars) -> bytes:
    height = HEAD + ROW * len(bars.bars) + FOOT
    sheet = _sheet(height, bars)
    for number, bar in enumerate(bars.bars):
        _row(sheet, bar, HEAD + ROW * number)
    if bars.line is not None:
        x = _across(bars.line)
        for number in range(len(bars.bars)):
            top = HEAD + ROW * number + 40
            sheet.dashed((x, top), (x, top + 44))
        right = bars.line > 0.5
        sheet.write(x, height - FOOT + 4, bars.line_label, SMALL, room=WIDTH, anchor="ra" if right else "la")
    return sheet.save()


def _row(sheet: _Sheet, bar: Bar, top: int) -> None:
    words = ", ".join(part for part in (f"{bar.label}: {bar.text}", bar.note) if part)
    sheet.write(MARGIN, top, words, WORDS, room=WIDTH - 2 * MARGIN)
    y = top + 46
    sheet.draw.rectangle((_across(0), y, _across(1), y + 32), fill=FAINT)
    if bar.share is None:
        return
    if bar.share > 0:
        fill = ORANGE if bar.note == "weak" else BLUE
        sheet.draw.rectangle((_across(0), y, _across(bar.share), y + 32), fill=fill)
    if bar.low is not None and bar.high is not None:
        low, high, middle = _across(bar.low), _across(bar.high), y + 16
        for colour, width in ((PAPER, 9), (BLACK, 4)):  # a halo, to be seen on the bar too
            sheet.draw.line((low, middle, high, middle), fill=colour, width=width)
            for end in (low, high):
                sheet.draw.line((end, middle - 11, end, middle + 11), fill=colour, width=width)


def _across(share: float) -> float:
    return MARGIN + min(max(share, 0.0), 1.0) * (WIDTH - 2 * MARGIN)


def _trend(bars: Bars) -> bytes:
    known = [(bar, bar.share) for bar in bars.bars if bar.share is not None]
    sheet = _sheet(HEAD + PLOT + FOOT, bars)
    bottom = HEAD + PLOT
    for share in (0.0, 0.5, 1.0):
        sheet.draw.line((MARGIN, bottom - share * PLOT, WIDTH - MARGIN, bottom - share * PLOT), fill=FAINT, width=2)
        sheet.write(MARGIN, bottom - share * PLOT - 4, f"{round(share * 100)} %", SMALL, room=WIDTH, anchor="ld")
    if bars.line is not None:
        y = bottom - bars.line * PLOT
        sheet.dashed((MARGIN, y), (WIDTH - MARGIN, y))
        sheet.write(MARGIN + 90, y - 4, bars.line_label, SMALL, room=WIDTH, anchor="ld")
    points = _spread([share for _, share in known], bottom)
    if len(points) > 1:
        sheet.draw.line([axis for point in points for axis in point], fill=BLUE, width=6, joint="curve")
    room = (WIDTH - 6 * MARGIN) / max(len(points), 1)
    for (bar, _), (x, y) in zip(known, points, strict=True):
        sheet.draw.ellipse((x - 11, y - 11, x + 11, y + 11), fill=BLUE, outline=PAPER, width=3)
        sheet.write(x, y - 18, bar.text.rsplit(", ", 1)[-1], WORDS, room=room, anchor="md")
        sheet.write(x, bottom + 16, bar.label, SMALL, room=room, anchor="ma")
    return sheet.save()


def _spread(shares: Sequence[float], bottom: int) -> list[tuple[float, float]]:
    left, right = MARGIN * 7.0, WIDTH - MARGIN * 3.0
    step = (right - left) / max(len(shares) - 1, 1)
    return [(left + step * n, bottom - share * PLOT) for n, share in enumerate(shares)]
