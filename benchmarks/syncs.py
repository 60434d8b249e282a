"""How often the disk has to sync for an answer: counted, so it comes out the same on every machine."""

from benchmarks import shim
from benchmarks.row import Row, at_most, missing, plain
from benchmarks.table import Bench

CASES = ((1, 500, 1.15), (100, 10_000, 0.02), (1_000, 20_000, 0.003))
"""How many press at once, how many answers, and the goal."""


def rows(bench: Bench) -> list[Row]:
    """One row for each number of people pressing at once."""
    found = []
    for at_once, answers, goal in CASES:
        name = f"syncs per answer, {at_once:,} at once"
        meaning = "How often the disk is told to make answers durable, checkpoints included; a slow one takes 10 ms."
        try:
            library = shim.build(bench.folder)
        except shim.NoCompilerError as error:
            found.append(missing(name, meaning=meaning, goal=at_most(goal), why=str(error)))
            continue
        said = shim.run(library, "benchmarks.counted", (bench.folder, answers, at_once))
        found.append(
            plain(name, meaning=meaning, ours=[float(said)], unit="syncs/answer", goal=at_most(goal), counted=True)
        )
    return found
