"""What the wearers want of alerts: settings, presets, pauses, meetings, and what was fine."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.decider import surrounded
from alerts.effective import Choice, Effective, effective, fine_change, own_values
from alerts.presets import Preset
from alerts.settings import AlertSettings, knobs
from api.wishing import Wished
from domain.alerts import Alert
from domain.decisions import Reason
from domain.errors import ConfigError, ConflictError, NotFoundError
from domain.people import Wearer
from domain.records import Adjustment
from domain.surroundings import NOTHING_KNOWN, Surroundings
from service.writer import StoreWriter
from storage.contract import Store

_log = logging.getLogger(__name__)

Heed = Callable[[str, AlertSettings, Surroundings], None]
#: Names of what is no setting of alerts by itself, and stored beside them.
PRESET, RAMP_UP, PAUSED, MEETING = "preset", "ramp_up_since", "paused_until", "meeting_until"
_PREFIX = "alerts."


class Wishes:
    """Implements api.wishing.AlertWishes: kept in the store, heeded by the engine from the next second on.

    base: settings of the configuration file. outside(wearer): what calendar and desktop say. heed: is told of
    every change, and of a new day of a wearer who is led to a preset.
    """

    def __init__(
        self,
        *,
        store: Store,
        writer: StoreWriter,
        now: Callable[[], float],
        wearers: Sequence[Wearer],
        base: AlertSettings,
        heed: Heed,
        outside: Callable[[str], Surroundings] = lambda wearer: NOTHING_KNOWN,
    ) -> None:
        self._store = store
        self._writer = writer
        self._now = now
        self._zones = {wearer.id: ZoneInfo(wearer.timezone) for wearer in wearers}
        self._base = base
        self._heed = heed
        self._outside = outside
        self._stored: dict[str, dict[str, Any]] = {}
        self._adjusted: dict[str, list[Adjustment]] = {}
        self._told: dict[str, tuple[date, AlertSettings, Surroundings]] = {}
        for wearer_id in self._zones:
            self._read(wearer_id)
        self.tick()

    def tick(self) -> None:
        """Tell the engine what has changed; call it once a second."""
        for wearer in self._zones:
            around, day = self.surroundings(wearer), self._today(wearer)
            told = self._told.get(wearer)
            settings = told[1] if told and told[0] == day else self._effective(wearer).settings
            if told is None or told[1:] != (settings, around):
                self._heed(wearer, settings, around)
            self._told[wearer] = (day, settings, around)

    def know(self, wearer: Wearer) -> None:
        """There is one more wearer, or one lives by another time zone."""
        self._zones[wearer.id] = ZoneInfo(wearer.timezone)
        if wearer.id not in self._stored:
            self._read(wearer.id)
        self._tell(wearer.id)

    def leave(self, wearer: str) -> None:
        """There is one less."""
        for table in (self._zones, self._stored, self._adjusted, self._told):
            table.pop(wearer, None)

    def forget(self, wearer: str) -> None:
        """What the store has of the wearer has changed otherwise."""
        if wearer in self._zones:
            self._read(wearer)
            self._tell(wearer)

    def settings(self, wearer: str) -> AlertSettings:
        """What holds for a wearer now; for one who is not known what the file says."""
        told = self._told.get(wearer)
        return self._base if told is None else told[1]

    def wished(self, wearer: str) -> Wished:
        """See api.wishing."""
        stored, choice = self._of(wearer), self._choice(wearer)
        days = None
        if choice.started_on is not None:
            days = (self._today(wearer) - choice.started_on).days
        chosen = sorted((n, v) for n, v in stored.items() if n not in (PAUSED, MEETING))
        live = [each.id for each in self._adjusted[wearer] if each.undone_at is None]
        revision = hashlib.sha256(repr((chosen, live)).encode()).hexdigest()[:16]
        return Wished(choice, self._effective(wearer), revision, days)

    async def change(
        self,
        wearer: str,
        values: Mapping[str, Any],
        *,
        whole: bool = False,
        revision: str | None = None,
    ) -> Wished:
        """See api.wishing."""
        kept = own_values({name: value for name, value in values.items() if value is not None})
        unknown = {name: None for name in values if name not in knobs()}
        own_values(unknown)
        gone = [name for name, value in values.items() if value is None]

        def work() -> None:
            if revision not in (None, self.wished(wearer).revision):
                raise ConflictError("the settings were changed meanwhile; read them again")
            others = [n for n in knobs() if whole and n not in kept]
            self._write(wearer, kept, [*gone, *others])

        self._of(wearer)
        await self._writer.change(work)
        self._tell(wearer)
        return self.wished(wearer)

    async def choose(self, wearer: str, preset: str | None, *, ramp_up: bool) -> Wished:
        """See api.wishing."""
        self._of(wearer)
        values: dict[str, Any] = {}
        if preset is not None:
            values[PRESET] = Preset(preset).value
            if ramp_up:
                values[RAMP_UP] = self._today(wearer).isoformat()
        gone = [name for name in (PRESET, RAMP_UP) if name not in values]
        await self._writer.change(lambda: self._write(wearer, values, gone))
        self._tell(wearer)
        return self.wished(wearer)

    def foreseen(self, wearer: str, preset: str | None, *, days: int | None) -> Wished:
        """See api.wishing."""
        today = self._today(wearer) if wearer in self._stored else date.min
        begun = None if days is None else today - timedelta(days=days)
        now = self.wished(wearer)
        choice = replace(
            now.choice, preset=None if preset is None else Preset(preset), started_on=begun
        )
        plain = effective(self._base, choice, self._adjusted[wearer], today)
        return Wished(choice, plain, now.revision, days)

    def surroundings(self, wearer: str) -> Surroundings:
        """See api.wishing."""
        stored, now = self._of(wearer), self._now()
        until = {name: stored.get(name) for name in (PAUSED, MEETING)}
        still = {name: at if at is not None and at > now else None for name, at in until.items()}
        return replace(
            self._outside(wearer), paused_until=still[PAUSED], meeting_until=still[MEETING]
        )

    def held(self, wearer: str) -> Reason | None:
        """What asks for silence around the wearer now, None when nothing does."""
        now = self._now()
        local = datetime.fromtimestamp(now, self._zones[wearer])
        return surrounded(self.settings(wearer), now, local, self.surroundings(wearer))

    async def pause(self, wearer: str, minutes: float | None) -> Surroundings:
        """See api.wishing."""
        return await self._until(wearer, PAUSED, minutes)

    async def meet(self, wearer: str, minutes: float | None) -> Surroundings:
        """See api.wishing."""
        return await self._until(wearer, MEETING, minutes)

    def adjustments(self, wearer: str) -> Sequence[Adjustment]:
        """See api.wishing."""
        self._of(wearer)
        return tuple(self._adjusted[wearer])

    async def fine(self, alert: Alert) -> None:
        """The wearer said that this alert was fine: its limit moves, where it is theirs to move. Raises
        StoreError."""
        change = fine_change(self._effective(alert.wearer).settings, alert.kind)
        if change is None:
            return
        made = Adjustment(alert.id, alert.wearer, alert.id, *change, self._now())
        await self._keep(made, expected=None)

    async def undo(self, wearer: str, adjustment: str) -> Adjustment:
        """See api.wishing."""
        for each in self.adjustments(wearer):
            if each.id == adjustment:
                if each.undone_at is not None:
                    raise ConflictError("this was taken back already")
                return await self._keep(
                    replace(each, undone_at=self._now()), expected=each.revision
                )
        raise NotFoundError("adjustment", adjustment)

    async def _keep(self, adjustment: Adjustment, *, expected: int | None) -> Adjustment:
        wearer = adjustment.wearer
        put = self._store.put_adjustment
        await self._writer.change(lambda: put(adjustment, expected=expected))
        self._adjusted[wearer] = await self._writer.change(lambda: self._store.adjustments(wearer))
        self._tell(wearer)
        return next(each for each in self._adjusted[wearer] if each.id == adjustment.id)

    async def _until(self, wearer: str, name: str, minutes: float | None) -> Surroundings:
        self._of(wearer)
        values = {} if minutes is None else {name: self._now() + 60 * minutes}
        gone = [name] if minutes is None else []
        await self._writer.change(lambda: self._write(wearer, values, gone))
        self._tell(wearer)
        return self.surroundings(wearer)

    def _write(self, wearer: str, values: Mapping[str, Any], gone: Sequence[str]) -> None:
        """In the writer's thread, between two commits."""
        self._store.change_settings(
            wearer,
            {_PREFIX + name: value for name, value in values.items()},
            [_PREFIX + name for name in gone],
        )
        self._stored[wearer] = {
            name: value
            for name, value in ({**self._stored[wearer], **values}).items()
            if name in values or name not in gone
        }

    def _read(self, wearer: str) -> None:
        stored = {
            each.name.removeprefix(_PREFIX): each.value
            for each in self._store.settings(wearer)
            if each.name.startswith(_PREFIX)
        }
        self._stored[wearer] = {n: v for n, v in stored.items() if _holds(wearer, n, v)}
        self._adjusted[wearer] = self._store.adjustments(wearer)

    def _tell(self, wearer: str) -> None:
        self._told.pop(wearer, None)
        self.tick()

    def _of(self, wearer: str) -> dict[str, Any]:
        if wearer not in self._stored:
            raise NotFoundError("wearer", wearer)
        return self._stored[wearer]

    def _choice(self, wearer: str) -> Choice:
        stored = self._stored[wearer]
        since = stored.get(RAMP_UP)
        return Choice(
            preset=Preset(stored[PRESET]) if stored.get(PRESET) in [*Preset] else None,
            started_on=date.fromisoformat(since) if isinstance(since, str) else None,
            values={name: stored[name] for name in knobs() if name in stored},
        )

    def _effective(self, wearer: str) -> Effective:
        choice = self._choice(wearer)
        return effective(self._base, choice, self._adjusted[wearer], self._today(wearer))

    def _today(self, wearer: str) -> date:
        moment = datetime.fromtimestamp(self._now(), UTC)
        return moment.astimezone(self._zones[wearer]).date()


def _holds(wearer: str, name: str, value: Any) -> bool:
    """Whether it can be; another version may have kept what this one does not know, and nobody is to go
    without a service for that."""
    try:
        if name in knobs():
            own_values({name: value})
        elif name == RAMP_UP:
            date.fromisoformat(value)
    except (ConfigError, TypeError, ValueError) as error:
        _log.warning("what %s chose as alerts.%s is left: %s", wearer, name, error)
        return False
    return True
