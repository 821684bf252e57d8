"""Choices of one team, on the tables that come with the package.

Taiyuan lies in the middle of the province, Yuncheng in the south west, some
350 km by motorway; both have high-speed stations on the same line.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pandas as pd
import pytest

from dispatch.analysis import Itinerary, as_frame, itineraries
from dispatch.errors import InputError
from dispatch.network.daylight import CHINA
from dispatch.network.itinerary import unbeaten
from dispatch.registry import Registry, load_registry
from dispatch.scenario import ClosureSpec, Conditions, Policy

MORNING = datetime.fromisoformat("2026-07-15T10:00+08:00")
Place = tuple[float, float]
WINTER_NIGHT = datetime.fromisoformat("2026-01-15T02:00+08:00")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


@pytest.fixture(scope="module")
def yuncheng(registry: Registry) -> Place:
    county = registry.counties.loc["140802"]
    return float(county["lon"]), float(county["lat"])


def of_taiyuan(registry: Registry, kind: str) -> str:
    """Name the first team of a kind in Taiyuan."""
    teams = registry.teams
    here = teams["adcode"].str.startswith("1401") & teams["kind"].eq(kind)
    return str(teams.index[here][0])


@pytest.fixture(scope="module")
def medics(registry: Registry) -> str:
    """Name a team that fits into an aircraft and works without its vehicles."""
    return of_taiyuan(registry, "medical")


@pytest.fixture(scope="module")
def foresters(registry: Registry) -> str:
    """Name a team that does not."""
    return of_taiyuan(registry, "forest_fire")


@pytest.fixture(scope="module", params=["medics", "foresters"])
def team(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture(scope="module")
def morning(registry: Registry, team: str, yuncheng: Place) -> tuple[Itinerary, ...]:
    return itineraries(registry, team, *yuncheng, MORNING, slope_deg=3.0)


def test_each_mode_uses_its_own_lift(morning: tuple[Itinerary, ...]) -> None:
    modes = [choice.mode for choice in morning]
    assert len(set(modes)) > 1
    assert modes[-1] == "road"
    arrivals = [choice.arrive_s for choice in morning]
    assert arrivals == sorted(arrivals)
    for choice in morning:
        assert (choice.seats > 0) == (choice.mode == "rail")
        assert (choice.aircraft_s > 0) == (choice.mode == "air")
        assert choice.cost_yuan > 0


def test_none_beats_another(morning: tuple[Itinerary, ...]) -> None:
    columns = ("arrive_s", "cost_yuan", "seats", "aircraft_s")
    assert unbeaten(*([getattr(c, name) for c in morning] for name in columns)).all()


def test_legs_follow_one_another_from_the_order_to_the_arrival(
    registry: Registry, team: str, morning: tuple[Itinerary, ...]
) -> None:
    kinds = {"road": "drive", "rail": "ride", "air": "fly"}
    for choice in morning:
        first, *rest = choice.legs
        assert (first.kind, first.start_s) == ("mobilise", 0)
        assert first.end_s == registry.teams.at[team, "mobilise_day_s"]
        assert choice.legs[-1].end_s == choice.arrive_s
        assert all(a.end_s == b.start_s for a, b in pairwise(choice.legs))
        assert kinds[choice.mode] in {leg.kind for leg in rest}


def test_by_night_the_first_train_comes_after_the_road_but_costs_less(
    registry: Registry, foresters: str, yuncheng: Place
) -> None:
    """A plan would never leave the vehicles for it: here it is one of the choices."""
    night = itineraries(registry, foresters, *yuncheng, WINTER_NIGHT)
    assert [choice.mode for choice in night] == ["road", "rail"]
    assert night[0].cost_yuan > night[1].cost_yuan
    assert night[0].legs[0].end_s == registry.teams.at[foresters, "mobilise_night_s"]
    (ride,) = (leg for leg in night[1].legs if leg.kind == "ride")
    assert ride.start_s > 4 * 3600


def test_the_hour_is_that_of_the_province_wherever_it_is_told(
    registry: Registry, foresters: str, yuncheng: Place
) -> None:
    told = [
        itineraries(registry, foresters, *yuncheng, WINTER_NIGHT.astimezone(zone))
        for zone in (UTC, CHINA)
    ]
    assert told[0] == told[1]


def test_fog_keeps_aircraft_down(registry: Registry, medics: str, yuncheng: Place) -> None:
    fog = Conditions(weather="fog", visibility_m=100)
    choices = itineraries(registry, medics, *yuncheng, MORNING, conditions=fog)
    assert choices
    assert "air" not in {choice.mode for choice in choices}


def test_policy_and_closures_take_choices_away(
    registry: Registry, foresters: str, yuncheng: Place
) -> None:
    ask = registry, foresters, *yuncheng, MORNING
    assert [c.mode for c in itineraries(*ask, policy=Policy(modes=("rail",)))] == ["rail"]
    shut = [
        ClosureSpec(name=station, station=station) for station in registry["network/stations"].index
    ]
    assert [choice.mode for choice in itineraries(*ask, closures=shut)] == ["road"]
    assert not itineraries(*ask, policy=Policy(modes=("rail",)), closures=shut)


def test_a_team_that_is_nothing_without_its_vehicles_goes_by_road(
    registry: Registry, yuncheng: Place
) -> None:
    portable = registry["doctrine/capabilities"]["portable"].eq("yes")
    modules = registry["teams/capabilities"]
    works = portable[modules["capability"]].to_numpy()
    bound = sorted(set(modules["team_id"]) - set(modules["team_id"][works]))
    assert bound
    (choice,) = itineraries(registry, bound[0], *yuncheng, MORNING)
    assert choice.mode == "road"


def test_frame_of_legs(morning: tuple[Itinerary, ...]) -> None:
    frame = as_frame(morning)
    assert list(frame.columns) == ["mode", "leg", "from", "to", "start", "end", "km"]
    assert frame.index.name == "itinerary"
    assert len(frame) == sum(len(choice.legs) for choice in morning)
    last = frame.groupby("itinerary")["end"].last()
    assert last.tolist() == [pd.Timedelta(seconds=choice.arrive_s) for choice in morning]
    assert frame.loc[frame["leg"].eq("mobilise"), "km"].eq(0).all()
    assert frame["km"].sum() == pytest.approx(
        sum(leg.distance_m for choice in morning for leg in choice.legs) / 1000
    )
    assert as_frame(()).empty
    assert list(as_frame(()).columns) == list(frame.columns)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"team_id": "nobody"}, "nobody"),
        ({"lon": 100.0}, "lon"),
        ({"start": datetime(2026, 7, 15, 10)}, "start"),
        ({"closures": [ClosureSpec(name="x", link="no-such-link")]}, "no-such-link"),
    ],
)
def test_what_is_not_there_is_refused(
    registry: Registry, medics: str, changed: dict[str, object], problem: str
) -> None:
    asked = {"team_id": medics, "lon": 112.5, "lat": 37.8, "start": MORNING} | changed
    with pytest.raises(InputError, match=problem):
        itineraries(registry, **asked)  # type: ignore[arg-type]


def test_a_place_far_from_every_road_is_refused(registry: Registry, medics: str) -> None:
    """The north-west corner of the province's bounds lies in the desert."""
    with pytest.raises(InputError, match=r"110\.0, 40\.9"):
        itineraries(registry, medics, 110.0, 40.9, MORNING)
