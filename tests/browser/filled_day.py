"""A day with a slouch, a held bend, changes of posture, and an hour before in which little was heard."""

from dataclasses import replace

import numpy as np

from domain.alerts import AlertKind
from domain.decisions import Decision, Reason, decision_id
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity
from storage.contract import Batch
from tests.api.service_fake import T0, frames
from tests.browser.made_up import MadeUp

DAY = "2026-11-22"
ROWS = ["day-states", "day-lean", "day-hours", "day-shifts", "day-loads"]
SLOUCH = Episode(
    EpisodeKind.SLOUCH, "ada", T0 - 1500, T0 - 900, 17.0, 14.0, 20.0, 0.9, 9.0, "upper_back"
)
BEND = Episode(
    EpisodeKind.HELD_BEND, "ada", T0 - 2400, T0 - 1900, 40.0, 33.0, 50.0, 0.9, 180.0, "upper_back"
)
SHIFTS = tuple(
    Episode(EpisodeKind.SHIFT, "ada", at, at + 5, 9.0, 9.0, 0.0, 0.9, 5.0, "upper_back")
    for at in range(T0 - 3500, T0 - 100, 150)
)
SILENT = Decision(
    decision_id("ada", AlertKind.SLOUCH, SLOUCH.id, Reason.PAUSED, T0 - 1400), "ada", T0 - 1400.0,
    AlertKind.SLOUCH, SLOUCH.id, Reason.PAUSED, "lean_deg", 14.0, 9.0, "deg",
)  # fmt: skip


def fill_day(made_up: MadeUp) -> None:
    """It was measured."""
    standing = replace(frames("ada", T0 - 7200, 600), activity=np.full(600, Activity.STANDING))
    made_up.store.write(
        Batch(frames=(standing,), episodes=(SLOUCH, BEND, *SHIFTS), decisions=(SILENT,)),
        now=float(T0),
    )
