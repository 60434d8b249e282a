"""The exam domain: pure, synchronous values and rules. Imports the standard library only (and fsrs, in review)."""
