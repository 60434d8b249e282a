"""What went wrong, in words: every failure that a page can show, and the status that goes with it."""

from dataclasses import dataclass

from bot.adapters.web import wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`next` is what to do; `code` is what to tell whoever runs this; `home` offers a way to the start page."""

    status: int
    title: str
    sentence: str
    next: str = ""
    code: str = ""
    home: bool = True


class Refused(Exception):  # noqa: N818  # a request is refused, nothing failed
    """Ends a request with a problem page."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.title)


FORGED = Problem(status=403, title=wording.FORGED_TITLE, sentence=wording.FORGED, next=wording.FORGED_NEXT)
MISSING = Problem(status=404, title=wording.MISSING_TITLE, sentence=wording.MISSING)
METHOD = Problem(status=405, title=wording.METHOD_TITLE, sentence=wording.METHOD)
UNREADABLE = Problem(status=400, title=wording.UNREADABLE_TITLE, sentence=wording.UNREADABLE, next=wording.FORGED_NEXT)
LARGE = Problem(status=413, title=wording.LARGE_TITLE, sentence=wording.LARGE, next=wording.LARGE_NEXT)
SIGNED_OUT = Problem(
    status=401, title=wording.SIGNED_OUT_TITLE, sentence=wording.SIGNED_OUT, next=wording.SIGNED_OUT_NEXT
)
BAD_LINK = Problem(status=403, title=wording.LINK_TITLE, sentence=wording.LINK, next=wording.LINK_NEXT)
CROWDED = Problem(status=503, title=wording.CROWDED_TITLE, sentence=wording.CROWDED)


def wrong_host(url: str) -> Problem:
    """Somebody used a name for this machine that we don't know."""
    return Problem(status=421, title=wording.HOST_TITLE, sentence=wording.HOST.format(url=url), home=False)


def hurry(seconds: int) -> Problem:
    """Too many requests in a short time."""
    return Problem(
        status=429,
        title=wording.HURRY_TITLE,
        sentence=wording.HURRY,
        next=wording.HURRY_NEXT.format(seconds=seconds),
    )


def storage_failed(*, code: str, sending: bool, answer: bool) -> Problem:
    """The database didn't do it. `sending` is whether anything was to be saved, `answer` whether an answer was."""
    if not sending:
        return Problem(status=503, title=wording.UNREAD_TITLE, sentence=wording.UNREAD, code=code)
    sentence = wording.UNSAVED_ANSWER if answer else wording.UNSAVED
    return Problem(status=503, title=wording.UNSAVED_TITLE, sentence=sentence, code=code)


def failed(*, code: str, sending: bool) -> Problem:
    """We made a mistake."""
    return Problem(
        status=500,
        title=wording.FAULT_TITLE,
        sentence=wording.FAULT if sending else wording.FAULT_READ,
        next=wording.FAULT_NEXT,
        code=code,
    )
