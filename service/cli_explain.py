"""The command that answers "why?"."""

from typing import Annotated

import typer

from service.cli_options import ConfigOption, DataDirOption

explain_app = typer.Typer()


@explain_app.command()
def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="TIME|EPISODE_ID|last",
            help="A time of the wearer's clock (14:05, 14:05:30, 2026-11-22 14:05) or with an offset "
            "(2026-11-22T14:05:00Z), the id of an episode, or `last`: the newest second.",
        ),
    ],
    wearer: Annotated[
        str | None,
        typer.Option("--wearer", help="Whose; not needed when there is one."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what the API answers, as JSON.")
    ] = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Say why: of a second or an episode, what was measured, against which limits, by which sensors.

    Everything is as it was then: the settings, the calibrations and the rules that decided, and not
    those of today. The service may run meanwhile.
    """
    from service.commands.explain import ExplainOptions, run_explain

    run_explain(
        ExplainOptions(what=what, wearer=wearer, as_json=as_json, config=config, data_dir=data_dir)
    )
