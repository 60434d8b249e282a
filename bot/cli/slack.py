"""`trapwise slack`: what is needed to connect a Slack workspace."""

import click


@click.group()
def slack() -> None:
    """Connect Slack."""


@slack.command("manifest")
@click.option(
    "--http", metavar="URL", default="", help="Your address, for signed HTTP requests in place of Socket Mode."
)
def manifest(http: str) -> None:
    """Print the app manifest to paste at https://api.slack.com/apps.

    Without an option it is for Socket Mode, which serves one workspace and needs no public address. With --http it is
    for requests to that address, which lets any workspace install the app.
    """
    import yaml

    from bot.adapters.slack.manifest import manifest as made

    if http and not http.startswith("https://"):
        raise click.BadParameter("Slack wants an address that begins with https://.", param_hint="--http")
    click.echo(yaml.safe_dump(made(http=http), sort_keys=False, allow_unicode=True, width=110), nl=False)
