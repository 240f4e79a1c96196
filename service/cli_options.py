"""Options that several commands share, and what --verbose does."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The TOML file; without it the default place is looked at."),
]
DataDirOption = Annotated[
    Path | None, typer.Option("--data-dir", help="The folder that keeps everything.")
]
HostOption = Annotated[
    str | None,
    typer.Option("--host", help="Address to listen on; one that others reach wants a token first."),
]
PortOption = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="Port; 0 takes any free one.")
]
SimulatedOption = Annotated[
    bool, typer.Option("--simulated", help="Use a simulated person and sensors instead.")
]
OnePoseOption = Annotated[
    bool, typer.Option("--one-pose", help="Only the upright pose; limits are then general.")
]
ReadyOption = Annotated[
    bool, typer.Option("--yes", help="Ask nothing, and do not wait for Enter before each pose.")
]
SensorArgument = Annotated[str, typer.Argument(help="A paired sensor: its address or its name.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")]


def log_to_stderr(verbose: bool) -> None:
    """Warnings to stderr, or with `verbose` everything of ours and what libraries tell."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for noisy in ("bumble", "bleak", "bleak_retry_connector", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.INFO if verbose else logging.ERROR)
