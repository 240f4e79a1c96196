"""What every call wants: which right, and whose data it is about. A call without a rule is refused.

Keyed by the name of the function that serves it, which is its operationId. tests/api/test_rules.py asks every
call as somebody who may reach one wearer alone, and fails when a call has no rule.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from fastapi import HTTPException, WebSocketException
from fastapi.requests import HTTPConnection

from api.parts import Parts, parts_of, principal_of
from api.principal import Principal, Right
from api.reading import read
from domain.errors import NotFoundError


class About(Enum):
    """Whose data a call is about, and so what is asked of those who reach one wearer alone."""

    NOBODY = auto()  #: no wearer's
    FILTERED = auto()  #: everybody's, of which the call gives or takes what is theirs
    EVERYBODY = auto()  #: everybody's at once: not for them
    WEARER = auto()  #: `wearer` of path or query; without one as FILTERED
    SENSOR = auto()  #: `sensor` of the path, which they have to wear
    PAST_SENSOR = auto()  #: `sensor` of the path, which they have to wear or have worn
    ALERT = auto()  #: `alert` of the path
    EPISODE = auto()  #: `episode` of the path


@dataclass(frozen=True, slots=True)
class Rule:
    """right: None for whoever is let in. own: the right that does for a wearer's own token instead.
    public: whether it is there for everybody."""

    right: Right | None
    about: About
    own: Right | None = None
    public: bool = False


#: RFC 6455, section 7.4.1; before a WebSocket is accepted it is a 403.
POLICY_VIOLATION: Final = 1008

READ, WRITE, ADMIN = Right.READ, Right.WRITE, Right.ADMIN

RULES: Final[dict[str, Rule]] = {
    # the service
    "get_health": Rule(READ, About.FILTERED),
    "get_about": Rule(READ, About.FILTERED),
    "get_livez": Rule(None, About.NOBODY, public=True),
    "get_readyz": Rule(None, About.NOBODY, public=True),
    "get_metrics": Rule(READ, About.EVERYBODY),
    "get_live": Rule(READ, About.WEARER),
    # wearers
    "list_wearers": Rule(READ, About.FILTERED),
    "get_wearer": Rule(READ, About.WEARER),
    "add_wearer": Rule(ADMIN, About.EVERYBODY),
    "change_wearer": Rule(WRITE, About.WEARER),
    "remove_wearer": Rule(ADMIN, About.EVERYBODY),
    # sensors
    "list_sensors": Rule(READ, About.FILTERED),
    "get_sensor": Rule(READ, About.SENSOR),
    "get_readings": Rule(READ, About.PAST_SENSOR),
    "get_history": Rule(READ, About.PAST_SENSOR),
    "stream_samples": Rule(READ, About.SENSOR),
    "list_drivers": Rule(READ, About.NOBODY),
    "list_found": Rule(WRITE, About.FILTERED),
    "pair_sensor": Rule(WRITE, About.FILTERED),
    "simulate_sensors": Rule(WRITE, About.FILTERED),
    "change_sensor": Rule(WRITE, About.SENSOR),
    "unpair_sensor": Rule(WRITE, About.SENSOR),
    "identify_sensor": Rule(WRITE, About.SENSOR),
    "take_pose": Rule(WRITE, About.SENSOR),
    "calibrate_sensor": Rule(WRITE, About.SENSOR),
    # a wearer
    "get_now": Rule(READ, About.WEARER),
    "stream_lean": Rule(READ, About.WEARER),
    "get_series": Rule(READ, About.WEARER),
    "list_episodes": Rule(READ, About.WEARER),
    "get_day": Rule(READ, About.WEARER),
    "list_days": Rule(READ, About.WEARER),
    "get_week_hours": Rule(READ, About.WEARER),
    "explain_second": Rule(READ, About.WEARER),
    "explain_episode": Rule(READ, About.EPISODE),
    "get_erasable": Rule(READ, About.WEARER),
    "erase_wearer": Rule(ADMIN, About.WEARER, own=WRITE),
    "begin_export": Rule(WRITE, About.WEARER),
    "list_exports": Rule(READ, About.WEARER),
    "get_export": Rule(READ, About.WEARER),
    "get_export_file": Rule(READ, About.WEARER),
    "remove_export": Rule(WRITE, About.WEARER),
    # alerts
    "list_alerts": Rule(READ, About.WEARER),
    "list_decisions": Rule(READ, About.WEARER),
    "get_responses": Rule(READ, About.WEARER),
    "get_alert_settings": Rule(READ, About.WEARER),
    "put_alert_settings": Rule(WRITE, About.WEARER),
    "change_alert_settings": Rule(WRITE, About.WEARER),
    "remove_alert_settings": Rule(WRITE, About.WEARER),
    "foresee_alert_preset": Rule(READ, About.WEARER),
    "choose_alert_preset": Rule(WRITE, About.WEARER),
    "get_quiet": Rule(READ, About.WEARER),
    "pause_alerts": Rule(WRITE, About.WEARER),
    "resume_alerts": Rule(WRITE, About.WEARER),
    "begin_meeting": Rule(WRITE, About.WEARER),
    "end_meeting": Rule(WRITE, About.WEARER),
    "list_adjustments": Rule(READ, About.WEARER),
    "undo_adjustment": Rule(WRITE, About.WEARER),
    "acknowledge_alert": Rule(WRITE, About.ALERT),
    "snooze_alert": Rule(WRITE, About.ALERT),
    # channels
    "list_channels": Rule(READ, About.WEARER),
    "try_channel": Rule(WRITE, About.WEARER),
    "list_deliveries": Rule(READ, About.WEARER),
    "get_channel_route": Rule(READ, About.WEARER),
    "set_channel_route": Rule(WRITE, About.WEARER),
    # coming in
    "log_in": Rule(None, About.NOBODY, public=True),
    "log_out": Rule(None, About.NOBODY),
    "get_session": Rule(None, About.NOBODY),
    "list_tokens": Rule(ADMIN, About.EVERYBODY),
    "make_token": Rule(ADMIN, About.EVERYBODY),
    "revoke_token": Rule(ADMIN, About.EVERYBODY),
    "make_login_link": Rule(ADMIN, About.EVERYBODY),
    "list_audit": Rule(ADMIN, About.EVERYBODY),
    "get_organisation_days": Rule(Right.ORGANISATION, About.EVERYBODY),
}


async def authorise(connection: HTTPConnection) -> None:
    """Refuse whoever may not, of every call that is included with this as its dependency.

    Raises HTTPException 403 without the right, NotFoundError for what is another wearer's, so that nobody
    is told that it is there; of a WebSocket WebSocketException for both.
    """
    try:
        await _authorised(connection)
    except (HTTPException, NotFoundError) as error:
        if connection.scope["type"] == "websocket":
            raise WebSocketException(POLICY_VIOLATION) from error
        raise


async def _authorised(connection: HTTPConnection) -> None:
    name = getattr(connection.scope.get("endpoint"), "__name__", "")
    rule = RULES.get(name)
    if rule is None:
        raise HTTPException(403, "there is no rule who may do this, so nobody may")
    if rule.public:
        return
    principal = principal_of(connection)
    check_right(rule, principal)
    if principal.wearer is not None:
        await check_reach(rule, principal, parts_of(connection), connection)


def check_right(rule: Rule, principal: Principal) -> None:
    """Raises HTTPException when `principal` has not the right that the rule wants."""
    wanted = rule.right
    if rule.own is not None and principal.wearer is not None:
        wanted = rule.own
    if wanted is not None and not principal.may(wanted):
        raise HTTPException(403, f"this wants the right {wanted.value!r}, which you do not have")


async def check_reach(
    rule: Rule, principal: Principal, parts: Parts, connection: HTTPConnection
) -> None:
    """Raises NotFoundError for what is not the wearer's whom alone `principal` reaches, HTTPException
    for what is everybody's."""
    path = connection.path_params
    match rule.about:
        case About.NOBODY | About.FILTERED:
            return
        case About.EVERYBODY:
            raise HTTPException(403, "this is about everybody, and you reach one wearer alone")
        case About.WEARER:
            asked = [path["wearer"]] if "wearer" in path else []
            for wearer in [*asked, *connection.query_params.getlist("wearer")]:
                if not principal.reaches(wearer):
                    raise NotFoundError("wearer", wearer)
        case About.SENSOR:
            if not principal.reaches(parts.keeper.sensor(path["sensor"]).wearer):
                raise NotFoundError("sensor", path["sensor"])
        case About.PAST_SENSOR:
            worn = await read(parts.store.assignments, path["sensor"])
            if not any(principal.reaches(each.wearer) for each in worn):
                raise NotFoundError("sensor", path["sensor"])
        case About.ALERT:
            told = [each for each in parts.service.open_alerts() if each.id == path["alert"]]
            alert = told[0] if told else await read(parts.store.alert, path["alert"])
            if not principal.reaches(alert.wearer):
                raise NotFoundError("alert", path["alert"])
        case About.EPISODE:
            episode = await read(parts.store.episode, path["episode"])
            if not principal.reaches(episode.wearer):
                raise NotFoundError("episode", path["episode"])
