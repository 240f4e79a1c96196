"""The commands about who may come in: token, login, audit."""

from typing import Annotated

import typer

from service.cli_options import ConfigOption, DataDirOption, VerboseOption, log_to_stderr

access_app = typer.Typer()
token_app = typer.Typer(
    name="token",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Tokens let programs and other machines in. The service may run meanwhile.",
)
access_app.add_typer(token_app)

ScopeOption = Annotated[
    list[str] | None,
    typer.Option("--scope", help="read, write, admin or organisation; may repeat."),
]
WearerOption = Annotated[
    str | None, typer.Option("--wearer", help="Only the data of this wearer; read or write.")
]


@token_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What you call it, for example grafana.")],
    scope: ScopeOption = None,
    wearer: WearerOption = None,
    days: Annotated[
        int, typer.Option("--days", min=0, max=3650, help="How long it is good; 0 is for ever.")
    ] = 365,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Make a token and print its secret, this once: alone on standard output, the words beside it.

    Without --scope it may read.
    """
    log_to_stderr(verbose)
    from service.commands.token import TokenOptions, run_create

    rights = tuple(scope or ("read",))
    run_create(TokenOptions(config, data_dir), name, rights, wearer=wearer, days=days)


@token_app.command("list")
def list_tokens(config: ConfigOption = None, data_dir: DataDirOption = None) -> None:
    """List tokens and sessions: what each may, until when, and when it was used last."""
    from service.commands.token import TokenOptions, run_list

    run_list(TokenOptions(config, data_dir))


@token_app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(help="Its id, or its name.")],
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Let a token in no more, nor the sessions made of it; or end a session. It cannot be undone."""
    from service.commands.token import TokenOptions, run_revoke

    run_revoke(TokenOptions(config, data_dir), token)


@access_app.command()
def login(
    scope: ScopeOption = None,
    wearer: WearerOption = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", help="Where the browser reaches the page, as https://sitwell.example/."
        ),
    ] = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Print a link that logs a browser in: once, within ten minutes. Open it yourself, or send it.

    Without --scope it may do everything (admin), or with --wearer read and write of that one.
    """
    log_to_stderr(verbose)
    from service.commands.token import TokenOptions, run_login

    rights = tuple(scope or ("write" if wearer else "admin",))
    run_login(TokenOptions(config, data_dir), rights, wearer=wearer, url=url)


@access_app.command()
def audit(
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100_000, help="How many, the newest first.")
    ] = 50,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """List who did what: logins, tokens, exports, erasures, sensors. The service may run meanwhile."""
    from service.commands.audit import run_audit

    run_audit(limit, config, data_dir)
