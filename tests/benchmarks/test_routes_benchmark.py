"""The routes benchmark reads what it says and judges as it says, tried on four tiny instances.

All stand on one line, with one length unit between neighbours; ``D`` is a depot,
a stop stands with its demand::

    tiny-S  (Solomon)    D  1  1          one vehicle of 2; 10 x floor distance
    tiny-H  (HFVRP)      D  2  1          kinds of 1 (fixed 5, 1 a unit) and 3 (fixed 9, 2)
    tiny-D  (SDVRPTW)    D  1  1          the second vehicle alone may go to the last stop
    tiny-M  (MDVRPTW)    D  1  1  D       a vehicle at each end, half an hour each
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import routes
from benchmarks.vrp_files import Instance, read_folder
from benchmarks.vrp_solutions import InstanceError
from dispatch.errors import InvalidPlanError
from dispatch.optimise.route_check import evaluate_routes, route_faults
from dispatch.optimise.route_pyvrp import available
from dispatch.optimise.route_validate import validate_routes

SHARED = Path(__file__).parents[3] / "shared" / "bench" / "vrp"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the public instances (../shared/bench/vrp) are not here"
)

SOLOMON = """NAME : S
TYPE : CVRPTW
DIMENSION : 3
VEHICLES : 1
CAPACITY : 2
SERVICE_TIME : 4
SCALE : 10
EDGE_WEIGHT_TYPE : FLOOR_2D
NODE_COORD_SECTION
1 0 0
2 1 1
3 2 2
DEMAND_SECTION
1 0
2 1
3 1
TIME_WINDOW_SECTION
1 0 50
2 10 20
3 10 20
DEPOT_SECTION
1
-1
EOF
"""
HFVRP = """NAME: H
TYPE: HFVRP
DIMENSION: 3
VEHICLES: 3
EDGE_WEIGHT_TYPE: EUC_2D
NODE_COORD_SECTION
1	0	0
2	1	0
3	2	0
DEMAND_SECTION
1	0
2	2
3	1
CAPACITY_SECTION
1	1
2	1
3	3
VEHICLES_FIXED_COST_SECTION
1	5
2	5
3	9
VEHICLES_UNIT_DISTANCE_COST_SECTION
1	1
2	1
3	2
DEPOT_SECTION
1
EOF
"""
SITES = """NAME: D
TYPE: SDVRPTW
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 3
VEHICLES: 2
VEHICLES_MAX_DURATION: 30
NODE_COORD_SECTION
1	0	0
2	1	0
3	2	0
DEMAND_SECTION
1	0
2	1
3	1
SERVICE_TIME_SECTION
1	0
2	5
3	5
TIME_WINDOW_SECTION
1	0	100
2	40	50
3	0	100
CAPACITY_SECTION
1	1
2	2
VEHICLES_ALLOWED_CLIENTS_SECTION
1	2
2	2	3
EOF
"""
DEPOTS = """NAME: M
TYPE: MDVRPTW
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 4
VEHICLES: 2
CAPACITY: 1
VEHICLES_MAX_DURATION: 30
NODE_COORD_SECTION
1	0	0
2	3	0
3	1	0
4	2	0
DEMAND_SECTION
1	0
2	0
3	1
4	1
TIME_WINDOW_SECTION
1	0	100
2	0	100
3	0	100
4	0	100
VEHICLES_DEPOT_SECTION
1	1
2	2
DEPOT_SECTION
1
2
EOF
"""
# Solomon: floor(10 x 1.414) + floor(10 x 1.414) + floor(10 x 2.828) = 14 + 14 + 28
COSTS = {"S": 56, "H": 17_000, "D": 4_000, "M": 4_000}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "tiny-S.vrptw": SOLOMON,
        "tiny-H.vrp": HFVRP,
        "tiny-D.vrp": SITES,
        "tiny-M.vrp": DEPOTS,
        "tiny_bks.csv": "instance,vehicles,best_known_x10\ntiny-S,1,56\n",
        # the third vehicle, kind of 3: 9 + 2 x 4, as thousandths of hundreds
        "tiny-H.sol": "Route #1:\nRoute #2: \nRoute #3: 1 2\nCost: 0.17\n",
        "tiny-D.sol": "Route #1: \nRoute #2: 1 2\nCost: 4000\n",
        "tiny-M.sol": "Route #1: 2\nRoute #2: 3\nCost: 4000\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_instances_are_read_by_their_conventions(folder: Path) -> None:
    instances = {one.name.removeprefix("tiny-"): one for one in read_folder(folder)}
    assert [one.family for one in instances.values()] == ["Solomon", "HFVRP", "SDVRPTW", "MDVRPTW"]
    assert {name: one.best_known for name, one in instances.items()} == COSTS
    for one in instances.values():
        validate_routes(one.problem)
        if one.best_routes is not None:
            assert route_faults(one.problem, one.best_routes) == ()
            figures = evaluate_routes(one.problem, one.best_routes)
            assert figures.cost_microyuan == one.best_known
    solomon = instances["S"].problem
    assert solomon.stop_service_s.tolist() == [40, 40]
    assert solomon.stop_open_s.tolist() == [100, 100]
    assert solomon.vehicle_close_s.tolist() == [500]
    fleet = instances["H"].problem
    assert fleet.vehicle_count.tolist() == [2, 1]
    assert fleet.vehicle_fixed_microyuan.tolist() == [5000, 9000]
    sites = instances["D"].problem
    assert sites.vehicle_access.tolist() == [[True, False], [True, True]]
    assert sites.vehicle_shift_s.tolist() == [30_000, 30_000]
    depots = instances["M"].problem
    assert depots.vehicle_start.tolist() == depots.vehicle_end.tolist() == [0, 1]


def test_both_engines_reach_the_best_known_values(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = folder / "figures.json"
    arguments = ["--seconds", "0.2", "--instances", str(folder), "--json", str(figures)]
    monkeypatch.setattr(sys, "argv", ["routes", *arguments])
    routes.main()
    text = capsys.readouterr().out
    solvers = {"ortools", "pyvrp"} if available() else {"ortools"}
    told = json.loads(figures.read_text(encoding="utf-8"))
    assert told["seconds"] == 0.2
    assert list(told["families"]) == list(routes.LIMITS)
    for family, by_solver in told["families"].items():
        assert set(by_solver) == solvers
        for solver, found in by_solver.items():
            assert found["mean_gap_pct"] == 0, (family, solver)
            for name, row in found["instances"].items():
                cost = COSTS[name.removeprefix("tiny-")]
                assert (row["cost"], row["best_known"], row["feasible"]) == (cost, cost, True)
    assert "| Solomon | 1 | ≤ 0.8 % | 0.00 % |" in text
    assert "| HFVRP tiny-H | 17,000 | 17,000 | 0.00 % |" in text


def test_a_refused_plan_has_no_gap(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise InvalidPlanError(["no"])

    monkeypatch.setattr(routes, "solve_routes", refused)
    monkeypatch.setattr(routes, "available", lambda: False)
    runs = routes.measure(read_folder(folder), 0.1)
    assert not any(run.feasible for run in runs)
    assert "PyVRP (extra `routes`) is not installed" in routes.text(runs, 0.1)
    assert "| Solomon tiny-S | 56 | not feasible | none |" in routes.text(runs, 0.1)
    told = json.loads(json.dumps(routes.figures(runs, 0.1, 0)))
    assert told["families"]["HFVRP"]["ortools"]["mean_gap_pct"] is None


def test_a_plan_that_leaves_stops_has_no_gap(folder: Path) -> None:
    """The best known solution of the depots, without its second route, is no solution."""
    for path in folder.glob("tiny-[SHD]*"):
        path.unlink()
    narrow = DEPOTS.replace("4	0	100", "4	0	1")
    (folder / "tiny-M.vrp").write_text(
        narrow.replace("4	2	0", "4	9	0"), encoding="utf-8"
    )
    (folder / "tiny-M.sol").write_text("Route #1: 2\nCost: 2000\n", encoding="utf-8")
    runs = routes.measure(read_folder(folder), 0.1)
    assert [run.feasible for run in runs] == [False] * len(runs)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tiny-S.vrptw": None, "tiny-H.vrp": None, "tiny-D.vrp": None, "tiny-M.vrp": None}, "no"),
        ({"tiny_bks.csv": None}, "no best known value"),
        ({"tiny-H.sol": "Route #3: 1 2\n"}, "no line 'Cost'"),
        ({"tiny-D.sol": "Route #2: 2 1\nRoute #1: 1\nCost: 4000\n"}, None),
        ({"tiny-S.vrptw": SOLOMON.replace("CVRPTW", "TSP")}, "is not one of"),
        ({"tiny-S.vrptw": SOLOMON.replace("FLOOR_2D", "GEO")}, "GEO is not known here"),
        ({"tiny-M.vrp": DEPOTS.replace("DEPOT_SECTION\n1\n2", "DEPOT_SECTION\n3")}, "first nodes"),
        (
            {
                "tiny-D.sol": "Route #2: 2 1 2\nCost: 1\n",
                "tiny-D.vrp": SITES.replace("2	40	50", "2	0	1"),
            },
            "can't be driven in time",
        ),
        ({"tiny-S.vrptw": SOLOMON.replace("VEHICLES : 1\n", "")}, "S.vrptw: VEHICLES is missing"),
        ({"tiny-S.vrptw": SOLOMON.replace("SCALE : 10", "SCALE : x")}, "S.vrptw can't be .*'x'"),
        ({"tiny-S.vrptw": SOLOMON.replace("2 1 1", "2 1 one")}, "line 11: '2 1 one' is not a row"),
        ({"tiny-S.vrptw": SOLOMON.replace("2 1 1\n", "")}, "3 rows of 3 numbers; it has 2 rows"),
        ({"tiny-S.vrptw": ""}, "family tiny is not one of"),
        ({"tiny-M.vrp": DEPOTS.replace("2	2\nDEPOT", "2	4\nDEPOT")}, "that is no depot"),
        (
            {"tiny-M.vrp": DEPOTS.replace("4	0	100", "4	9	1")},
            "M.vrp is no routing problem",
        ),
        ({"tiny_bks.csv": "instance,best_known_x10\ntiny-S,?\n"}, "tiny_bks.csv, line 2"),
        ({"tiny_bks.csv": "instance,cost\ntiny-S,56\n"}, "tiny_bks.csv, line 2"),
        ({"tiny-H.sol": "Route #4: 1 2\nCost: 0.17\n"}, "'Route #4: 1 2' should name a vehicle"),
        ({"tiny-H.sol": "Route #3: 1 3\nCost: 0.17\n"}, "then stops from 1 to 2"),
        ({"tiny-H.sol": "Route #3: 1 two\nCost: 0.17\n"}, "then stops from 1 to 2"),
        ({"tiny-H.sol": "Route #3: 1 2\nCost: none\n"}, "'none' is not a number above 0"),
    ],
)
def test_what_cannot_be_read_is_named(
    folder: Path, change: dict[str, str | None], problem: str | None
) -> None:
    for name, content in change.items():
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(content, encoding="utf-8")
    if problem is None:
        read_folder(folder)
    else:
        with pytest.raises(InstanceError, match=problem):
            read_folder(folder)


def test_a_missing_folder_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["routes", "--instances", str(tmp_path / "none")])
    with pytest.raises(SystemExit, match=r"There is no folder .*--instances"):
        routes.main()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--seconds", "0"], "--seconds 0: give each run more than no time"),
        (["--json", "none/of/these.json"], "there is no folder none/of"),
    ],
)
def test_bad_arguments_are_told_before_anything_is_measured(
    arguments: list[str],
    problem: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["routes", "--instances", str(folder), *arguments])
    with pytest.raises(SystemExit, match="2"):
        routes.main()
    told = capsys.readouterr()
    assert problem in told.err
    assert told.out == ""


@pytest.fixture(scope="module")
def public() -> list[Instance]:
    return read_folder(SHARED)


@needs_shared
def test_best_known_solutions_give_exactly_the_best_known_values(public: list[Instance]) -> None:
    """Every ``.sol`` is feasible and costs what it states, to the last digit it states."""
    scored = 0
    for one in public:
        validate_routes(one.problem)
        if one.best_routes is None:
            continue
        scored += 1
        assert route_faults(one.problem, one.best_routes) == (), one.name
        figures = evaluate_routes(one.problem, one.best_routes)
        assert figures.served == figures.wanted, one.name
        assert figures.cost_microyuan == one.best_known, one.name
        assert one.stated in (one.best_known, round(one.best_known / 100_000, 2)), one.name
    assert scored == 10
    assert {one.family for one in public if one.best_routes} == {"HFVRP", "SDVRPTW", "MDVRPTW"}


@needs_shared
@pytest.mark.skipif(not available(), reason="PyVRP (extra routes) is not installed")
def test_distances_of_solomon_are_truncated(public: list[Instance]) -> None:
    """The engine reaches the value of an easy instance, which other roundings do not give."""
    easy = next(one for one in public if one.name == "C101")
    (run,) = (run for run in routes.measure([easy], 3) if run.solver == "pyvrp")
    assert (run.cost, run.feasible, run.gap_pct) == (8273, True, 0)
