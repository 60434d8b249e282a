"""Content packs: read from YAML, checked, linted and described. Imports bot.core only."""
