"""What a wearer wants of alerts: settings, presets, pauses, meetings, and what was fine."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError

from alerts.presets import Preset
from api.openapi import problems
from api.parts import Parts, PartsDep, WearerDep
from api.wishes import (
    Adjustment,
    Adjustments,
    AlertSettingsAnswer,
    Meeting,
    Pause,
    PresetWish,
    Quiet,
    SettingsWish,
    adjustment_model,
    quiet_model,
    settings_model,
)
from domain.errors import ConfigError
from domain.surroundings import Surroundings

router = APIRouter(prefix="/wearers/{wearer}", tags=["alerts"], responses=problems(404))


@router.get("/alert-settings")
async def get_alert_settings(parts: PartsDep, wearer: WearerDep) -> AlertSettingsAnswer:
    """All settings of alerts as they hold now, with range, source, effect, and where each comes from."""
    return settings_model(wearer.id, parts.wishes.wished(wearer.id))


@router.put("/alert-settings", responses=problems(409, 422))
async def put_alert_settings(
    parts: PartsDep, wearer: WearerDep, wish: SettingsWish
) -> AlertSettingsAnswer:
    """These are the wearer's own, and no others."""
    return await _changed(parts, wearer.id, wish, whole=True)


@router.patch("/alert-settings", responses=problems(409, 422))
async def change_alert_settings(
    parts: PartsDep, wearer: WearerDep, wish: SettingsWish
) -> AlertSettingsAnswer:
    """Set some, take others back with null; the rest stays."""
    return await _changed(parts, wearer.id, wish, whole=False)


@router.delete("/alert-settings")
async def remove_alert_settings(parts: PartsDep, wearer: WearerDep) -> AlertSettingsAnswer:
    """Take all of the wearer's own back; the preset stays."""
    wished = await parts.wishes.change(wearer.id, {}, whole=True)
    await parts.access.note("settings", "all of alerts taken back", wearer=wearer.id)
    return settings_model(wearer.id, wished)


@router.put("/alert-preset", responses=problems(422))
async def choose_alert_preset(
    parts: PartsDep, wearer: WearerDep, wish: PresetWish
) -> AlertSettingsAnswer:
    """Take a preset, at once or over three weeks, or none. What the wearer set goes on above it."""
    wished = await parts.wishes.choose(wearer.id, wish.preset, ramp_up=wish.ramp_up)
    await parts.access.note("settings", f"preset {wish.preset or 'none'}", wearer=wearer.id)
    return settings_model(wearer.id, wished)


@router.get("/alert-preset", responses=problems(422))
async def foresee_alert_preset(
    parts: PartsDep,
    wearer: WearerDep,
    preset: Annotated[Preset | None, Query(description="none without it")] = None,
    days: Annotated[
        int | None,
        Query(ge=0, le=365, description="so long after the way to it began; at once without it"),
    ] = None,
) -> AlertSettingsAnswer:
    """All settings as they would hold with a preset; nothing is changed."""
    return settings_model(wearer.id, parts.wishes.foreseen(wearer.id, preset, days=days))


@router.get("/quiet")
async def get_quiet(parts: PartsDep, wearer: WearerDep) -> Quiet:
    """What keeps alerts back now."""
    return quiet_model(wearer.id, parts.wishes.surroundings(wearer.id))


@router.post("/pause", responses=problems(422))
async def pause_alerts(parts: PartsDep, wearer: WearerDep, wish: Pause) -> Quiet:
    """Be silent for some minutes; it ends by itself."""
    return await _hushed(parts, wearer.id, parts.wishes.pause, wish.minutes, "pause")


@router.delete("/pause")
async def resume_alerts(parts: PartsDep, wearer: WearerDep) -> Quiet:
    """End the pause."""
    return await _hushed(parts, wearer.id, parts.wishes.pause, None, "pause")


@router.post("/meeting", responses=problems(422))
async def begin_meeting(parts: PartsDep, wearer: WearerDep, wish: Meeting) -> Quiet:
    """The wearer is in a meeting for some minutes; it ends by itself."""
    return await _hushed(parts, wearer.id, parts.wishes.meet, wish.minutes, "meeting")


@router.delete("/meeting")
async def end_meeting(parts: PartsDep, wearer: WearerDep) -> Quiet:
    """The meeting is over."""
    return await _hushed(parts, wearer.id, parts.wishes.meet, None, "meeting")


@router.get("/adjustments")
async def list_adjustments(parts: PartsDep, wearer: WearerDep) -> Adjustments:
    """What "that was fine" has moved, oldest first, also what was taken back."""
    found = parts.wishes.adjustments(wearer.id)
    return Adjustments(items=[adjustment_model(each) for each in found])


@router.post("/adjustments/{adjustment}/undo", responses=problems(409))
async def undo_adjustment(parts: PartsDep, wearer: WearerDep, adjustment: str) -> Adjustment:
    """Take one back: the limit is what it was without it."""
    undone = await parts.wishes.undo(wearer.id, adjustment)
    await parts.access.note("settings", f"{undone.setting} moved back", wearer=wearer.id)
    return adjustment_model(undone)


async def _hushed(
    parts: Parts,
    wearer: str,
    hush: Callable[[str, float | None], Awaitable[Surroundings]],
    minutes: float | None,
    what: str,
) -> Quiet:
    """Begin or end (None) a pause or a meeting, and have the audit say so."""
    around = await hush(wearer, minutes)
    said = "ended" if minutes is None else f"for {minutes:g} min"
    await parts.access.note("settings", f"{what} {said}", wearer=wearer)
    return quiet_model(wearer, around)


async def _changed(
    parts: Parts, wearer: str, wish: SettingsWish, *, whole: bool
) -> AlertSettingsAnswer:
    values: Mapping[str, Any] = wish.values
    try:
        wished = await parts.wishes.change(wearer, values, whole=whole, revision=wish.revision)
    except ConfigError as error:
        name = error.path.removeprefix("alerts.")
        place = ("body", "values", name)
        raise RequestValidationError(
            [{"type": "value_error", "loc": place, "msg": error.problem}]
        ) from error
    said = ", ".join(f"{name} = {value}" for name, value in sorted(values.items()))
    await parts.access.note("settings", f"{'only ' if whole else ''}{said}", wearer=wearer)
    return settings_model(wearer, wished)
