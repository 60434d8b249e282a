"""Feeds changed inputs to everything that reads what others wrote, and says what went wrong. `make fuzz N=1000000`

python -m tests.fuzz.run [N] [--seconds S] [--seed S] [--only WORD]
"""

import argparse
import logging
import os
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzz.every import TARGETS
from tests.fuzz.target import Bench, Target

SLOW = 2.0
"""Seconds of processor time after which an input counts as a finding: nobody may hold the bot up with a few bytes."""

MOST_FINDINGS = 10


@dataclass(slots=True)
class Finding:
    """An input that went wrong, and the few before it, for what depends on them."""

    data: bytes
    error: str
    before: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What one target came to."""

    name: str
    count: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    findings: list[Finding] = field(default_factory=list)


def fuzzed(target: Target, bench: Bench, count: int, random: Random, *, seconds: float = 1e9) -> Outcome:
    """Feed the seeds as they are, then `count` changed ones; ends early after `seconds` or too many findings."""
    outcome = Outcome(target.name)
    before: deque[bytes] = deque(maxlen=5)
    began = time.monotonic()
    kept = list(bench.seeds)
    for number in range(count):
        data = kept[number] if number < len(bench.seeds) else target.mutate(random, random.choice(kept), kept)
        start = time.process_time()
        try:
            bench.check(data)
        except Exception as error:  # whatever it is, it is what we are looking for
            outcome.findings.append(Finding(data, f"{type(error).__name__}: {error}", tuple(before)))
        took = time.process_time() - start
        outcome.slowest = max(outcome.slowest, took)
        if took > SLOW:
            outcome.findings.append(Finding(data, f"took {took:.1f} s", tuple(before)))
        outcome.count += 1
        before.append(data)
        # A changed input may be changed further; the seeds stay.
        if random.random() < 0.02 and len(data) < 20_000:
            kept[len(bench.seeds) :] = [*kept[len(bench.seeds) :][-200:], data]
        if len(outcome.findings) >= MOST_FINDINGS or time.monotonic() - began > seconds:
            break
    outcome.seconds = time.monotonic() - began
    return outcome


def main() -> int:
    """Run all targets, each for its share; the exit code is 1 if anything was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=20_000, help="inputs in all")
    parser.add_argument("--seconds", type=float, default=600, help="at most, in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a target's name")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), help="a folder for what was found")
    given = parser.parse_args()
    logging.getLogger().addHandler(logging.NullHandler())
    chosen = [target for target in TARGETS if given.only in target.name]
    shares = sum(target.share for target in chosen)
    total = found = 0
    for target in chosen:
        with target.opened() as bench:
            count = max(len(bench.seeds), given.count * target.share // shares)
            seconds = given.seconds * target.share / shares
            outcome = fuzzed(target, bench, count, Random(f"{given.seed} {target.name}"), seconds=seconds)  # noqa: S311  inputs, no secrets
        total, found = total + outcome.count, found + len(outcome.findings)
        print(
            f"{target.name:<20} {outcome.count:>9,} inputs {outcome.seconds:>7.1f} s, slowest {outcome.slowest:.3f} s, "
            f"{len(outcome.findings)} findings",
            flush=True,
        )
        for number, finding in enumerate(outcome.findings):
            given.findings.mkdir(exist_ok=True)
            path = given.findings / f"{target.name.replace(' ', '-')}-{os.getpid()}-{number}"
            path.write_bytes(finding.data)
            print(f"    {path}: {finding.error[:1500]}\n    {finding.data[:300]!r}", flush=True)
    print(f"{total:,} inputs, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
