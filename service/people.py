"""Who is a wearer: those of the configuration file, those added over the API, what each set of themselves.

A name or a time zone that a wearer set lies above the file, as their settings of alerts do.
"""

import logging
from collections.abc import Callable, KeysView, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api.people import Origin
from api.principal import acting
from domain.errors import ConfigError, ConflictError, NotFoundError
from domain.people import Wearer
from domain.records import AuditEntry
from service.config import local_timezone
from service.leftovers import Left
from service.turns import Turns
from service.writer import StoreWriter
from storage.contract import Store

_log = logging.getLogger(__name__)

LONGEST_NAME = 64
#: As settings of the wearer in the store.
ADDED, _PREFIX = "wearer.added", "wearer."
OWN = ("name", "timezone")
#: Removing writes the file anew, as erasing does.
REMOVE_TIMEOUT_S = 1800.0


def checked_value(name: str, value: str) -> str:
    """A name or a time zone as it is kept. Raises ConfigError, its path the name of the value."""
    value = value.strip()
    if name == "name":
        if not value or len(value) > LONGEST_NAME or not value.isprintable():
            raise ConfigError(name, f"is 1 to {LONGEST_NAME} characters that can be shown")
        return value
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(name, f"no time zone {value!r}; use a name like Europe/Berlin") from error
    return value


def wearers_in_force(configured: Sequence[Wearer], store: Store) -> tuple[Wearer, ...]:
    """Those of the file, then those added, each as they call themselves. Raises StoreError."""
    own, added = _kept(store)
    known = {wearer.id: wearer for wearer in configured}
    bases = [*configured, *(_bare(each) for each in sorted(added) if each not in known)]
    return tuple(_called(base, own.get(base.id, {})) for base in bases)


@dataclass(frozen=True, slots=True)
class Heed:
    """Who is told. left: what an earlier run left of one who joins, in the writer's thread; joined, known:
    there is one more, one is called otherwise; gone: there is one less."""

    left: Callable[[str], Left]
    joined: Callable[[Wearer, Left], None]
    known: Callable[[Wearer], None]
    gone: Callable[[str], None]


class People:
    """Implements api.people.PeopleKeeper. One change at a time, each to its end. configured: of the file."""

    def __init__(
        self,
        *,
        store: Store,
        writer: StoreWriter,
        now: Callable[[], float],
        configured: Sequence[Wearer],
        heed: Heed,
    ) -> None:
        self._store = store
        self._writer = writer
        self._now = now
        self._heed = heed
        self._configured = {wearer.id: wearer for wearer in configured}
        self._own, self._added = _kept(store)
        self._wearers = {each.id: each for each in wearers_in_force(configured, store)}
        self._turns = Turns("people")

    @property
    def ids(self) -> KeysView[str]:
        """Who there is now, also later on."""
        return self._wearers.keys()

    @property
    def timezone(self) -> str:
        """See api.people."""
        return local_timezone()

    def origin(self, wearer: str) -> Origin:
        """See api.people."""
        if wearer in self._configured:
            return "configuration"
        return "added" if wearer in self._wearers else "past"

    def own(self, wearer: str) -> tuple[str, ...]:
        """See api.people."""
        if wearer not in self._wearers:
            return ()
        return tuple(name for name in OWN if name in self._own.get(wearer, {}))

    async def change(self, wearer: str, values: Mapping[str, str | None]) -> Wearer:
        """See api.people."""
        return await self._turns.whole(self._change(wearer, values))

    async def add(self, wearer: Wearer) -> Wearer:
        """See api.people."""
        return await self._turns.whole(self._add(wearer))

    async def remove(self, wearer: str) -> None:
        """See api.people."""
        await self._turns.whole(self._remove(wearer))

    def stay(self, wearer: str) -> None:
        """All there was of the wearer is erased: have them in the store with no past, as nobody called them.
        In the writer's thread. Raises StoreError."""
        if wearer in self._wearers:
            self._store.put_wearer(self._base(wearer))
            if wearer not in self._configured:
                self._store.change_settings(wearer, {ADDED: True})

    def forget(self, wearer: str) -> None:
        """What the store has of the wearer has changed otherwise."""
        if wearer in self._wearers:
            own = {each.name: each.value for each in self._store.settings(wearer)}
            self._own[wearer] = _held(wearer, own)
            self._tell(wearer)

    async def _change(self, wearer: str, values: Mapping[str, str | None]) -> Wearer:
        if wearer not in self._wearers:
            raise NotFoundError("wearer", wearer)
        kept = {n: checked_value(n, v) for n, v in values.items() if v is not None}
        gone = [name for name, value in values.items() if value is None]
        before = self._own.get(wearer, {})
        own = {n: v for n, v in before.items() if n not in gone} | kept
        after = _called(self._base(wearer), own)
        zone = [f"timezone = {after.timezone}"] if "timezone" in values else []
        entry = self._entry(
            "settings", wearer, ", ".join([*(["name"] if "name" in values else []), *zone])
        )

        def work() -> None:
            named = {_PREFIX + name: value for name, value in kept.items()}
            self._store.change_settings(wearer, named, [_PREFIX + name for name in gone])
            self._store.put_wearer(after)
            self._store.add_audit(entry)

        if values:
            await self._writer.change(work)
            self._own[wearer] = own
            self._tell(wearer)
        return after

    async def _add(self, wearer: Wearer) -> Wearer:
        if wearer.id in self._wearers:
            raise ConflictError(f"there is a wearer {wearer.id!r} already")
        own = {"name": checked_value("name", wearer.name)}
        own["timezone"] = checked_value("timezone", wearer.timezone)
        after = _called(_bare(wearer.id), own)
        entry = self._entry("wearer added", wearer.id)

        def work() -> Left:
            named = {_PREFIX + name: value for name, value in own.items()}
            self._store.change_settings(wearer.id, {ADDED: True, **named})
            self._store.put_wearer(after)
            self._store.add_audit(entry)
            return self._heed.left(wearer.id)

        left = await self._writer.change(work)
        self._own[wearer.id] = own
        self._wearers[wearer.id] = after
        self._heed.joined(after, left)
        return after

    async def _remove(self, wearer: str) -> None:
        if wearer in self._configured:
            raise ConflictError(
                f"{wearer} is in the configuration file, or there by default: write there who the wearers "
                "are, and start Sitwell again"
            )
        before = self._wearers.pop(wearer, None)  # nothing is paired for them any more
        entry = self._entry("wearer removed", "", "")

        def work() -> None:
            if not any(each.id == wearer for each in self._store.wearers()):
                raise NotFoundError("wearer", wearer)
            if any(each.wearer == wearer for each in self._store.sensors()):
                raise ConflictError(f"{wearer} wears a sensor: unpair it first")
            if wearer in self._store.spans():
                raise ConflictError(
                    f"there are data of {wearer}: export what is to be kept, then erase them first "
                    "(DELETE /api/v1/wearers/ID/data)"
                )
            self._store.erase(wearer)  # settings, tokens, what is left
            self._store.add_audit(entry)

        try:
            await self._writer.commit()  # what is still owed of the past
            await self._writer.change(work, timeout_s=REMOVE_TIMEOUT_S)
        except BaseException:
            if before is not None:
                self._wearers[wearer] = before
            raise
        self._own.pop(wearer, None)
        if before is not None:
            self._heed.gone(wearer)

    def _tell(self, wearer: str) -> None:
        self._wearers[wearer] = _called(self._base(wearer), self._own.get(wearer, {}))
        self._heed.known(self._wearers[wearer])

    def _base(self, wearer: str) -> Wearer:
        return self._configured.get(wearer) or _bare(wearer)

    def _entry(self, what: str, wearer: str, detail: str = "") -> AuditEntry:
        return AuditEntry(self._now(), acting.get(), what, wearer, detail)


def _bare(wearer: str) -> Wearer:
    """One who was added, before anybody called them anything."""
    return Wearer(wearer, wearer, local_timezone())


def _called(base: Wearer, own: Mapping[str, str]) -> Wearer:
    return replace(
        base, name=own.get("name", base.name), timezone=own.get("timezone", base.timezone)
    )


def _kept(store: Store) -> tuple[dict[str, dict[str, str]], set[str]]:
    """What each set of themselves, and who was added."""
    values: dict[str, dict[str, Any]] = {}
    for each in store.settings(None):
        if each.name.startswith(_PREFIX):
            values.setdefault(each.wearer, {})[each.name] = each.value
    own = {wearer: _held(wearer, found) for wearer, found in values.items()}
    return own, {wearer for wearer, found in values.items() if found.get(ADDED) is True}


def _held(wearer: str, stored: Mapping[str, Any]) -> dict[str, str]:
    """What can be of it: a time zone may be gone from this machine."""
    held = {}
    for name in OWN:
        value = stored.get(_PREFIX + name)
        if isinstance(value, str):
            try:
                held[name] = checked_value(name, value)
            except ConfigError as error:
                _log.warning("what %s set as %s is left: %s", wearer, name, error.problem)
    return held
