"""Every card as HTML: what is in it, that all text is escaped, and that meaning is in words."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from bot.adapters.web.render import Renderer, drawn
from bot.app.channelview import Post
from bot.core.refs import RoundId
from bot.view.card import (
    Attachment,
    Bars,
    Bullets,
    Button,
    Card,
    Code,
    CodeBlock,
    Field,
    Fields,
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
    Table,
    Text,
    TimeStyle,
    When,
)
from tests.support import fake_trapwise as cards

EVIL = "<img src=x onerror=alert(1)>\"'&"
CONTEXT = {"csrf": "c", "place": "channel", "before": "", "level": 3}


@pytest.fixture
def renderer() -> Renderer:
    return Renderer()


def reply_html(renderer: Renderer, reply: Reply) -> str:
    return renderer.page("reply.html", reply=reply, **CONTEXT)


def card_html(renderer: Renderer, card: Card) -> str:
    return reply_html(renderer, Reply(card=card))


def post_html(renderer: Renderer, card: Card, *, answered: str = "", is_open: bool = True) -> str:
    post = Post(round=RoundId(3), card=card, open=is_open, answered=answered)
    return renderer.page("post.html", post=post, **CONTEXT)


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def evil_line() -> Line:
    at = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    return (
        Text(EVIL),
        Strong(EVIL),
        Code(EVIL),
        When(at, TimeStyle.CLOCK, EVIL),
        Link(EVIL, 'https://example.org/?a=1&b="><script>'),
        Link(EVIL, "javascript:alert(1)"),
    )


def test_no_text_of_any_kind_can_become_markup(renderer: Renderer) -> None:
    body = (Paragraph(evil_line()), CodeBlock(EVIL, EVIL))
    card = Card(
        title=EVIL,
        context=(EVIL,),
        blocks=(
            *body,
            Options((OptionLine(letter="A", body=body, mark=Mark.KEY, note=EVIL, why=body),)),
            Options((OptionLine(letter="B", body=body),)),
            Heading(EVIL),
            Bullets((evil_line(),)),
            Table(EVIL, (EVIL,), ((EVIL,),)),
            Fields(((EVIL, evil_line()),)),
            replace(_bars(), caption=EVIL, line_label=EVIL),
        ),
        footer=evil_line(),
        rows=((Button(label=EVIL, token=EVIL, hint=EVIL), Button(label="B", token=EVIL)),),
        menu=Menu(label=EVIL, entries=((EVIL, EVIL),)),
        tone="notice",
    )
    form = replace(cards.setup_form(error=EVIL, time=EVIL), title=EVIL, intro=EVIL, submit=EVIL, token=EVIL)
    files = (Attachment(name=EVIL, media_type="text/plain", content=EVIL.encode()),)
    for html in (
        reply_html(renderer, Reply(card=card, form=form, attachments=files)),
        post_html(renderer, card),
        post_html(renderer, card, answered="B"),
    ):
        assert "<img" not in html
        assert "<script" not in html
        assert 'href="javascript:' not in html
        assert words(html).count("<img src=x onerror=alert(1)>\"'&") > 15


def _bars() -> Bars:
    return next(block for block in cards.stats().blocks if isinstance(block, Bars))


def test_an_open_question_draws_each_option_as_one_button_with_letter_and_text(renderer: Renderer) -> None:
    html = post_html(renderer, cards.question(3, 7))
    buttons = re.findall(r"<button class=\"choice.*?</button>", html, re.DOTALL)
    assert [re.search(r'value="([^"]+)"', one).group(1) for one in buttons] == [  # type: ignore[union-attr]  # fails as wanted
        f"tw1:a:3:{letter}" for letter in "ABCD"
    ]
    assert words(buttons[1]).startswith("Answer B : Indices by descending frequency")
    assert html.count('value="tw1:a:3:B"') == 1
    assert "7 people have answered" in words(html)


def test_an_open_question_looks_the_same_whichever_option_is_right(renderer: Renderer) -> None:
    html = post_html(renderer, cards.question(3, 7)).lower()
    assert not any(word in html for word in ("is-key", "the answer", "mark", "correct", 'right"'))


def test_after_answering_the_options_are_a_list_and_the_own_one_says_so(renderer: Renderer) -> None:
    html = post_html(renderer, cards.question(3, 7), answered="D")
    assert 'class="choice' not in html.replace('class="choices"', "")
    outcomes = re.findall(r"<li class=\"outcome.*?</li>", html, re.DOTALL)
    assert ["your answer" in words(one) for one in outcomes] == [False, False, False, True]
    assert 'value="tw1:a:3:D"' in html
    assert 'value="tw1:a:3:B"' not in html


def test_a_closed_question_says_in_words_what_was_right_and_how_many_chose_what(renderer: Renderer) -> None:
    html = post_html(renderer, cards.closed(3, "Trap question"), answered="D", is_open=False)
    outcomes = [words(one) for one in re.findall(r"<li class=\"outcome.*?</li>", html, re.DOTALL)]
    assert "the answer" in outcomes[1]
    assert "7 chose it, 58 %" in outcomes[1]
    assert "caught the most your answer" in outcomes[3]
    assert "0 chose it, 0 %" in outcomes[2]


@pytest.mark.parametrize(
    ("mark", "said"), [(Mark.KEY, "the answer"), (Mark.CHOSEN, "your answer"), (Mark.CAUGHT, "caught the most")]
)
def test_a_mark_without_a_note_is_still_said(renderer: Renderer, mark: Mark, said: str) -> None:
    option = OptionLine(letter="A", body=(Paragraph((Text("x"),)),), mark=mark)
    assert said in words(card_html(renderer, Card(title="t", blocks=(Options((option,)),))))


def test_an_answer_that_can_be_changed_stays_a_button_and_is_marked(renderer: Renderer) -> None:
    html = card_html(renderer, cards.exam())
    chosen = re.findall(r"<button class=\"choice chosen.*?</button>", html, re.DOTALL)
    assert len(chosen) == 1
    assert 'aria-pressed="true"' in chosen[0]
    assert words(chosen[0]).startswith("Answer C")
    assert words(chosen[0]).endswith("your answer")
    assert all(f">{label}</button>" in html for label in ("‹ Prev", "Next ›", "Flag", "Submit"))
    assert "<select" in html


def test_bars_have_a_row_of_words_for_each_and_a_drawing_that_is_not_read_out(renderer: Renderer) -> None:
    html = card_html(renderer, cards.stats())
    assert words(html).count("likely") == 3
    assert "Feature engineering" in html
    assert html.count('<tr role="row">') == 6
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) == 4
    assert all('aria-hidden="true"' in one for one in drawings)
    assert 'class="part part-weak" y="3" width="46.0"' in drawings[1]


def test_a_table_has_its_caption_headers_and_own_row(renderer: Renderer) -> None:
    html = card_html(renderer, cards.leaderboard())
    assert html.count('scope="col"') == 5
    assert html.count('scope="row"') == 5
    assert "<caption" in html
    assert re.search(r'<tr class="own">\s*<td class="num"><bdi>17</bdi></td>\s*<th scope="row"><bdi>Cleo \(you\)', html)


def test_instants_are_machine_readable_and_have_their_words(renderer: Renderer) -> None:
    html = post_html(renderer, cards.question(3, 7))
    assert '<time datetime="2026-11-23T16:00:00Z" data-style="clock">17:00 CET</time>' in html


def test_a_counter_that_moves_leaves_the_fingerprint_of_the_question_alone(renderer: Renderer) -> None:
    def prints(answered: int, own: str = "") -> tuple[str, str]:
        html = post_html(renderer, cards.question(3, answered), answered=own)
        return (
            re.findall(r'data-body="(\w+)"', html)[0],
            re.findall(r'data-foot="(\w+)"', html)[0],
        )

    assert prints(7)[0] == prints(8)[0]
    assert prints(7)[1] != prints(8)[1]
    assert prints(7)[0] != prints(7, "B")[0]


def test_a_form_shows_values_choices_and_errors_beside_their_fields(renderer: Renderer) -> None:
    html = reply_html(renderer, Reply(form=cards.setup_form(error="Too early.", time="03:00")))
    assert 'name="f.time" value="03:00"' in html
    assert 'aria-describedby="f-time-hint f-time-error" aria-invalid="true"' in html
    assert html.count('type="checkbox"') == 7
    assert html.count('type="checkbox" name="f.days" value="mon" checked') == 1
    assert html.count('type="radio"') == 2
    assert '<option value="480" selected>' in html
    more = Field(name="pack", label="Questions from", value=("b",), choices=tuple((n.upper(), n) for n in "abcde"))
    html = reply_html(renderer, Reply(form=replace(cards.setup_form(), extra=(more,))))
    assert html.index('name="f.pack"') < html.index('name="f.time"')
    assert '<option value="b" selected>' in html


def test_a_hint_is_spoken_together_with_what_is_seen(renderer: Renderer) -> None:
    row = (Button(label="Why?", token="x", hint="Why, only to you"), Button(label="Hide", token="y", hint="Hide"))
    html = card_html(renderer, Card(title="t", rows=(row,)))
    assert 'aria-label="Why?: Why, only to you"' in html
    assert html.count("aria-label") == 1


def test_an_empty_reply_still_says_something(renderer: Renderer) -> None:
    assert words(reply_html(renderer, Reply())) == "Done."


@pytest.mark.parametrize(
    "card",
    [
        cards.question(3, 7), cards.closed(3, "Trap question"), cards.feedback(3, "B"), cards.feedback(3, "D"),
        cards.explained(), cards.leaderboard(), cards.stats(), cards.exam(), cards.settings(), cards.help_card(),
    ],
    ids=lambda card: str(card.title),
)  # fmt: skip
def test_nothing_in_any_card_needs_inline_style_or_script(renderer: Renderer, card: Card) -> None:
    html = card_html(renderer, card) + post_html(renderer, card)
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script", html)


def test_buttons_of_options_are_taken_out_of_the_rows() -> None:
    ready = drawn(cards.exam())
    assert [[button.label for button in row] for row in ready.rows] == [["‹ Prev", "Next ›", "Flag", "Submit"]]
    assert all(choice.button for choice in ready.choices)
