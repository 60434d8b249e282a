"""Practice and a whole mock exam in a real browser, over a reload, a restart of the bot and a deadline."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bot.adapters.web.limits import Limit
from bot.app.ports import Tx
from bot.compose import Running, running
from bot.config import Settings, Web
from bot.core.attempt import Attempt, Progress, Sitting
from bot.core.refs import Platform
from tests.support.browser import axe_faults, join, running_browser
from tests.support.builders import SettableClock
from tests.support.sitting_moves import CONTENT, REAL, key_letter, wrong_letter

pytestmark = pytest.mark.browser

LENGTH, WRONG, GAPS = 45, (4, 11, 30), (7, 40)
FLAGGED = (2, 11)


class World:
    """A bot that can be started anew on the same database at the same address, and a browser page."""

    def __init__(self, folder: Path, clock: SettableClock, browser: Browser) -> None:
        self.folder, self.clock, self.browser = folder, clock, browser
        self.port = 0
        self.parts: Running | None = None
        self._stack = AsyncExitStack()

    async def start(self) -> str:
        """Start the bot; its address, which stays the same."""
        settings = Settings(
            database=f"sqlite:///{self.folder / 'trapwise.db'}",
            content=CONTENT,
            pack=REAL,
            zone="Europe/Berlin",
            web=Web.ON,
            web_port=self.port,
        )
        self.parts = await self._stack.enter_async_context(running(settings, clock=self.clock))
        assert self.parts.web is not None
        # A browser that is driven is quicker than any hand, and would be asked to go a little slower.
        self.parts.web._site.sending = Limit(100_000, 1)
        self.port = int(self.parts.web.url.rsplit(":", 1)[1].strip("/"))
        return self.parts.web.url

    async def stop(self) -> None:
        await self._stack.aclose()

    async def exams(self) -> list[Attempt]:
        """The exams of Ana, as kept, newest first: those handed in, before them the open one."""
        assert self.parts is not None

        def find(tx: Tx) -> list[Attempt]:
            workspace = tx.workspaces.all(Platform.WEB)[0]
            here = tx.people.workspace(workspace, "", self.clock.now())
            ana = tx.people.named(here.id, "Ana")
            assert ana is not None
            open_ = tx.attempts.open_of(here.id, ana.id, Sitting.EXAM)
            return [*([open_] if open_ else []), *tx.attempts.submitted(here.id, ana.id, REAL, Sitting.EXAM)]

        return await self.parts.storage.write(find)


@pytest.fixture
async def world(tmp_path: Path, clock: SettableClock) -> AsyncIterator[World]:
    async with running_browser() as browser:
        made = World(tmp_path, clock, browser)
        try:
            yield made
        finally:
            await made.stop()


@asynccontextmanager
async def page_of(world: World, url: str) -> AsyncIterator[Page]:
    context = await world.browser.new_context(
        viewport={"width": 1280, "height": 860},
        reduced_motion="reduce",  # what fades in has no contrast yet
    )
    context.set_default_timeout(10_000)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = await context.new_page()
    await join(page, url, "Ana")
    try:
        yield page
    finally:
        await context.close()
    assert not errors


async def command(page: Page, line: str) -> None:
    await page.get_by_label("Command", exact=True).fill(line)
    await page.get_by_label("Command", exact=True).press("Enter")


async def press(page: Page, label: str) -> None:
    """Press a button of the private panel by what a screen reader says of it."""
    await page.locator("#reply").get_by_role("button", name=label).first.click()


async def answer(page: Page, letter: str) -> None:
    await page.locator(f"#reply button.choice[data-letter={letter}]").click()


async def at_question(page: Page, number: int, unanswered: int) -> None:
    await expect(page.locator("#reply h3")).to_have_text(f"Mock exam · question {number} of {LENGTH}")
    await expect(page.locator("#reply .facts")).to_contain_text(f"{unanswered} unanswered")


async def reloaded(page: Page) -> None:
    await page.reload()
    await page.wait_for_selector("#channel[data-live=yes]")


async def sit_until(page: Page, exam: Attempt, places: range) -> int:
    """Answer these places in order, from the page that shows the first; how many have no answer then."""
    left = LENGTH - len([place for place in range(places.start) if place not in GAPS])
    for place in places:
        await at_question(page, place + 1, left)
        if place in FLAGGED:
            await press(page, "Flag this question")
            await expect(page.locator("#reply .facts")).to_contain_text("flagged")
        if place not in GAPS:
            if place % 10 == 0:
                # An answer that is changed.
                await answer(page, wrong_letter(exam, place))
                await expect(page.locator("#reply .foot")).to_contain_text(f"Your answer: {wrong_letter(exam, place)}")
            chosen = (wrong_letter if place in WRONG else key_letter)(exam, place)
            await answer(page, chosen)
            await expect(page.locator("#reply .foot")).to_contain_text(f"Your answer: {chosen}")
            left -= 1
        if place + 1 < LENGTH:
            await press(page, "Next question")
    return left


async def test_a_whole_exam_over_a_reload_and_a_restart(world: World) -> None:
    url = await world.start()
    async with page_of(world, url) as page:
        await command(page, "/exam")
        await at_question(page, 1, LENGTH)
        (exam,) = await world.exams()
        assert exam.length == LENGTH
        assert await axe_faults(page) == []

        await sit_until(page, exam, range(15))
        await at_question(page, 16, 31)
        await reloaded(page)
        await command(page, "/exam")
        await expect(page.locator("#reply h3")).to_have_text("You have a mock exam open: 14 of 45 answered.")
        await press(page, "Continue")
        await at_question(page, 16, 31)
        await sit_until(page, exam, range(15, 31))
        await at_question(page, 32, 15)

        world.clock.advance(minutes=40)
        await world.stop()
        assert await world.start() == url
        await reloaded(page)
        await command(page, "/exam")
        await press(page, "Continue")
        await at_question(page, 32, 15)
        await expect(page.locator("#reply .facts")).to_contain_text("2 flagged")
        assert (await world.exams())[0].places == exam.places
        assert await sit_until(page, exam, range(31, LENGTH)) == len(GAPS)

        await page.get_by_label("Go to…").select_option(label="Question 12, flagged")
        await page.locator("#reply form.menu").get_by_role("button", name="Go").click()
        await at_question(page, 12, 2)
        await press(page, "Take the flag off")
        await expect(page.locator("#reply .facts")).to_contain_text("1 flagged")

        await press(page, "Hand the exam in")
        title = page.locator("#reply h3")
        await expect(title).to_have_text("2 unanswered (8, 41). A wrong answer costs nothing.")
        await press(page, "Go to 8")
        await at_question(page, 8, 2)
        await press(page, "Hand the exam in")
        await press(page, "Submit anyway")
        await expect(title).to_have_text("40 of 45, 89 %: pass (line 70 %). 40 minutes.")
        await expect(page.locator("#reply")).to_contain_text("2 questions had no answer.")
        await expect(page.locator("#reply table.bars tbody tr")).to_have_count(5)
        assert await axe_faults(page) == []

        await press(page, "Review 5 misses")
        for number, place in enumerate(sorted((*WRONG, *GAPS)), 1):
            await expect(title).to_have_text(f"Miss {number} of 5 · question {place + 1}")
            key = page.locator("#reply .outcome.is-key")
            await expect(key.locator(".letter")).to_contain_text(key_letter(exam, place))
            await expect(page.locator("#reply .outcome .why")).to_have_count(len(exam.places[place].order))
            if number < 5:
                await press(page, "Next miss")
        await press(page, "Back to the result")
        await expect(title).to_contain_text("40 of 45")


async def test_an_exam_is_handed_in_at_its_deadline_also_while_the_bot_is_down(world: World) -> None:
    url = await world.start()
    async with page_of(world, url) as page:
        await command(page, "/exam")
        await at_question(page, 1, LENGTH)
        (first,) = await world.exams()
        await answer(page, key_letter(first, 0))
        await at_question(page, 1, LENGTH - 1)
        assert world.parts is not None
        world.clock.advance(minutes=90)
        await world.parts.alarm.tick()
        await world.parts.alarm.settled()
        assert (await world.exams())[0].progress is Progress.SUBMITTED
        await answer(page, wrong_letter(first, 0))
        title = page.locator("#reply h3")
        await expect(title).to_have_text("1 of 45, 2 %: not yet a pass (line 70 %). 90 minutes.")

        await press(page, "New exam")
        await at_question(page, 1, LENGTH)
        second = (await world.exams())[0]
        assert not {p.item.id for p in first.places} & {p.item.id for p in second.places}
        for place in range(3):
            await answer(page, key_letter(second, place))
            await at_question(page, place + 1, LENGTH - place - 1)
            await press(page, "Next question")
            await at_question(page, place + 2, LENGTH - place - 1)
        await world.stop()
        world.clock.advance(minutes=300)
        assert await world.start() == url
        newest = (await world.exams())[0]
        assert (newest.id, newest.progress) == (second.id, Progress.SUBMITTED)
        assert newest.ended == second.started + timedelta(minutes=90)
        await answer(page, key_letter(second, 3))
        await expect(title).to_have_text("3 of 45, 7 %: not yet a pass (line 70 %). 90 minutes.")
        await expect(page.locator("#reply")).to_contain_text("5 points more than last time")


async def test_three_questions_of_practice_with_feedback_and_a_summary(world: World) -> None:
    url = await world.start()
    async with page_of(world, url) as page:
        await command(page, "/quiz 3")
        title = page.locator("#reply h3")
        rights = 0
        for number in (1, 2, 3):
            await expect(title).to_have_text(f"Practice · {number} of 3")
            await answer(page, "A")
            await expect(page.locator("#reply")).to_contain_text("Remember:")
            await expect(page.locator("#reply .facts")).to_contain_text(f"Practice · {number} of 3")
            rights += (await title.inner_text()).startswith("Right")
            assert await axe_faults(page) == []
            await press(page, "Next" if number < 3 else "Finish")
        await expect(title).to_have_text(f"Practice done: {rights} of 3 right")
        await expect(page.locator("#reply")).to_contain_text("practice doesn't rank")
        if rights < 3:
            await press(page, "Review")
            await expect(title).to_contain_text(f"Miss 1 of {3 - rights}")
