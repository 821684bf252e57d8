"""The plan: who goes, by which way, for what; what stays unmet, and what stays behind.

A plan is plain frozen data. Times are whole seconds after ``start``; points
are (lon, lat) in EPSG:4326. ``plan.json`` is these records written out, field
by field, so the classes here are the schema of the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.plan.answers import Choice, Explanation

Point = tuple[float, float]

SCHEMA_VERSION = 3


@dataclass(frozen=True)
class Place:
    """A named point."""

    name: str
    name_en: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Passage:
    """A piece of one link, driven at one pace, to the millisecond.

    ``begin`` and ``end`` are fractions of the link in the order driven, so that
    the whole of it is 0 to 1, or 1 to 0 against its direction.
    """

    link: str
    begin: float
    end: float
    enter_s: float
    leave_s: float


@dataclass(frozen=True)
class Leg:
    """One movement, or one wait, of one team.

    ``kind`` is wait, mobilise, load, drive, ride, fly or transfer; a wait before
    the team mobilises is for the order that releases it, a later one for a road
    to open, a train, an aircraft or daylight. Drives carry the vehicle profile
    whose pace they keep, the road numbers in the order driven, the ids of the
    links, and ``passages``, the clock of the way. ``service`` is the train or
    the lines of a ride, and the aircraft of a flight; ``origin_id`` and
    ``destination_id`` are those of stations and airfields. ``line`` is the way
    as drawn on a map (empty for a leg that goes nowhere). ``origin_en`` and
    ``destination_en`` are empty where a place has no English name.
    """

    kind: str
    start_s: int
    end_s: int
    distance_m: int
    toll_paid_yuan: float
    toll_waived_yuan: float
    origin: str
    destination: str
    roads: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    line: tuple[Point, ...] = ()
    passages: tuple[Passage, ...] = ()
    profile: str = ""
    service: str = ""
    origin_id: str = ""
    destination_id: str = ""
    origin_en: str = ""
    destination_en: str = ""


@dataclass(frozen=True)
class Task:
    """What a team does for one demand on arrival."""

    demand_id: str
    capability: str
    capability_name: str
    capability_name_en: str
    unit: str
    unit_en: str
    modules: int
    quantity: int
    on_time: bool


@dataclass(frozen=True)
class Order:
    """One team sent to one incident.

    ``mode`` is road, rail or air: without its vehicles unless by road.
    ``without_privilege_s`` is when it would arrive if the policy did not free
    its vehicles of toll; journeys by train and aircraft are not compared.
    ``by_road_s`` is when it would arrive with its vehicles by road, None where
    no way leads there.
    """

    team_id: str
    team_name: str
    team_name_en: str
    kind: str
    tier: str
    control_level: str
    personnel: int
    status: str
    origin: Place
    incident_id: str
    mode: str
    depart_s: int
    arrive_s: int
    distance_m: int
    toll_paid_yuan: float
    toll_waived_yuan: float
    cost_yuan: float
    without_privilege_s: int
    tasks: tuple[Task, ...]
    legs: tuple[Leg, ...]
    by_road_s: int | None = None


@dataclass(frozen=True)
class StoodDown:
    """A team whose order ended at ``at_s``, when the plan went on after events.

    ``reason`` is lost, unable (all its units are lost) or released (no longer
    needed, or of no use in time). ``left`` tells whether it had set out from
    ``origin`` for the incident.
    """

    team_id: str
    team_name: str
    team_name_en: str
    tier: str
    control_level: str
    personnel: int
    origin: Place
    incident_id: str
    reason: str
    left: bool
    at_s: int


@dataclass(frozen=True)
class Reason:
    """Why a candidate does not fill an unmet need.

    ``code`` names the kind of reason; the texts are ready to read.
    """

    code: str
    team_id: str | None
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class DemandState:
    """A demand, and how much of it the plan meets.

    Where it is not met in full ``explanation`` says what rules out more and
    what would help; where it is, ``choices`` say why these teams. ``weight`` is
    what its priority weighs by the doctrine, for the ``reference`` quantity of
    the capability (the mean of all that want it), 0 for its own.
    """

    demand_id: str
    capability: str
    capability_name: str
    capability_name_en: str
    unit: str
    unit_en: str
    priority: int
    quantity: int
    minimum: int
    target_s: int
    latest_s: int
    met_by_target: int
    met: int
    unmet: int
    reasons: tuple[Reason, ...]
    explanation: Explanation | None = None
    choices: tuple[Choice, ...] = ()
    weight: int = 0
    reference: int = 0

    @property
    def unit_weight(self) -> float:
        """What one unit weighs, the same at every incident that wants it as much."""
        return self.weight / (self.reference or self.quantity)


@dataclass(frozen=True)
class IncidentState:
    """An incident with its demands, as planned for, and who commands it at which level.

    ``level_rule`` says which rule set the level.
    """

    incident_id: str
    name: str
    name_en: str
    type: str
    type_name: str
    type_name_en: str
    lon: float
    lat: float
    demands: tuple[DemandState, ...]
    adcode: str = ""
    county: str = ""
    county_en: str = ""
    level: str = ""
    level_rule: str = ""
    level_rule_en: str = ""
    headquarters: str = ""
    headquarters_en: str = ""
    command: str = ""
    command_en: str = ""


@dataclass(frozen=True)
class Reserve:
    """What stays behind in one city, by tier."""

    city: str
    city_en: str
    tier: str
    teams: int
    sent: int
    left: int


@dataclass(frozen=True)
class FloorState:
    """A reserve floor in one area at the plan's level, and what the plan leaves of it.

    ``reserve`` names the rule, ``adcode`` the area. Of ``teams`` that count,
    ``required`` should stay and ``left`` do; ``status`` is the rule's.
    """

    reserve: str
    adcode: str
    area: str
    area_en: str
    text: str
    text_en: str
    teams: int
    required: int
    left: int
    status: str = "existing"

    @property
    def missing(self) -> int:
        """How many should stay and don't."""
        return max(0, self.required - self.left)


@dataclass(frozen=True)
class PolicyState:
    """What the command had decided, and what it had been told, besides toll-free passage.

    ``level`` is auto, or the level that was set. ``closures`` are their names,
    ``closures_en`` those in English, each empty where there is none; ``lost`` and
    ``opened`` are ids, ``lost_vehicles`` how many of which profile of which team; the
    other fields are those of the scenario's policy and conditions.
    """

    level: str = "auto"
    modes: tuple[str, ...] = ()
    emergency_train_lead_min: float | None = None
    rail_kit_kg_per_person: float | None = None
    weather: str = "clear"
    visibility_m: float | None = None
    ceiling_m: float | None = None
    wind_ms: float | None = None
    site_landing: bool = True
    closures: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    lost_vehicles: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    closures_en: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """How one lexicographic stage of the optimisation ended."""

    name: str
    sense: str
    value: int
    bound: int
    gap: float
    termination: str


@dataclass(frozen=True)
class Privilege:
    """What free roads are worth in this plan: time saved and toll waived.

    ``minutes_saved`` sums, over the orders, the arrival without the privilege
    less the arrival with it.
    """

    toll_free: bool
    minutes_saved: float
    toll_waived_yuan: float


@dataclass(frozen=True)
class IllustrativeRecord:
    """A record invented for illustration that the plan leans on."""

    table: str
    key: str
    name: str


@dataclass(frozen=True)
class Provenance:
    """What made this plan: versions, inputs (SHA-256), seed."""

    dispatch_version: str
    solver: str
    seed: int
    workers: int
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Plan:
    """A dispatch plan with everything needed to read, check and archive it.

    ``turn_min`` is, of a plan that goes on after events, what turning a team
    under way had to be worth more than, in priority-weighted minutes.
    """

    schema_version: int
    scenario: str
    title: str
    title_en: str
    note: str
    start: str
    level: str
    toll_free: bool
    incidents: tuple[IncidentState, ...]
    orders: tuple[Order, ...]
    reserves: tuple[Reserve, ...]
    privilege: Privilege
    stages: tuple[Stage, ...]
    illustrative: tuple[IllustrativeRecord, ...]
    provenance: Provenance
    turn_min: float | None = None
    policy: PolicyState = PolicyState()
    floors: tuple[FloorState, ...] = ()
    note_en: str = ""
    stood_down: tuple[StoodDown, ...] = ()

    def _repr_html_(self) -> str:
        """Return what Jupyter shows; rendering lies above the plan and is found by name."""
        import dispatch

        return str(dispatch.plan_html(self))
