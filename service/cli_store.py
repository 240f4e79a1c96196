"""The commands about the store itself."""

from typing import Annotated

import typer

from service.cli_options import ConfigOption, DataDirOption, VerboseOption, log_to_stderr

store_app = typer.Typer(
    name="store",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What is kept: erase it, for whoever owns it.",
)

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@store_app.command()
def erase(
    wearer: Annotated[str, typer.Argument(help="The id of the wearer, as `me`.")],
    start: Annotated[
        str | None,
        typer.Option("--from", help="Only from this day or moment on: 2026-11-30T09:00."),
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Only up to this day or moment.")] = None,
    yes: YesOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Erase a wearer for good, or a range of their time: what was measured, and all made of it.

    Afterwards it is in none of the store's files; backups and exports that you made are yours to
    delete. The service must be stopped.
    """
    log_to_stderr(verbose)
    from service.commands.store_erase import EraseOptions, run_erase

    run_erase(EraseOptions(wearer, start, end, yes=yes, config=config, data_dir=data_dir))
