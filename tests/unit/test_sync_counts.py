"""How often the disk has to sync for an answer. Counted, so it holds on every machine."""

import os
import shutil
from pathlib import Path

import pytest

from benchmarks import shim
from benchmarks.syncs import CASES

pytestmark = pytest.mark.skipif(
    not any(shutil.which(name) for name in ("cc", "gcc", "clang")) and not os.environ.get("TRAPWISE_REQUIRE_BROWSER"),
    reason="there is no C compiler to count with",
)


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shim.build(tmp_path_factory.mktemp("shim"))


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("at_once", "answers", "most"), CASES)
def test_those_who_press_at_once_share_their_syncs(
    counting: Path, tmp_path: Path, at_once: int, answers: int, most: float
) -> None:
    said = shim.run(counting, "benchmarks.counted", (tmp_path, answers // 2, at_once))
    found = float(said)
    # The product syncs: a count of none would only tell that nothing was counted.
    assert 1 / (2 * at_once) < found <= most
