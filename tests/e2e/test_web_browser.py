"""The web space as people use it: a real browser, the real server, the real database, and a clock that we set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from bot.compose import Running, running
from bot.config import Settings, Web
from tests.support.browser import axe_faults, join, running_browser, too_wide
from tests.support.builders import SettableClock
from tests.support.packs import item_entry, write_pack

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 860}
NASTY = "What does `<script>document.title='owned'</script>` say & do?"


class World:
    """A running Trapwise, its clock, and browsers to look at it with."""

    def __init__(self, parts: Running, clock: SettableClock, browser: Browser) -> None:
        self.parts, self.clock, self.browser = parts, clock, browser
        assert parts.web is not None
        self.url = parts.web.url

    @asynccontextmanager
    async def browsing(self, **options: Any) -> AsyncIterator[BrowserContext]:
        """A browser of one person's own. What its pages log as an error fails the test."""
        context = await self.browser.new_context(**{"viewport": DESK, "timezone_id": "Europe/Berlin", **options})
        context.set_default_timeout(10_000)
        errors: list[str] = []
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", lambda said: errors.append(said.text) if _is_fault(said) else None)
        try:
            yield context
        finally:
            await context.close()
        assert not errors

    async def later(self, **delta: float) -> None:
        """Let time pass, and what is due be done."""
        self.clock.advance(**delta)
        await self.parts.alarm.tick()
        await self.parts.alarm.settled()


def _is_fault(said: ConsoleMessage) -> bool:
    """Errors of our scripts and of the content security policy. Refusals that a test provokes are logged too."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest.fixture
async def world(tmp_path: Path, clock: SettableClock) -> AsyncIterator[World]:
    items = [item_entry(f"sky-{n}", stem=NASTY) for n in range(6)]
    write_pack(tmp_path / "content", items=items)
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'trapwise.db'}",
        content=tmp_path / "content",
        pack="my-exam",
        zone="Europe/Berlin",
        web=Web.ON,
        web_port=0,
    )
    async with running_browser() as browser, running(settings, clock=clock) as parts:
        yield World(parts, clock, browser)


async def letter_of(page: Page, text: str) -> str:
    """The letter that an option is shown under today."""
    button = page.locator("#today button.choice", has_text=text)
    letter = await button.get_attribute("data-letter")
    assert letter is not None
    return letter


async def test_two_people_answer_and_see_the_reveal_without_reloading(world: World) -> None:
    async with world.browsing() as hers, world.browsing() as his:
        ana, ben = await hers.new_page(), await his.new_page()
        await join(ana, world.url, "Ana")
        await join(ben, world.url, "Ben")
        right, wrong = await letter_of(ana, "a sky blue"), await letter_of(ana, "a red thing")
        await ana.evaluate("window.never_reloaded = true")
        await ben.evaluate("window.never_reloaded = true")
        await expect(ben.locator("#today .foot")).to_contain_text("No answer yet")

        await ana.get_by_role("button", name=f"Answer {wrong}").click()
        private = ana.get_by_role("region", name="Only you can see this")
        await expect(private.get_by_role("heading", name=f"Not quite: you chose {wrong}.")).to_be_visible()
        await expect(ana.locator("#today .outcome", has_text="your answer")).to_contain_text("a red thing")
        await expect(ana.locator("#today button.choice")).to_have_count(0)

        await expect(ben.locator("#today .foot")).to_contain_text("1 person has answered")
        await expect(ben.locator("#today")).not_to_contain_text("your answer")
        await expect(ben.locator("#today button.choice")).to_have_count(4)
        await ben.keyboard.press(right.lower())
        await expect(ben.locator("#reply")).to_contain_text(f"Right: {right}.")
        await expect(ana.locator("#today .foot")).to_contain_text("2 people have answered")

        await world.later(hours=9)
        for page in (ana, ben):
            await expect(page.locator("#today h2")).to_contain_text("closed")
            key = page.locator("#today .outcome", has_text="a sky blue")
            await expect(key).to_contain_text("the answer")
            await expect(key).to_contain_text("50 %")
            assert await page.evaluate("window.never_reloaded") is True
        await expect(ana.locator("#reply")).to_contain_text("Not quite")

        await ana.get_by_role("button", name="Why").click()
        await expect(ana.locator("#reply")).to_contain_text("has a reason that is told here")
        await ana.get_by_role("link", name="Leaderboard").click()
        await expect(ana.get_by_role("row", name="Ben")).to_contain_text("10")
        assert await ana.title() != "owned"


async def test_the_next_day_a_new_question_comes_by_itself(world: World) -> None:
    async with world.browsing() as context:
        page = await context.new_page()
        await join(page, world.url, "Ana")
        await world.later(hours=9)
        await expect(page.locator("#today h2")).to_contain_text("closed")
        await world.later(hours=14, minutes=5)
        await expect(page.locator("#today button.choice")).to_have_count(4)
        await expect(page.locator("#earlier h3")).to_contain_text("Mon 23 Nov · closed")


async def test_the_first_answer_counts_and_can_be_looked_at_again(world: World) -> None:
    async with world.browsing() as context:
        first, second = await context.new_page(), await context.new_page()
        await join(first, world.url, "Ana")
        await second.goto(world.url)
        await second.wait_for_selector("#channel[data-live=yes]")
        await second.route("**/c/posts", lambda route: route.abort())
        await first.get_by_role("button", name="Answer A").click()
        await expect(first.locator("#today .outcome", has_text="your answer")).to_be_visible()
        await second.get_by_role("button", name="Answer C").click()
        await expect(second.locator("#reply")).to_contain_text("You already chose A")
        await first.reload()
        await first.get_by_role("button", name="Show my answer").click()
        await expect(first.locator("#reply")).to_contain_text("You already chose A")


async def test_an_answer_keeps_the_place_and_the_keyboard_where_they_were(world: World) -> None:
    async with world.browsing() as context:
        page = await context.new_page()
        await join(page, world.url, "Ana")
        button = page.get_by_role("button", name="Answer D")
        await button.focus()
        before = await page.evaluate("window.scrollY")
        await page.keyboard.press("Enter")
        await expect(page.locator("#today .outcome", has_text="your answer")).to_be_visible()
        assert await page.evaluate("window.scrollY") == before
        assert await page.evaluate("document.activeElement.closest('article') !== null")


async def test_on_a_phone_the_feedback_is_brought_into_view(world: World) -> None:
    async with world.browsing(viewport=PHONE, is_mobile=True, has_touch=True) as context:
        page = await context.new_page()
        await join(page, world.url, "Ana")
        await page.get_by_role("button", name="Answer D").tap()
        await expect(page.locator("#reply .reply-title")).to_be_in_viewport()
        assert await page.evaluate("document.querySelector('article.post').nextElementSibling?.id ?? ''") in (
            "private",
            "",
        )


async def test_letters_go_to_the_text_field_and_can_be_switched_off(world: World) -> None:
    async with world.browsing() as context:
        page = await context.new_page()
        await join(page, world.url, "Ana")
        await page.keyboard.press("/")
        await expect(page.get_by_label("Command", exact=True)).to_be_focused()
        await page.keyboard.type("bad")
        await expect(page.get_by_label("Command", exact=True)).to_have_value("bad")
        await page.get_by_role("button", name="Switch keys off").click()
        await page.keyboard.press("b")
        await page.reload()
        await page.wait_for_selector("#channel[data-live=yes]")
        await page.keyboard.press("b")
        await expect(page.get_by_text("Answering by key is switched off.")).to_be_visible()
        await expect(page.locator("#today button.choice")).to_have_count(4)
        await page.get_by_role("button", name="Switch keys on").click()
        await page.keyboard.press("b")
        await expect(page.locator("#today .outcome", has_text="your answer")).to_be_visible()


async def test_commands_reply_privately_and_keep_the_line_ready(world: World) -> None:
    async with world.browsing() as context:
        page = await context.new_page()
        await join(page, world.url, "Ana")
        line = page.get_by_label("Command", exact=True)
        await line.fill("/tip")
        await line.press("Enter")
        await expect(page.locator("#reply")).to_contain_text("Read every option.")
        await expect(line).to_be_focused()
        await expect(line).to_have_value("")
        await line.fill("/frobnicate <b>")
        await line.press("Enter")
        await expect(page.locator("#reply")).to_contain_text("I don't know that command")
        await line.fill("/leaderboard yesterday")
        await line.press("Enter")
        await expect(page.locator("#reply")).to_contain_text("I don't understand “yesterday”")
        await page.get_by_label("Command", exact=True).fill("/leaderboard")
        await line.press("Enter")
        await page.get_by_role("button", name="Month").click()
        await expect(page.locator("#reply h3")).to_contain_text("This month")
        await expect(page.get_by_role("button", name="Month")).to_be_focused()


async def test_practice_goes_on_by_keyboard_alone(world: World) -> None:
    async with world.browsing() as context:
        page = await context.new_page()
        await join(page, world.url, "Ana")
        await page.get_by_label("Command", exact=True).fill("/quiz 2")
        await page.keyboard.press("Enter")
        await expect(page.locator("#reply h3")).to_contain_text("1 of 2")
        await page.get_by_role("button", name="Answer A").and_(page.locator("#reply button")).focus()
        await page.keyboard.press("b")
        await expect(page.locator("#reply")).to_contain_text("Remember:")
        await expect(page.locator("#reply h3")).to_be_focused()
        await page.keyboard.press("b")
        await page.locator("#reply").get_by_role("button", name="Next").press("Enter")
        await expect(page.locator("#reply")).to_contain_text("2 of 2")
        await expect(page.locator("#today button.choice")).to_have_count(4)


async def test_who_came_first_sets_the_schedule_and_others_can_not(world: World) -> None:
    async with world.browsing() as hers, world.browsing() as his:
        ana, ben = await hers.new_page(), await his.new_page()
        await join(ana, world.url, "Ana")
        await join(ben, world.url, "Ben")
        await ana.get_by_label("Command", exact=True).fill("/setup")
        await ana.get_by_label("Command", exact=True).press("Enter")
        await ana.get_by_label("Time", exact=True).fill("half past nine")
        await ana.get_by_role("button", name="Save").click()
        await expect(ana.get_by_label("Time", exact=True)).to_be_focused()
        await expect(ana.get_by_label("Time", exact=True)).to_have_attribute("aria-invalid", "true")
        await ana.get_by_label("Time", exact=True).fill("10:30")
        await ana.get_by_role("button", name="Save").click()
        await expect(ana.locator("#reply")).to_contain_text("10:30")
        await ben.get_by_label("Command", exact=True).fill("/setup")
        await ben.get_by_label("Command", exact=True).press("Enter")
        await expect(ben.locator("#reply")).to_contain_text("Only people who manage this channel can do that")


async def test_all_of_it_works_without_javascript(world: World) -> None:
    async with world.browsing(java_script_enabled=False, viewport=PHONE) as context:
        page = await context.new_page()
        await page.goto(world.url)
        await page.get_by_label("Your name").fill("Ana")
        await page.get_by_role("button", name="Join").click()
        right = await letter_of(page, "a sky blue")
        await page.get_by_role("button", name=f"Answer {right}").click()
        await expect(page.locator("#reply")).to_contain_text(f"Right: {right}.")
        await expect(page.locator("#reply .reply-title")).to_be_in_viewport()
        await expect(page.locator("#today .foot")).to_contain_text("1 person has answered")
        await page.get_by_label("Command", exact=True).fill("/setup")
        await page.get_by_role("button", name="Send").click()
        await page.get_by_label("Time", exact=True).fill("25:00")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_label("Time", exact=True)).to_have_value("25:00")
        await expect(page.locator("#reply .error")).to_be_visible()
        await page.get_by_role("link", name="Leaderboard").click()
        await page.get_by_role("button", name="Month").click()
        await expect(page.get_by_role("heading", name="Leaderboard")).to_be_visible()
        await expect(page.locator("#reply h2")).to_contain_text("This month")


async def test_a_sign_in_link_carries_somebody_to_another_browser(world: World) -> None:
    async with world.browsing() as desk, world.browsing(viewport=PHONE) as phone:
        page, other = await desk.new_page(), await phone.new_page()
        await join(page, world.url, "Ana")
        await page.get_by_role("button", name="Answer A").click()
        await page.get_by_role("link", name="Settings").click()
        link = await page.get_by_label("Your sign-in link").input_value()
        await other.goto(link)
        await expect(other.get_by_role("heading", name="Sign in as Ana?")).to_be_visible()
        await other.get_by_role("button", name="Sign in").click()
        await expect(other.locator("#today .outcome", has_text="your answer")).to_be_visible()
        await page.get_by_role("button", name="Leave").click()
        await expect(page.get_by_label("Your name")).to_be_visible()
        await page.goto(f"{world.url}/stats")
        await expect(page.get_by_label("Your name")).to_be_visible()


async def test_a_taken_or_unfit_name_is_explained_beside_the_field(world: World) -> None:
    async with world.browsing() as hers, world.browsing() as his:
        ana, ben = await hers.new_page(), await his.new_page()
        await join(ana, world.url, "  Zoë\u202e \u0007Łuk ")
        await expect(ana.locator(".me bdi")).to_have_text("Zoë Łuk")
        for name, complaint in (("zoë łuk", "already"), ("\u202e ", "name"), ("x" * 41, "at most 40")):
            await ben.goto(world.url)
            await ben.get_by_label("Your name").evaluate("(field, value) => { field.value = value; }", name)
            await ben.get_by_role("button", name="Join").click()
            await expect(ben.locator("#name-error")).to_contain_text(complaint)
            await expect(ben.get_by_label("Your name")).to_be_focused()


async def test_who_is_forgotten_can_read_that_and_join_anew(world: World) -> None:
    async with world.browsing() as context:
        page = await context.new_page()
        await join(page, world.url, "Ana")
        await page.get_by_role("button", name="Answer A").click()
        await page.get_by_role("link", name="Settings").click()
        async with page.expect_download() as started:
            await page.get_by_role("button", name="Export my data").click()
            await page.get_by_role("link", name="Download").click()
        with ZipFile(await (await started.value).path()) as export:
            assert any(b"Ana" in export.read(name) for name in export.namelist())
        await page.goto(f"{world.url}/settings")
        await page.get_by_role("button", name="Forget me").click()
        await page.get_by_role("button", name="Delete everything").click()
        await expect(page.get_by_role("button", name="Delete everything")).to_have_count(0)
        await page.goto(f"{world.url}/c")
        await expect(page.get_by_label("Your name")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
async def test_no_page_has_a_serious_accessibility_fault(world: World, scheme: str, viewport: dict[str, int]) -> None:
    async with world.browsing(viewport=viewport, color_scheme=scheme, reduced_motion="reduce") as context:
        page = await context.new_page()
        faults: dict[str, list[str]] = {}

        async def look(state: str) -> None:
            found = await axe_faults(page)
            if await too_wide(page):
                found.append("scrolls sideways")
            if found:
                faults[state] = found

        await page.goto(world.url)
        await look("joining")
        await join(page, world.url, "Ana")
        await look("open question")
        await page.get_by_role("button", name="Answer A").click()
        await page.get_by_role("button", name="All options explained").click()
        await expect(page.locator("#reply h3").first).to_have_text("All options explained")
        await look("explained")
        await page.get_by_label("Command", exact=True).fill("/setup")
        await page.get_by_label("Command", exact=True).press("Enter")
        await expect(page.get_by_role("button", name="Save")).to_be_visible()
        await look("form")
        await world.later(hours=9)
        await expect(page.locator("#today h2")).to_contain_text("closed")
        await look("closed question")
        for name in ("leaderboard", "stats", "settings", "help"):
            await page.goto(f"{world.url}/{name}")
            await look(name)
        assert not faults
