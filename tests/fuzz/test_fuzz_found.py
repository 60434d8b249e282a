"""What fuzzing has found, each with the input that showed it. The targets judge: `tests.fuzz.every`."""

import time

import pytest

from tests.fuzz.every import TARGETS
from tests.fuzz.target import Target

MARKED = b"<![CDAT1=A[]"
"""Python's reader of HTML raised AssertionError on a marked section that it didn't know."""

NAMELESS = (
    b"PK\x03\x04\x14\0\0\0\0\0\x02}w]" + b"\0" * 12 + b"\x01\0\0\0xPK\x01\x02\x14\x03\x14\0\0\0\0\0\x02}w]" + b"\0" * 24
) + b"\x80\x01\0\0\0\0PK\x05\x06\0\0\0\0\x01\0\x01\0.\0\0\0\x1f\0\0\0\0\0"
"""A zip file with an entry without a name, of which Python's reader asks the last letter."""

FOUND = [
    ("import GIFT", b"[html]Wml" + MARKED + b'"w {~%100%\x11 ~b} {~%100%a ~b]'),
    ("import GIFT", b"Who? { =one" + MARKED + b" ~two }"),
    ("import Anki text", b"#separator:tab\n" + MARKED + b"Who?\tone\n"),
    ("import Anki text", b"#separator:tab\n#html:true\nWho?<br>A) x<br>B) y" + b"<br>B) y" * 5 + b"\tA\n"),
    ("zip files", b"anki\n" + NAMELESS),
    ("import Anki text", b"#html:true\nWho?<br>B) x<br>A) y\tA\n"),
]

SLOW = [
    ("import Anki text", b"Who?" + b"<a " * 15_000 + b"\tone\n"),
    ("import exam notes", b"## Common Traps\n- " + b"::" * 20_000 + b"x"),
    ("import exam notes", b"Confusing Pairs\n- a" + b" " * 40_000 + b"x"),
    ("import exam notes", b"Tem" + b" " * 6_000 + b"ting: Use a thicker coat."),
    ("import exam notes", b"Tem" + b" -" * 6_000 + b" 4 % x"),
]
"""Some bytes that took seconds or minutes."""


def target(name: str) -> Target:
    return next(found for found in TARGETS if found.name == name)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_fuzzing_found_is_mended(name: str, data: bytes) -> None:
    with target(name).opened() as bench:
        bench.check(data)


@pytest.mark.parametrize(("name", "data"), SLOW)
def test_no_few_bytes_take_long(name: str, data: bytes) -> None:
    with target(name).opened() as bench:
        began = time.process_time()
        bench.check(data)
        assert time.process_time() - began < 1.0
