"""A small share of the fuzzing, the same inputs in every run; `make fuzz N=1000000` does more of it."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.every import TARGETS
from tests.fuzz.run import fuzzed
from tests.fuzz.target import Target

COUNT = 100

# Hypothesis adds what no change of a seed leads to, and shrinks what it finds.
KEEPS_NOTHING = [
    target for target in TARGETS if target.share >= 50 and target.name.startswith(("import", "tok", "YAML"))
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_changed_input_goes_wrong(target: Target) -> None:
    with target.opened() as bench:
        outcome = fuzzed(target, bench, COUNT, Random(f"share {target.name}"))  # noqa: S311  inputs, no secrets
    assert [(finding.error, finding.data) for finding in outcome.findings] == []
    assert outcome.count == max(COUNT, len(bench.seeds))


@pytest.mark.parametrize("target", KEEPS_NOTHING, ids=lambda target: target.name)
def test_no_bytes_go_wrong(target: Target) -> None:
    with target.opened() as bench:
        whole = st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode), st.sampled_from(bench.seeds))

        @settings(
            max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(st.lists(whole, max_size=3).map(b"".join))
        def anything(data: bytes) -> None:
            bench.check(data)

        anything()


def test_a_finding_is_told() -> None:
    """The fuzzer itself: what raises is found, with what led to it."""
    target = next(target for target in TARGETS if target.name == "tokens")

    def check(data: bytes) -> None:
        if len(data) > 20:
            raise ValueError("too long for me")

    with target.opened() as bench:
        outcome = fuzzed(target, type(bench)(check=check, seeds=bench.seeds), 200, Random(1))  # noqa: S311  inputs, no secrets
    assert outcome.findings
    assert all(len(finding.data) > 20 and "too long for me" in finding.error for finding in outcome.findings)
