"""How a migration took what the boards show of weeks and months from a table of its own into the standings."""

import json

WINDOWS_ADDED = """
-- What the boards show of a member in a channel: the present and the last week and month, each the period that
-- core.standings.period makes, in one of two places in turn (standings.slot), and what it brought. All time is the
-- row's own figures, and a workspace's board is added up from its channels.
""" + ";\n".join(
    f"ALTER TABLE standings ADD COLUMN {window}{figure} INTEGER NOT NULL DEFAULT 0"
    for window in ("month0", "month1", "week0", "week1")
    for figure in ("", "_points", "_correct", "_answered")
)

FROM_BOARDS = """
UPDATE standings SET ({window}, {window}_points, {window}_correct, {window}_answered) = (
    SELECT b.period, b.points, b.correct, b.answered FROM boards b
    WHERE b.workspace = standings.workspace AND b.channel = standings.channel AND b.slot = {slot}
      AND b.member = standings.member
)
WHERE EXISTS (
    SELECT 1 FROM boards b
    WHERE b.workspace = standings.workspace AND b.channel = standings.channel AND b.slot = {slot}
      AND b.member = standings.member
)
"""


def in_windows(counts: str) -> str:
    """What was kept of a member's deleted answers, with each channel's boards in its standing."""
    kept = json.loads(counts)
    boards = kept.pop("boards", ())
    for standing in kept.get("standings", ()):
        for board in boards:
            if board["channel"] == standing["channel"] and board["slot"]:
                window = ("month0", "month1", "week0", "week1")[board["slot"] - 1]
                standing[window] = board["period"]
                standing.update({f"{window}_{name}": board[name] for name in ("points", "correct", "answered")})
    return json.dumps(kept, separators=(",", ":"))
