"""The terminal, word for word: every transcript is typed into the real Trapwise on a real file.

After a change that is meant, TRAPWISE_WRITE_TRANSCRIPTS=1 writes them anew; look at the difference before you keep it.
"""

import asyncio
import os
from pathlib import Path

import pytest

from tests.support import transcripts

FILES = sorted(transcripts.FOLDER.glob("*.txt"))


def test_there_are_transcripts() -> None:
    assert len(FILES) >= 10


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_transcript_comes_out_word_for_word(path: Path, tmp_path: Path) -> None:
    wanted = transcripts.read(path)
    came = asyncio.run(transcripts.replay(wanted, tmp_path))
    if os.environ.get("TRAPWISE_WRITE_TRANSCRIPTS"):
        path.write_text(came, encoding="utf-8")
        pytest.skip("written anew")
    assert came == wanted.text
