"""What the doctrine tables must be to one another, beyond the form of each cell.

Every finding is noted at the row that causes it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeVar

from dispatch.doctrine.doctrine import Doctrine
from dispatch.doctrine.records import (
    LEVELS,
    TIERS,
    FloorRule,
    Impact,
    LevelRule,
    PoolRule,
    RequirementRule,
)
from dispatch.doctrine.rows import Row
from dispatch.i18n import _

Rule = TypeVar("Rule")
Rows = Mapping[str, Sequence[Row]]


def check_doctrine(doctrine: Doctrine, rows: Rows) -> None:
    """Note every finding at the rows of the tables, which stand in the same order."""
    _check_sums(rows["impacts"], doctrine.impacts)
    _check_thresholds(rows["levels"], doctrine.levels)
    _check_types(rows["incident_types"], doctrine)
    _check_commands(rows["commands"], doctrine)
    _check_tiers(rows["tiers"], doctrine)
    _check_pools(rows["pools"], doctrine.pools)
    _check_priorities(rows["priorities"], doctrine)
    for row, rule in zip(rows["requirements"], doctrine.requirements, strict=True):
        _check_requirement(row, rule)
    _check_alike(rows["requirements"], doctrine.requirements)
    _check_floors(rows["floors"], doctrine.floors)


def _check_sums(rows: Sequence[Row], impacts: Sequence[Impact]) -> None:
    sums = {item.impact for item in impacts if item.sum_of}
    for row, item in zip(rows, impacts, strict=True):
        if sums.intersection(item.sum_of):
            row.fault("sum_of", _("a sum is made of another sum"), _("name the figures themselves"))


def _check_thresholds(rows: Sequence[Row], rules: Sequence[LevelRule]) -> None:
    def key(rule: LevelRule) -> Hashable:
        return rule.rule_set, rule.impact

    for (_row, milder), (row, severer) in _steps(rows, rules, key, lambda rule: rule.level):
        if severer.minimum <= milder.minimum:
            problem = _("the threshold is not above the one of level {level}, {minimum:g}")
            problem = problem.format(level=milder.level, minimum=milder.minimum)
            row.fault("minimum", problem, _("let thresholds rise with the level"))


def _check_types(rows: Sequence[Row], doctrine: Doctrine) -> None:
    sums = {item.impact: item.sum_of for item in doctrine.impacts if item.sum_of}
    for row, kind in zip(rows, doctrine.incident_types, strict=True):
        for key in kind.impacts:
            if key in sums:
                problem = _("{key} is a sum and is not reported itself").format(key=key)
                row.fault("impacts", problem, _("name the figures themselves"))
        if not kind.leading:
            problem = _("no department leads")
            row.fault("incident_type", problem, _("add a row to the table departments"))
        rules = doctrine.level_rules(kind.incident_type)
        if not any(rule.minimum == 0 for rule in rules):
            problem = _("no rule gives it a level when nothing is reported")
            row.fault("level_rules", problem, _("add a set with a rule whose minimum is 0"))
        needs = doctrine.requirement_rules(kind.incident_type)
        if not needs:
            problem = _("the type requires nothing")
            row.fault("incident_type", problem, _("add rows to the table requirements"))
        used = {rule.impact for rule in rules} | {rule.impact for rule in needs if rule.impact}
        for key in sorted({part for name in used for part in sums.get(name, (name,))}):
            if key not in kind.impacts:
                problem = _("{key} is used by its rules and can't be reported").format(key=key)
                row.fault("impacts", problem, _("add it to the list"))


def _check_commands(rows: Sequence[Row], doctrine: Doctrine) -> None:
    for level in LEVELS:
        if sum(item.role == "commands" for item in doctrine.commands_at(level)) != 1:
            problem = _("level {level} has not exactly one command").format(level=level)
            rows[0].fault("role", problem, _("let one tier of government command"))


def _check_tiers(rows: Sequence[Row], doctrine: Doctrine) -> None:
    ranks = [item.rank for item in doctrine.tiers]
    if [item.tier for item in doctrine.tiers] == list(TIERS) and len(set(ranks)) == len(ranks):
        return
    for row in rows:
        problem = _("the tiers or their order are not those of the policy")
        row.fault("rank", problem, _("use {codes}").format(codes=" < ".join(TIERS)))


def _check_pools(rows: Sequence[Row], pools: Sequence[PoolRule]) -> None:
    def key(rule: PoolRule) -> tuple[str, str, str]:
        return rule.tier, rule.control_level, rule.place

    for (row, milder), (_row, severer) in _steps(rows, pools, key, lambda rule: rule.level):
        if severer.delay_s > milder.delay_s:
            problem = _("level {level} releases the same teams later").format(level=severer.level)
            row.fault("delay_s", problem, _("let no higher level be slower"))
    keys = {(key(rule), rule.level) for rule in pools}
    for row, rule in zip(rows, pools, strict=True):
        for level in LEVELS[: LEVELS.index(rule.level)]:
            if (key(rule), level) not in keys:
                problem = _("level {level} locks what this one unlocks").format(level=level)
                row.fault("level", problem, _("add the row for the higher level"))


def _check_priorities(rows: Sequence[Row], doctrine: Doctrine) -> None:
    ordered = sorted(zip(rows, doctrine.priorities, strict=True), key=lambda item: item[1].priority)
    for (_row, higher), (row, lower) in pairwise(ordered):
        if lower.weight >= higher.weight:
            problem = _("priority {priority} does not weigh more").format(priority=higher.priority)
            row.fault("weight", problem, _("let weights fall with the priority"))


def _check_requirement(row: Row, rule: RequirementRule) -> None:
    if rule.target_min > rule.latest_min:
        row.fault("target_min", _("the target lies after the latest time"), _("exchange them"))
    if not 0 <= rule.minimum_share <= 1:
        row.fault("minimum_share", _("is out of range"), _("use a share from 0 to 1"))
    if not 0 < rule.first_share <= 1:
        row.fault("first_share", _("is out of range"), _("use a share above 0 and up to 1"))
    if bool(rule.impact) != (rule.per_impact > 0):
        problem = _("an impact figure and its quantity must stand together")
        row.fault(
            "per_impact", problem, _("fill both or leave the figure empty and the quantity 0")
        )
    if not rule.impact and not rule.base_quantity:
        row.fault("base_quantity", _("the rule requires nothing"), _("write a quantity"))
    if rule.maximum is not None and rule.maximum < rule.base_quantity:
        row.fault("maximum", _("the most is less than the base quantity"), _("raise it"))


_ALIKE: Final = ["first_share", "minimum_share", "maximum", "priority", "target_min", "latest_min"]


def _check_alike(rows: Sequence[Row], rules: Sequence[RequirementRule]) -> None:
    """Rows of one type and capability may differ in quantity only, for the largest counts."""
    first: dict[tuple[str, str], RequirementRule] = {}
    for row, rule in zip(rows, rules, strict=True):
        other = first.setdefault((rule.incident_type, rule.capability), rule)
        for column in _ALIKE:
            if getattr(rule, column) != getattr(other, column):
                problem = _("differs from {rule}, which asks for the same capability")
                row.fault(column, problem.format(rule=other.requirement), _("make them alike"))


def _check_floors(rows: Sequence[Row], floors: Sequence[FloorRule]) -> None:
    for row, rule in zip(rows, floors, strict=True):
        if rule.share > 1:
            row.fault("share", _("is out of range"), _("use a share from 0 to 1"))
        if not rule.count and not rule.share:
            row.fault("count", _("the rule keeps nothing"), _("write a number or drop the row"))
    for (row, milder), (_row, severer) in _steps(
        rows, floors, lambda rule: rule.reserve, lambda rule: rule.level
    ):
        for column in ("count", "share"):
            if getattr(severer, column) > getattr(milder, column):
                problem = _("level {level} keeps more behind").format(level=severer.level)
                row.fault(column, problem, _("let a higher level keep no more"))


def _steps(
    rows: Sequence[Row],
    rules: Sequence[Rule],
    key: Callable[[Rule], Hashable],
    level: Callable[[Rule], str],
) -> Iterable[tuple[tuple[Row, Rule], tuple[Row, Rule]]]:
    """Yield each rule with the next severer one of its kind, and note what stands twice."""
    groups: dict[Hashable, list[tuple[Row, Rule]]] = {}
    for row, rule in zip(rows, rules, strict=True):
        groups.setdefault(key(rule), []).append((row, rule))
    for group in groups.values():
        ordered = sorted(group, key=lambda item: LEVELS.index(level(item[1])), reverse=True)
        for milder, severer in pairwise(ordered):
            if level(milder[1]) == level(severer[1]):
                problem = _("another row says the same for this level")
                severer[0].fault("level", problem, _("keep one of the two"))
            else:
                yield milder, severer
