"""The shapes of the answers, as docs/api.md and the OpenAPI description give them."""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from api.answer import Answer, Time
from api.people import Origin
from api.store_state import StoreState
from domain.alerts import AlertKind, Outcome, Severity
from domain.episodes import EpisodeKind
from domain.faults import FaultKind
from domain.link import LinkReason, LinkState
from domain.people import ReferenceMethod
from domain.placement import Placement

#: A figure, or null where it cannot be known.
Known: TypeAlias = float | None
ActivityWord: TypeAlias = Literal["unknown", "lying", "sitting", "standing", "moving", "not_worn"]
AsymmetryWord: TypeAlias = Literal["side", "turn"]
QualityWord: TypeAlias = Literal[
    "gap", "lost", "dynamic", "saturated", "uncalibrated", "reference_shifted", "invalid", "fault"
]


class Span(Answer):
    """From a time to before another."""

    start: Time
    end: Time


class Wearer(Answer):
    """A person. own: what they set themselves, and null takes back. origin: the configuration file names
    them, they were added over the API, or only their past is there."""

    id: str
    name: str
    timezone: str = Field(description="IANA name")
    language: str | None = Field(
        description="of alerts and the page, as their settings of alerts say; null where nobody chose one"
    )
    own: list[Literal["name", "timezone"]]
    origin: Origin
    replayed: list[Span] = Field(description="what of their time is of replayed recordings")


class Reference(Answer):
    """The calibration in force."""

    method: ReferenceMethod
    made_at: Time
    sigma_deg: Known
    slouch_deg: Known


class Sensor(Answer):
    """A paired sensor and the state of the link to it."""

    id: str
    name: str
    driver: str
    driver_title: str
    placement: Placement
    wearer: str
    simulated: bool
    state: LinkState
    state_since: Time | None
    reason: str | None
    reason_code: LinkReason
    model: str | None
    firmware: str | None
    maker: str | None
    rssi_dbm: int | None
    battery_percent: Known
    charging: bool | None
    rate_hz: Known
    received: int
    lost: int
    lost_share: Known
    bad_payloads: int
    reconnects: int
    last_sample_at: Time | None
    calibration: Reference | None


class Fault(Answer):
    """What is wrong with a sensor now: nothing it says is taken for posture."""

    sensor: str
    placement: Placement
    kind: FaultKind
    since: Time
    sentence: str


class Now(Answer):
    """What is so of a wearer now; `time` is null before the first frame."""

    wearer: str
    time: Time | None
    activity: ActivityWord
    activity_since: Time | None
    confidence: Known
    p_sitting: Known
    lean_deg: Known
    side_deg: Known
    sitting_clock_s: int | None
    bout_start: Time | None
    upright_s: int | None
    slouching_since: Time | None
    slouch_entry_deg: Known
    quality: list[QualityWord]
    reference_method: ReferenceMethod
    reference_sigma_deg: Known
    reasons: list[str]
    faults: list[Fault]
    placements: list[Placement]
    stale_s: Known
    simulated: bool = Field(description="of this wearer")
    replayed: bool = Field(description="whether the second is of a replayed recording")
    sitting_limit_s: int


class Series(Answer):
    """Columns of equal length, one row a bucket that holds data."""

    wearer: str
    start: Time
    end: Time
    resolution_s: int
    simulated: bool = Field(description="whether simulated sensors measured any of it")
    replayed: bool = Field(description="whether any of it is of a replayed recording")
    times: list[Time]
    seconds: dict[ActivityWord, list[int]]
    means: dict[str, list[Known]]
    lean_min_deg: list[Known]
    lean_max_deg: list[Known]
    coverage: list[Known]


class Episode(Answer):
    """Something that lasts; `end` is null while it goes on. `asymmetry`: what made a bend asymmetric."""

    id: str
    wearer: str
    kind: EpisodeKind
    start: Time
    end: Time | None
    open: bool
    duration_s: int
    peak: Known
    mean: Known
    dose: Known
    confidence: Known
    limit: Known
    placement: str
    censored: bool
    asymmetry: list[AsymmetryWord]
    simulated: bool
    replayed: bool


class Day(Answer):
    """One local day, cut in the wearer's time zone."""

    wearer: str
    day: date
    timezone: str
    start: Time
    end: Time
    simulated: bool = Field(description="whether simulated sensors measured any of it")
    replayed: bool = Field(description="whether any of it is of a replayed recording")
    seconds: dict[ActivityWord, int]
    sitting_bouts: int
    longest_sitting_s: int
    breaks: int
    full_breaks: int
    slouches: int
    slouch_s: int
    slouch_dose_deg_min: Known
    lean_mean_deg: Known
    alerts: dict[str, int]
    answered_within_5_min: int


class Explanation(Answer):
    """Why an alert was raised, in figures."""

    measured: str
    value: Known
    limit: Known
    unit: str
    lasted_s: int
    placement: str
    confidence: Known


class Alert(Answer):
    """One decision to speak, with its life so far."""

    id: str
    wearer: str
    episode: str
    kind: AlertKind
    severity: Severity
    opened_at: Time
    closed_at: Time | None
    message: str
    explanation: Explanation
    said: int
    last_said_at: Time | None
    acknowledged_at: Time | None
    snoozed_until: Time | None
    outcome: Outcome | None
    response_s: Known
    open: bool
    revision: int


class SensorCount(Answer):
    """How many sensors stream, of how many."""

    streaming: int
    total: int


class SeedingState(Answer):
    """Made-up history on its way into the store."""

    done_days: int
    total_days: int


class Health(Answer):
    """How the service is."""

    status: Literal["ok", "degraded"]
    version: str
    now: Time
    started_at: Time
    speed: float
    simulated: bool
    store: StoreState
    sensors: SensorCount
    seeding: SeedingState | None
    problems: list[str]


class Hello(Answer):
    """The first event of a live stream. gap: events were missed; what follows is so now."""

    now: Time
    speed: float
    simulated: bool
    gap: bool
    version: str


class Wearers(Answer):
    """All wearers."""

    items: list[Wearer]


class Sensors(Answer):
    """All paired sensors."""

    items: list[Sensor]


NextCursor: TypeAlias = Annotated[
    str | None, Field(description="give it as `cursor` for the next page; null on the last")
]


class Episodes(Answer):
    """Episodes by start."""

    items: list[Episode]
    next_cursor: NextCursor = None


class Alerts(Answer):
    """Alerts, newest first."""

    items: list[Alert]
    next_cursor: NextCursor = None


class Acknowledgement(BaseModel):
    """What the wearer says to an alert; `fine` closes it as a false alarm."""

    model_config = ConfigDict(extra="forbid")

    feedback: Literal["fine"] | None = None


class Snooze(BaseModel):
    """For how long to be silent."""

    model_config = ConfigDict(extra="forbid")

    minutes: int = Field(ge=1, le=240, strict=True)


class Driver(Answer):
    """A kind of sensor that can be read, and what a person is to know of it."""

    name: str
    title: str
    connects: bool = Field(description="false: it only advertises, nothing is asked of it")
    measures: list[str]
    models: list[str]
    placements: list[Placement] = Field(description="best first")
    wear: str
    limits: list[str]


class Drivers(Answer):
    """All that can be read."""

    items: list[Driver]


class FoundDevice(Answer):
    """Something on the air; `driver` is null when nobody can read it."""

    address: str
    name: str | None
    rssi_dbm: int | None
    driver: str | None
    driver_title: str | None
    measures: list[str]
    placements: list[Placement]
    heard_at: Time


class FoundDevices(Answer):
    """What was on the air in the last minute. problem: why nothing can be heard, null when there is a radio;
    problem_code: the same as a word."""

    items: list[FoundDevice]
    problem: str | None = None
    problem_code: LinkReason = LinkReason.NONE


class Wish(BaseModel):
    """A request body: closed, and types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PairingWish(Wish):
    """A sensor to be paired."""

    address: str = Field(pattern="^[0-9A-Za-z:-]{2,64}$", description="as /discovery gives it")
    wearer: str | None = Field(default=None, max_length=32, description="whose, of several")
    placement: Placement
    name: str | None = Field(default=None, min_length=1, max_length=64)
    driver: str | None = Field(default=None, max_length=64, description="goes by the advertisement")
    key: str | None = Field(
        default=None, pattern="^([0-9A-Fa-f]{2}){1,64}$", description="hex, of one that encrypts"
    )


class SensorGone(Answer):
    """`wearer` wears the sensor `id` no longer: it was unpaired or handed over."""

    id: str
    wearer: str


class SensorChange(Wish):
    """What is to change of a paired sensor; what is null stays."""

    name: str | None = Field(default=None, min_length=1, max_length=64)
    wearer: str | None = Field(default=None, max_length=32)
    placement: Placement | None = None
