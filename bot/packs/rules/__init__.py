"""The rules of lint, as data. Each module holds the rules about one thing and lists them in `RULES`."""
