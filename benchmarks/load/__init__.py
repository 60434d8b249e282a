"""Load and soak: the real bot as a process, pressed upon by the real protocols from a process beside it."""
