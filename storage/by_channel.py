"""How a migration came to count what members know of a domain by channel, so that a channel's figures are their sum."""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bot.core.weakness import evidence, weight_at
from storage.rows import from_ms

BEFORE = """
ALTER TABLE domain_tallies RENAME TO all_domain_tallies;
ALTER TABLE channel_tallies RENAME TO all_channel_tallies;
-- What a member answered in a domain: in a channel's rounds, or in private, which is channel 0. The fair ones are those
-- of daily rounds and mock exams.
CREATE TABLE domain_tallies (
    workspace INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    pack TEXT NOT NULL,
    domain TEXT NOT NULL,
    channel INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    correct INTEGER NOT NULL,
    weight REAL NOT NULL,
    weight_correct REAL NOT NULL,
    fair_answered INTEGER NOT NULL,
    fair_correct INTEGER NOT NULL,
    fair_weight REAL NOT NULL,
    fair_weight_correct REAL NOT NULL,
    PRIMARY KEY (workspace, member, pack, domain, channel)
) STRICT, WITHOUT ROWID;
-- Finds who answered in a channel. No count is in it, so an answer that changes counts leaves it alone.
CREATE INDEX domain_tallies_channel ON domain_tallies (channel, pack, domain);
-- What is no member's any more: the share of those who were forgotten in a channel's figures.
CREATE TABLE channel_tallies (
    workspace INTEGER NOT NULL,
    channel INTEGER NOT NULL REFERENCES channels (id),
    pack TEXT NOT NULL,
    domain TEXT NOT NULL,
    answered INTEGER NOT NULL,
    correct INTEGER NOT NULL,
    weight REAL NOT NULL,
    weight_correct REAL NOT NULL,
    PRIMARY KEY (workspace, channel, pack, domain)
) STRICT, WITHOUT ROWID;
INSERT INTO channel_tallies (workspace, channel, pack, domain, answered, correct, weight, weight_correct)
SELECT workspace, channel, pack, domain, forgotten_answered, forgotten_correct, forgotten_weight,
       forgotten_weight_correct
FROM all_channel_tallies WHERE forgotten_answered > 0;
"""

AFTER = """
DROP TABLE contributions;
DROP TABLE all_channel_tallies;
DROP TABLE all_domain_tallies;
"""

_RESPONSES = """
SELECT r.workspace, r.member, v.pack, json_extract(v.body, '$.domain'), coalesce(o.channel, 0),
       json_array_length(v.body, '$.options'), r.correct, r.at, coalesce(o.number, 0), coalesce(a.sitting, '')
FROM responses r
JOIN revisions v ON v.id = r.revision
LEFT JOIN rounds o ON r.source = 0 AND o.id = r.source_id AND o.workspace = r.workspace
LEFT JOIN attempts a ON r.source = 1 AND a.id = r.source_id AND a.workspace = r.workspace
WHERE r.source = 1 OR o.state <> 'skipped'
"""

_COLUMNS = (
    "answered",
    "correct",
    "weight",
    "weight_correct",
    "fair_answered",
    "fair_correct",
    "fair_weight",
    "fair_weight_correct",
)
_KEY = ("workspace", "member", "pack", "domain", "channel")

Run = Callable[..., Any]
"""Runs a statement."""


def count_by_channel(run: Run) -> None:
    """Count all answers again, on top of what was kept of those that were deleted for their age."""
    counts: defaultdict[tuple[Any, ...], list[float]] = defaultdict(lambda: [0] * len(_COLUMNS))
    for workspace, member, kept in list(run("SELECT workspace, member, counts FROM condensed")):
        changed = with_channels(kept)
        run("UPDATE condensed SET counts = ? WHERE workspace = ? AND member = ?", (changed, workspace, member))
        for row in json.loads(changed).get("domain_tallies", ()):
            _add(counts[tuple(row[name] for name in _KEY)], [row[name] for name in _COLUMNS])
    for *key, options, correct, at, number, sitting in run(_RESPONSES):
        weight = weight_at(from_ms(at))
        one = [1, correct, weight, weight * evidence(bool(correct), options)]
        _add(counts[tuple(key)], one + (one if number or sitting == "exam" else [0] * 4))
    names, holes = ", ".join((*_KEY, *_COLUMNS)), ", ".join("?" * (len(_KEY) + len(_COLUMNS)))
    for key, values in sorted(counts.items()):
        run(f"INSERT INTO domain_tallies ({names}) VALUES ({holes})", (*key, *values))  # noqa: S608  constants


def _add(sums: list[float], values: list[float]) -> None:
    for place, value in enumerate(values):
        sums[place] += value


def with_channels(counts: str) -> str:
    """What was kept of a member's deleted answers, by channel as far as it was known: for the boards of domains.

    The rest stays where what was answered in private is, so that the member's own figures are what they were. The
    channel's figures have these answers already, among those that name nobody.
    """
    kept = json.loads(counts)
    shares = kept.pop("contributions", ())
    found = []
    for row in kept.get("domain_tallies", ()):
        of_row = [s for s in shares if s["pack"] == row["pack"] and s["domain"] == row["domain"]]
        for share in of_row:
            key = {"pack": row["pack"], "domain": row["domain"], "channel": share["channel"]}
            of_fair = {"fair_answered": share["answered"], "fair_correct": share["correct"]}
            nothing = dict.fromkeys(_COLUMNS, 0)
            found.append({"workspace": row["workspace"], "member": row["member"], **key, **nothing, **of_fair})
        # How many of the fair ones were right in mock exams wasn't kept, and is asked by nobody.
        elsewhere = max(0, row.get("fair_answered", 0) - sum(s["answered"] for s in of_row))
        found.append({**row, "channel": 0, "fair_answered": elsewhere, "fair_correct": 0})
    kept["domain_tallies"] = found
    kept.pop("channel_tallies", None)
    return json.dumps(kept, separators=(",", ":"))
