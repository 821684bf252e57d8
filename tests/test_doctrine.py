"""The doctrine, by hand and by property.

The little province of the floor and pool tests, with codes by GB/T 2260::

    city A 140100          city B 140700      city C 140400
    +---------+---------+  +---------+        +---------+
    | 140105  | 140106  |--| 140702  |--------| 140403  |
    +---------+---------+  +---------+        +---------+

A borders on B, B on C, A not on C.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.doctrine import (
    CONTROL_LEVELS,
    LEVELS,
    PLACES,
    TEAM_KINDS,
    TIERS,
    highest,
    load_doctrine,
    next_level,
)
from dispatch.errors import Fault, InputError
from dispatch.i18n import pick

DATA = Path(__file__).parents[1] / "data"
DOCTRINE = load_doctrine(DATA)
TYPES = tuple(DOCTRINE.types)

OWN_COUNTY, OWN_CITY, NEIGHBOUR, FAR = range(len(PLACES))


def severity(level: str) -> int:
    """Return a number that grows with the level."""
    return -LEVELS.index(level)


# ------------------------------------------------------------------ levels


@pytest.mark.parametrize(
    ("incident_type", "impact", "level", "rule"),
    [
        # Wangjialing 2010: 153 trapped
        ("mine_flood", {"trapped": 153}, "I", "accident.I.life_threat"),
        # Zaoling 2019: 20 died
        ("slope_failure", {"deaths": 7, "missing": 13}, "II", "geology.II.dead_missing"),
        # Hongdong 1303
        ("earthquake", {"magnitude": 8.0}, "I", "earthquake.I.magnitude"),
        # October 2021: the State's relief response of 9 October was level IV
        ("flood", {"affected": 1_757_100, "displaced": 120_100}, "IV", "relief.IV.displaced"),
        # the same, with the area: the province is the common superior
        ("flood", {"displaced": 120_100, "counties": 76, "cities": 11}, "II", "area.II.cities"),
        # Order 493: at the figure, and one below it
        ("roof_fall", {"deaths": 30}, "I", "accident.I.life_threat"),
        ("roof_fall", {"deaths": 29}, "II", "accident.II.life_threat"),
        ("roof_fall", {"deaths": 10}, "II", "accident.II.life_threat"),
        ("roof_fall", {"deaths": 9}, "III", "accident.III.life_threat"),
        ("roof_fall", {"deaths": 3}, "III", "accident.III.life_threat"),
        ("roof_fall", {"deaths": 2}, "IV", "accident.IV.life_threat"),
        ("hazmat", {"injured": 50}, "II", "accident.II.injured"),
        ("hazmat", {"injured": 49}, "III", "accident.III.injured"),
        ("hazmat", {"loss_yuan": 100_000_000}, "I", "accident.I.loss_yuan"),
        # the dead, the missing and the trapped count together
        (
            "gas_explosion",
            {"deaths": 4, "missing": 3, "trapped": 3},
            "II",
            "accident.II.life_threat",
        ),
        # National earthquake plan, both kinds of area
        ("earthquake", {"magnitude": 6.9}, "II", "earthquake.II.magnitude"),
        ("earthquake", {"magnitude_dense": 6.0}, "I", "earthquake.I.magnitude_dense"),
        ("earthquake", {"magnitude": 4.2, "deaths": 50}, "II", "earthquake.II.dead_missing"),
        # the trapped count too, by analogy; the documented rule is named first
        ("earthquake", {"trapped": 60}, "II", "earthquake.II.life_threat"),
        ("earthquake", {"missing": 60}, "II", "earthquake.II.dead_missing"),
        # Forest Fire Prevention Regulation
        ("forest_fire", {"area_ha": 1000}, "I", "forest_fire.I.area_ha"),
        ("forest_fire", {"area_ha": 999.9}, "II", "forest_fire.II.area_ha"),
        ("forest_fire", {"area_ha": 0.9}, "IV", "forest_fire.IV.area_ha"),
        # Fen and Zhulong river breaches: main tributaries
        ("flood", {"breaches": 1}, "II", "flood.II.breaches"),
        ("dam", {"reservoir_m3": 9_999_999}, "III", "flood.III.reservoir_m3"),
        ("mass_casualty", {"injured": 28, "deaths": 2}, "III", "accident.III.injured"),
    ],
)
def test_level_by_hand(incident_type: str, impact: dict[str, float], level: str, rule: str) -> None:
    decision = DOCTRINE.derive_level(incident_type, impact)
    assert (decision.level, decision.rule.rule) == (level, rule)


def test_decision_shows_every_rule_looked_at() -> None:
    decision = DOCTRINE.derive_level("mine_flood", {"trapped": 12})
    by_name = {item.rule.rule: item for item in decision.considered}
    assert set(by_name) == {
        rule.rule for rule in DOCTRINE.levels if rule.rule_set in ("accident", "area")
    }
    assert by_name["accident.I.life_threat"].value == 12
    assert not by_name["accident.I.life_threat"].fired
    assert by_name["accident.II.life_threat"].fired
    assert by_name["accident.I.injured"].value is None
    assert "10" in pick(decision.rule.text, decision.rule.text_en)
    assert "493" in decision.rule.source


def test_every_type_has_a_level_without_any_figure() -> None:
    assert {DOCTRINE.derive_level(name, {}).level for name in TYPES} == {"IV"}


def test_highest_and_next_level() -> None:
    assert highest(["IV", "II", "III"]) == "II"
    assert [next_level(level) for level in LEVELS] == [None, "I", "II", "III"]


figures = st.floats(0, 1e9, allow_nan=False) | st.integers(0, 400)


@st.composite
def growing(draw: st.DrawFn) -> tuple[str, dict[str, float], dict[str, float]]:
    """Draw a type with figures, and the same with figures that are nowhere less."""
    name = draw(st.sampled_from(TYPES))
    keys = draw(st.lists(st.sampled_from(DOCTRINE.types[name].impacts), unique=True))
    less = {key: draw(figures) for key in keys}
    more = {key: value + draw(figures) for key, value in less.items()}
    extra = draw(st.sampled_from(DOCTRINE.types[name].impacts))
    return name, less, {extra: draw(figures), **more}


@settings(derandomize=True, max_examples=300)
@given(growing())
def test_more_impact_never_a_lower_level_or_fewer_needs(
    case: tuple[str, dict[str, float], dict[str, float]],
) -> None:
    name, less, more = case
    before, after = DOCTRINE.derive_level(name, less), DOCTRINE.derive_level(name, more)
    assert severity(after.level) >= severity(before.level)
    needs = {need.capability: need for need in DOCTRINE.default_demands(name, less)}
    grown = {need.capability: need for need in DOCTRINE.default_demands(name, more)}
    for capability, need in needs.items():
        assert grown[capability].quantity >= need.quantity
        assert grown[capability].minimum >= need.minimum


# ------------------------------------------------------------------ needs


def quantities(incident_type: str, impact: dict[str, float]) -> dict[str, int]:
    """Return what is needed of each capability, all waves together."""
    wanted: Counter[str] = Counter()
    for need in DOCTRINE.default_demands(incident_type, impact):
        wanted[need.capability] += need.quantity
    return dict(wanted)


def test_needs_of_wangjialing() -> None:
    needs = quantities("mine_flood", {"trapped": 153})
    assert needs == {
        "pumping": 5100,  # 500 + 30 * 153 = 5090, to hundreds
        "mine_rescue": 216,  # 27 + 1.2 * 153 = 210.6, to squads of 9
        "drilling": 4,  # 1 + 0.02 * 153 = 4.06 -> 5, at most 4
        "medical": 105,  # 10 + 0.6 * 153 = 101.8, to fives
        "ambulance": 81,  # 4 + 0.5 * 153 = 80.5
        "heavy_engineering": 12,  # 4 + 0.05 * 153 = 11.65
        "lighting_power": 2100,  # 500 + 10 * 153 = 2030, to hundreds
        "gas_monitoring": 6,  # 2 + 0.02 * 153 = 5.06
        "communication": 4,  # 2 + 0.01 * 153 = 3.53
        "divers": 11,  # 4 + 0.04 * 153 = 10.12
        "security_control": 120,  # 40 + 0.5 * 153 = 116.5, to tens
    }


def test_needs_of_zaoling_are_near_what_was_sent() -> None:
    needs = quantities("slope_failure", {"missing": 20, "trapped": 13})
    # sent on the first day: 247 firefighters, 12 dogs, 17 life detectors
    assert needs["search_rescue"] == 260
    assert needs["search_dogs"] == 12
    assert needs["life_detection"] == 18


def test_the_rule_that_asks_most_counts() -> None:
    dry = next(
        need
        for need in DOCTRINE.default_demands("mine_flood", {"trapped": 1, "water_m3": 130_000})
        if need.capability == "pumping"
    )
    assert (dry.quantity, dry.rule.impact) == (5700, "water_m3")  # 500 + 0.04 * 130000
    assert dry.minimum == 1140  # a fifth


def test_quantity_is_exact_at_a_whole_number() -> None:
    # 6 + 0.002 * 120000 is 246 and not 247 by the last bit of a float
    assert quantities("flood", {"displaced": 120_000})["flood_boats"] == 246
    assert quantities("hazmat", {"spill_t": 50})["hazmat"] == 60  # 30 + 0.6 * 50


def test_magnitude_counts_beyond_five() -> None:
    assert quantities("earthquake", {"magnitude": 4.9})["search_rescue"] == 60
    assert quantities("earthquake", {"magnitude": 5.6})["search_rescue"] == 540
    assert quantities("earthquake", {"magnitude": 8})["search_rescue"] == 2460


def test_the_first_wave_of_an_earthquake_and_its_reinforcement() -> None:
    """30 + 0.4 x 4,000 doctors; a quarter of them first, the rest at the next priority."""
    needs = DOCTRINE.default_demands("earthquake", {"injured": 4000})
    first, later = [need for need in needs if need.capability == "medical"]
    assert (first.wave, first.quantity, first.minimum, first.priority) == ("first", 408, 1, 1)
    assert (later.wave, later.quantity, later.minimum, later.priority) == (
        *("reinforcement", 1222, 1, 2),
    )
    assert (first.target_min, first.latest_min) == (later.target_min, later.latest_min)
    assert {need.wave for need in needs if need.capability == "firefighting"} == {""}


def test_the_lowest_priority_has_none_below_it(tmp_path: Path) -> None:
    quake = put("requirement", "earthquake.bridge.magnitude", "first_share", "0.5")
    changed_table(tmp_path, "requirements", quake)
    needs = load_doctrine(tmp_path).default_demands("earthquake", {"magnitude": 8})
    assert [need.priority for need in needs if need.capability == "bridge"] == [3, 3]


@pytest.mark.parametrize("name", TYPES)
def test_every_type_requires_something_that_makes_sense(name: str) -> None:
    needs = DOCTRINE.default_demands(name, {})
    assert needs
    assert any(need.priority == 1 for need in needs)
    assert len({(need.capability, need.wave) for need in needs}) == len(needs)
    assert all(1 <= need.minimum <= need.quantity for need in needs)
    assert all(need.target_min <= need.latest_min for need in needs)
    assert all(need.priority in DOCTRINE.weights for need in needs)
    assert [need.priority for need in needs] == sorted(need.priority for need in needs)


def test_weights_fall_by_tens() -> None:
    assert DOCTRINE.weights == {1: 100, 2: 10, 3: 1}


# ------------------------------------------------------------------ bad incidents


@pytest.mark.parametrize(
    ("incident_type", "impact", "column", "value"),
    [
        ("mine_flod", {}, "type", "mine_flod"),
        ("mine_flood", {"traped": 3}, "traped", "3"),
        ("mine_flood", {"magnitude": 8}, "magnitude", "8"),
        ("mine_flood", {"life_threat": 40}, "life_threat", "40"),
        ("mine_flood", {"trapped": -1}, "trapped", "-1"),
        ("mine_flood", {"trapped": float("nan")}, "trapped", "nan"),
        ("mine_flood", {"trapped": float("inf")}, "trapped", "inf"),
    ],
)
def test_a_bad_incident_is_named(
    incident_type: str, impact: dict[str, float], column: str, value: str
) -> None:
    for ask in (DOCTRINE.derive_level, DOCTRINE.default_demands):
        with pytest.raises(InputError) as error:
            ask(incident_type, impact)
        (fault,) = error.value.faults
        assert (fault.column, fault.value) == (column, value)
        assert fault.remedy


def test_all_troubles_of_an_incident_are_named() -> None:
    troubles = DOCTRINE.troubles("flood", {"displaced": -1, "trees": 2, "deaths": 1})
    assert [item.key for item in troubles] == ["displaced", "trees"]
    assert DOCTRINE.troubles("flood", {"displaced": 1}) == ()


# ------------------------------------------------------------------ pools


def release(level: str, tier: str, control_level: str, place: int) -> float:
    delays = DOCTRINE.release([level], [tier], [control_level], np.array([[place]]))
    return float(delays[0, 0])


def test_release_by_hand() -> None:
    assert release("IV", "main", "county", OWN_COUNTY) == 0
    assert release("IV", "main", "county", NEIGHBOUR) == np.inf
    assert release("III", "main", "county", NEIGHBOUR) == 1800
    assert release("III", "main", "county", FAR) == np.inf
    assert release("II", "assault", "province", FAR) == 7200
    assert release("III", "assault", "province", FAR) == np.inf


def test_release_is_taken_by_team_and_incident() -> None:
    place = np.array([[OWN_COUNTY, FAR], [OWN_CITY, OWN_COUNTY], [FAR, NEIGHBOUR]])
    level, tier = ["IV", "I"], ["main", "specialist", "assault"]
    control = ["county", "city", "province"]
    delays = DOCTRINE.release(level, tier, control, place)
    expected = [
        [release(level[i], tier[t], control[t], int(place[t, i])) for i in range(2)]
        for t in range(3)
    ]
    assert delays.tolist() == expected
    assert delays.shape == (3, 2)


KINDS = [(tier, control) for tier in TIERS for control in CONTROL_LEVELS]


@pytest.mark.parametrize(("tier", "control_level"), KINDS)
def test_release_grows_no_slower_with_the_level_and_no_faster_with_distance(
    tier: str, control_level: str
) -> None:
    table = np.array(
        [[release(level, tier, control_level, place) for place in range(4)] for level in LEVELS]
    )
    assert (table[:-1] <= table[1:]).all()  # level I first
    assert (table[:, :-1] <= table[:, 1:]).all()  # own county first
    assert np.isfinite(table[0]).all()  # level I unlocks the whole province


def test_asking_the_military_takes_longer_than_the_fire_brigade() -> None:
    for level in ("I", "II"):
        for place in range(4):
            military = release(level, "assault", "province", place)
            assert military > release(level, "main", "province", place)


@pytest.mark.parametrize(("tier", "control_level"), KINDS)
def test_unlocking_level_is_the_lowest_that_releases(tier: str, control_level: str) -> None:
    for place in range(4):
        lowest = DOCTRINE.unlocking_level(tier, control_level, place)
        released = [
            level for level in LEVELS if np.isfinite(release(level, tier, control_level, place))
        ]
        assert lowest == released[-1]
    bare = replace(DOCTRINE, pools=())
    assert bare.unlocking_level(tier, control_level, OWN_COUNTY) is None


def test_places_of_the_little_province() -> None:
    teams = ["140105", "140106", "140702", "140403"]
    places = DOCTRINE.places(teams, ["140105", "140403"])
    assert places.tolist() == [
        [OWN_COUNTY, FAR],
        [OWN_CITY, FAR],
        [NEIGHBOUR, NEIGHBOUR],
        [FAR, OWN_COUNTY],
    ]
    assert DOCTRINE.places([], ["140105"]).shape == (0, 1)
    assert DOCTRINE.places(teams, []).shape == (4, 0)


def test_neighbours_are_the_cities_of_the_province() -> None:
    with (DATA / "places" / "counties.csv").open(encoding="utf-8", newline="") as stream:
        counties = list(csv.DictReader(stream))
    cities = {row["city_adcode"] for row in counties}
    assert {city for pair in DOCTRINE.neighbours for city in pair} == cities
    assert all(row["city_adcode"] == f"{row['adcode'][:4]}00" for row in counties)
    assert len(DOCTRINE.neighbours) == 2 * 19


# ------------------------------------------------------------------ floors

TEAMS = ["140105"] * 3 + ["140106"] + ["140702"] * 2
TEAM_TIERS = ["main", "main", "main", "main", "main", "specialist"]
KINDS_OF_TEAMS = ["fire_brigade"] * 5 + ["mine_rescue"]


def floors(level: str) -> dict[str, tuple[list[int], int]]:
    return {
        floor.floor_id: (floor.teams.tolist(), floor.required)
        for floor in DOCTRINE.floors_at(level, TEAMS, TEAM_TIERS, KINDS_OF_TEAMS)
    }


def test_floors_of_the_little_province() -> None:
    assert floors("IV") == {
        "city_main.140100": ([0, 1, 2, 3], 3),  # 60 % of four, rounded up
        "city_main.140700": ([4], 1),  # three wanted, one there
        "county_main.140105": ([0, 1, 2], 1),
        "county_main.140106": ([3], 1),
        "county_main.140702": ([4], 1),
        "province_mine_rescue.140000": ([5], 1),
    }
    assert floors("I") == {
        "city_main.140100": ([0, 1, 2, 3], 2),
        "city_main.140700": ([4], 1),
        "province_mine_rescue.140000": ([5], 1),
    }


def test_no_teams_no_floors() -> None:
    assert DOCTRINE.floors_at("II", [], [], []) == ()


@settings(derandomize=True, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["140105", "140106", "140702", "140403"]),
            st.sampled_from(TIERS),
            st.sampled_from(["fire_brigade", "medical", "hazmat", "mine_rescue", "forest_fire"]),
        ),
        max_size=40,
    )
)
def test_a_higher_level_never_keeps_more_behind(teams: list[tuple[str, str, str]]) -> None:
    adcodes, tiers, kinds = (
        (list(column) for column in zip(*teams, strict=True))
        if teams
        else (
            [],
            [],
            [],
        )
    )
    required: dict[str, int] = {}
    for level in LEVELS:  # from the highest down
        for floor in DOCTRINE.floors_at(level, adcodes, tiers, kinds):
            assert 1 <= floor.required <= len(floor.teams)
            assert floor.required >= required.get(floor.floor_id, 0)
            required[floor.floor_id] = floor.required


# ------------------------------------------------------------------ command


def test_the_county_first_then_the_city_then_the_province() -> None:
    assert [DOCTRINE.commander(level).authority for level in LEVELS] == [
        "province",
        "province",
        "city",
        "county",
    ]
    for level in LEVELS:
        assert [item.authority for item in DOCTRINE.commands_at(level)] == list(CONTROL_LEVELS)
    guided = {item.authority: item.role for item in DOCTRINE.commands_at("III")}
    assert guided == {"county": "first_response", "city": "commands", "province": "guides"}


def test_mine_flood_is_led_by_its_headquarters() -> None:
    mine = DOCTRINE.types["mine_flood"]
    assert mine.headquarters == "省重大煤矿生产安全事故应急指挥部"
    assert [item.department for item in mine.leading] == ["省应急管理厅"]
    assert "省能源局" in [item.department for item in mine.coordinating]


def test_tiers_stand_in_the_order_of_the_policy() -> None:
    assert tuple(item.tier for item in DOCTRINE.tiers) == TIERS
    assert [item.rank for item in DOCTRINE.tiers] == [1, 2, 3, 4]


def test_all_numbers_of_ours_are_called_illustrative() -> None:
    ours = (DOCTRINE.requirements, DOCTRINE.pools, DOCTRINE.floors, DOCTRINE.priorities)
    assert {item.status for table in ours for item in table} == {"illustrative"}


@pytest.mark.parametrize("path", sorted((DATA / "doctrine").glob("*.csv")), ids=lambda p: p.stem)
def test_what_is_assumed_does_not_stand_as_existing(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assumed = ("assumption", "analogy", "our selection")
    for row in rows:
        assert row["source"].strip()
        if any(word in row["source"].lower() for word in assumed):
            assert row["status"] == "illustrative", row


def test_kinds_of_team_are_those_of_the_table_of_teams() -> None:
    with (DATA / "contracts" / "teams.teams.csv").open(encoding="utf-8", newline="") as stream:
        columns = {row["column"]: row["values"].split("|") for row in csv.DictReader(stream)}
    assert columns["kind"] == list(TEAM_KINDS)
    assert columns["tier"] == list(TIERS)
    assert sorted(columns["control_level"]) == sorted(CONTROL_LEVELS)


def test_doctrine_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        DOCTRINE.levels = ()  # type: ignore[misc]


# ------------------------------------------------------------------ broken tables

Change = Callable[[list[dict[str, str]]], None]


def put(key: str, value: str, column: str, new: str) -> Change:
    """Change one cell of the first row whose column ``key`` holds ``value``."""

    def change(rows: list[dict[str, str]]) -> None:
        next(row for row in rows if row[key] == value)[column] = new

    return change


def drop(key: str, *values: str) -> Change:
    """Drop the rows whose column ``key`` holds one of the values."""

    def change(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for row in rows if row[key] not in values]

    return change


def double(rows: list[dict[str, str]]) -> None:
    """Write the first row twice."""
    rows.append(rows[0])


def faults_after(tmp_path: Path, table: str, change: Change) -> list[Fault]:
    """Return the faults found once a table is changed."""
    changed_table(tmp_path, table, change)
    with pytest.raises(InputError) as error:
        load_doctrine(tmp_path)
    return list(error.value.faults)


def changed_table(tmp_path: Path, table: str, change: Change) -> None:
    """Copy the doctrine and change one table of it."""
    shutil.copytree(DATA / "doctrine", tmp_path / "doctrine")
    path = tmp_path / "doctrine" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


PUMPING = "mine_flood.pumping.trapped"


@pytest.mark.parametrize(
    ("table", "change", "column", "value"),
    [
        # cells
        ("levels", put("rule", "accident.I.injured", "level", "V"), "level", "V"),
        ("levels", put("rule", "accident.I.injured", "impact", "hurt"), "impact", "hurt"),
        ("levels", put("rule", "accident.I.injured", "minimum", "many"), "minimum", "many"),
        ("levels", put("rule", "accident.I.injured", "minimum", "-5"), "minimum", "-5"),
        ("levels", put("rule", "accident.I.injured", "source", " "), "source", " "),
        ("levels", put("rule", "accident.I.injured", "status", "sure"), "status", "sure"),
        ("levels", put("rule", "accident.I.injured", "rule", "accident.I.displaced"), "rule", None),
        ("impacts", put("impact", "casualties", "sum_of", "deaths|hurt"), "sum_of", None),
        ("impacts", put("impact", "casualties", "sum_of", "deaths|deaths"), "sum_of", None),
        ("incident_types", put("incident_type", "dam", "level_rules", "x"), "level_rules", "x"),
        (
            "departments",
            put("incident_type", "dam", "incident_type", "dyke"),
            "incident_type",
            "dyke",
        ),
        ("departments", put("incident_type", "dam", "role", "boss"), "role", "boss"),
        ("commands", put("level", "I", "authority", "state"), "authority", "state"),
        ("pools", put("level", "I", "tier", "elite"), "tier", "elite"),
        ("pools", put("level", "I", "delay_s", "1.5"), "delay_s", "1.5"),
        ("requirements", put("requirement", PUMPING, "capability", "pump"), "capability", "pump"),
        ("requirements", put("requirement", PUMPING, "incident_type", "x"), "incident_type", "x"),
        ("requirements", put("requirement", PUMPING, "priority", "9"), "priority", "9"),
        ("priorities", put("priority", "3", "priority", "x"), "priority", "x"),
        ("floors", put("reserve", "city_medical", "kind", "medics"), "kind", "medics"),
        ("neighbours", put("city_adcode", "140100", "city_adcode", "1401"), "city_adcode", "1401"),
        (
            "neighbours",
            put("neighbour_adcode", "140300", "neighbour_adcode", "140100"),
            "neighbour_adcode",
            "140100",
        ),
        ("floors", put("reserve", "city_main", "area", "village"), "area", "village"),
        # rules against one another
        ("levels", put("rule", "accident.I.injured", "minimum", "50"), "minimum", "50"),
        ("levels", put("rule", "accident.I.injured", "level", "II"), "level", "II"),
        ("levels", drop("rule", "area.IV.counties"), "incident_types.level_rules", None),
        (
            "impacts",
            put("impact", "casualties", "sum_of", "dead_missing"),
            "sum_of",
            "dead_missing",
        ),
        ("incident_types", put("incident_type", "dam", "impacts", "deaths"), "impacts", "deaths"),
        (
            "incident_types",
            put("incident_type", "roof_fall", "impacts", "life_threat"),
            "impacts",
            None,
        ),
        ("departments", drop("role", "lead"), "incident_types.incident_type", "dam"),
        ("commands", put("role", "commands", "role", "guides"), "role", None),
        ("commands", drop("level", "II"), "role", None),
        ("tiers", put("tier", "main", "rank", "9"), "rank", "9"),
        ("tiers", put("tier", "main", "rank", "2"), "rank", "2"),
        ("pools", put("level", "I", "delay_s", "999"), "delay_s", None),
        ("pools", drop("level", "I"), "level", None),
        ("pools", double, "level", "I"),
        ("priorities", put("priority", "2", "weight", "100"), "weight", "100"),
        ("requirements", put("requirement", PUMPING, "target_min", "2000"), "target_min", "2000"),
        ("requirements", put("requirement", PUMPING, "first_share", "0"), "first_share", "0"),
        ("requirements", put("requirement", PUMPING, "per_impact", "0"), "per_impact", "0"),
        ("requirements", put("requirement", PUMPING, "impact", ""), "per_impact", "30"),
        ("requirements", put("requirement", PUMPING, "maximum", "9"), "maximum", "9"),
        ("requirements", put("requirement", PUMPING, "priority", "2"), "priority", None),
        ("requirements", put("impact", "", "base_quantity", "0"), "base_quantity", "0"),
        ("requirements", drop("incident_type", "dam"), "incident_types.incident_type", "dam"),
        ("floors", put("reserve", "city_main", "share", "1.1"), "share", "1.1"),
        ("floors", put("floor", "city_main.I", "count", "8"), "count", None),
        ("floors", put("floor", "county_main.II", "count", "0"), "count", "0"),
        ("floors", put("floor", "city_main.I", "share", "0.9"), "share", None),
    ],
)
def test_a_broken_table_is_named(
    tmp_path: Path, table: str, change: Change, column: str, value: str | None
) -> None:
    # a fault can show in another table, whose name then stands before the column
    shown_in, _point, name = column.rpartition(".")
    faults = [
        fault
        for fault in faults_after(tmp_path, table, change)
        if fault.file == f"doctrine/{shown_in or table}.csv" and fault.column == name
    ]
    assert faults
    assert all(fault.row and fault.problem and fault.remedy for fault in faults)
    assert value is None or value in [fault.value for fault in faults]


def test_the_line_of_the_file_is_named(tmp_path: Path) -> None:
    change = put("rule", "accident.I.injured", "minimum", "many")
    (fault,) = faults_after(tmp_path, "levels", change)
    assert fault.row is not None
    lines = (tmp_path / "doctrine" / "levels.csv").read_text(encoding="utf-8").splitlines()
    assert lines[fault.row - 1].startswith("accident.I.injured,")


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        rows[0]["level"], rows[1]["minimum"], rows[2]["source"] = "0", "few", ""

    columns = [fault.column for fault in faults_after(tmp_path, "levels", change)]
    assert columns == ["level", "minimum", "source"]


@pytest.mark.parametrize(
    ("spoil", "column"),
    [
        (lambda text: text.replace("delay_s", "delay"), "delay_s"),
        (lambda text: text.replace("level,tier", "level,level"), "level"),
        (lambda text: text.split("\n")[0], None),
        (lambda text: text.replace("I,main", 'I,"main', 1), None),
        (lambda text: text.replace("I,main,", "I,main,,", 1), None),
        (lambda text: "", None),
        (lambda text: "\ufeff" + text, "level"),
    ],
)
def test_a_file_that_is_no_table_is_named(
    tmp_path: Path, spoil: Callable[[str], str], column: str | None
) -> None:
    shutil.copytree(DATA / "doctrine", tmp_path / "doctrine")
    path = tmp_path / "doctrine" / "pools.csv"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_doctrine(tmp_path)
    assert {fault.file for fault in error.value.faults} == {"doctrine/pools.csv"}
    assert column in [fault.column for fault in error.value.faults]


def test_files_that_cannot_be_read_are_all_named(tmp_path: Path) -> None:
    shutil.copytree(DATA / "doctrine", tmp_path / "doctrine")
    (tmp_path / "doctrine" / "pools.csv").unlink()
    path = tmp_path / "doctrine" / "levels.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(InputError) as error:
        load_doctrine(tmp_path)
    assert [fault.file for fault in error.value.faults] == [
        "doctrine/levels.csv",
        "doctrine/pools.csv",
    ]
