"""Commands that talk to a running service: on this machine, or on another with a token."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli_options import ConfigOption

beside_app = typer.Typer()

UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="SITWELL_URL",
        help="The service's address; without it, the one that runs on this machine.",
    ),
]
TokenFileOption = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        help="A file of yours alone with a token, where the service wants one; SITWELL_TOKEN does as well.",
    ),
]
CaFileOption = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        envvar="SITWELL_CA_FILE",
        help="Certificates to trust instead of the system's, of a service with one of its own.",
    ),
]
FolderOption = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The folder of the service that is meant, as it was started."),
]
OneWearerOption = Annotated[
    str | None, typer.Option("--wearer", help="Whose; everybody's without it.")
]
AlertArgument = Annotated[
    str | None,
    typer.Argument(metavar="[ALERT]", help="Which; not needed when one alert is open."),
]


@beside_app.command()
def status(
    wearer: OneWearerOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the API answers.")] = False,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Say how the running service is, and what each wearer is doing now."""
    from service.commands.address import address
    from service.commands.status import run_status

    run_status(
        address(url, token_file, config, data_dir=data_dir, ca_file=ca_file),
        wearer,
        as_json=as_json,
    )


@beside_app.command()
def alerts(
    wearer: OneWearerOption = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on, and print each as it comes.")
    ] = False,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that go on.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, max=1000, help="How many.")] = 10,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Print the newest alerts of the running service, the newest last."""
    from service.commands.address import address
    from service.commands.alerts import AlertsOptions, run_alerts

    run_alerts(
        AlertsOptions(
            at=address(url, token_file, config, data_dir=data_dir, ca_file=ca_file),
            wearer=wearer,
            follow=follow,
            open_only=open_only,
            limit=limit,
        )
    )


@beside_app.command()
def snooze(
    alert: AlertArgument = None,
    lasting: Annotated[
        str, typer.Option("--for", metavar="TIME", help="For how long, as 10m or 1h.")
    ] = "10m",
    fine: Annotated[
        bool, typer.Option("--fine", help="Say instead that it was fine: it is closed.")
    ] = False,
    wearer: OneWearerOption = None,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Silence the open alert for a while; it is said again then, if it is still true."""
    from service.commands.address import address
    from service.commands.snooze import SnoozeOptions, run_snooze

    run_snooze(
        SnoozeOptions(
            at=address(url, token_file, config, data_dir=data_dir, ca_file=ca_file),
            alert=alert,
            lasting=lasting,
            fine=fine,
            wearer=wearer,
        )
    )


@beside_app.command()
def pause(
    lasting: Annotated[str, typer.Argument(metavar="TIME", help="For how long, as 30m or 1h.")],
    wearer: OneWearerOption = None,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Have no alerts for a while; they come back by themselves. What is measured goes on."""
    from service.commands.address import address
    from service.commands.pause import run_pause

    run_pause(address(url, token_file, config, data_dir=data_dir, ca_file=ca_file), wearer, lasting)


@beside_app.command()
def resume(
    wearer: OneWearerOption = None,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """End a pause of alerts."""
    from service.commands.address import address
    from service.commands.pause import run_pause

    run_pause(address(url, token_file, config, data_dir=data_dir, ca_file=ca_file), wearer, None)
