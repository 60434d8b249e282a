"""The bot with a single command registered, to see what a press costs where there is nothing else to choose from."""

from bot.app import commands

if __name__ == "__main__":
    # Before anything else has taken hold of the table.
    commands.COMMANDS = commands.COMMANDS[:1]
    from bot.__main__ import main

    main(["run"])
