"""From the figures of an event to what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil

from dispatch.doctrine.records import FIRST, REINFORCEMENT, Requirement, RequirementRule


def requirements(
    rules: Iterable[RequirementRule], known: Mapping[str, float], lowest_priority: int
) -> tuple[Requirement, ...]:
    """Return what is needed, one requirement for each capability.

    Where several rules ask for the same capability the one that asks most
    counts (the first of equals). Where the rule knows a first wave the rest
    follows as a reinforcement. Requirements come in the order of priority, target
    time and capability.
    """
    most: dict[str, Requirement] = {}
    for rule in rules:
        need = _requirement(rule, known)
        held = most.get(rule.capability)
        if need.quantity > (held.quantity if held else 0):
            most[rule.capability] = need
    return tuple(
        sorted(
            (wave for need in most.values() for wave in _waves(need, lowest_priority)),
            key=lambda need: (need.priority, need.target_min, need.capability),
        )
    )


def _requirement(rule: RequirementRule, known: Mapping[str, float]) -> Requirement:
    # exact: 0.1 * 30 must not become 4 by the last bit of a float
    beyond = max(_exact(known.get(rule.impact, 0.0)) - _exact(rule.impact_from), Fraction(0))
    wanted = rule.base_quantity + _exact(rule.per_impact) * beyond
    quantity = ceil(wanted / rule.rounding) * rule.rounding
    if rule.maximum is not None:
        quantity = min(quantity, rule.maximum)
    minimum = max(ceil(_exact(rule.minimum_share) * quantity), 1)
    return Requirement(
        rule.capability,
        quantity,
        minimum,
        rule.priority,
        rule.target_min,
        rule.latest_min,
        rule,
    )


def _waves(need: Requirement, lowest_priority: int) -> Iterator[Requirement]:
    """Split a need where a part of it is wanted everywhere before the rest is anywhere."""
    first = ceil(_exact(need.rule.first_share) * need.quantity)
    if first >= need.quantity:
        yield need
        return
    yield replace(need, quantity=first, minimum=min(need.minimum, first), wave=FIRST)
    later = min(need.priority + 1, lowest_priority)
    rest = need.quantity - first
    yield replace(need, quantity=rest, minimum=1, priority=later, wave=REINFORCEMENT)


def _exact(number: float) -> Fraction:
    return Fraction(str(number))
