"""From the figures of an event to its response level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dispatch.doctrine.records import LEVELS, Considered, Impact, LevelDecision, LevelRule


def amounts(impacts: Iterable[Impact], impact: Mapping[str, float]) -> dict[str, float]:
    """Return the figures reported and the sums that can be made of them.

    A figure that was not reported counts as nothing in a sum; a sum of
    nothing reported is left out.
    """
    known = {key: float(value) for key, value in impact.items()}
    for item in impacts:
        parts = [known[part] for part in item.sum_of if part in known]
        if parts:
            known[item.impact] = sum(parts)
    return known


def decide(rules: Iterable[LevelRule], known: Mapping[str, float]) -> LevelDecision:
    """Find the level: the most severe of the rules that fire, the first of these.

    Parameters
    ----------
    rules : iterable of LevelRule
        In the order in which they are named as the reason; one at least has
        the minimum 0 and so always fires.
    known : mapping of str to float
        Figures, as :func:`amounts` gives them.
    """
    considered = tuple(
        Considered(rule, known.get(rule.impact), known.get(rule.impact, 0.0) >= rule.minimum)
        for rule in rules
    )
    fired = [item.rule for item in considered if item.fired]
    rule = min(fired, key=lambda rule: LEVELS.index(rule.level))
    return LevelDecision(rule.level, rule, considered)


def highest(levels: Iterable[str]) -> str:
    """Return the most severe of some levels."""
    return min(levels, key=LEVELS.index)


def next_level(level: str) -> str | None:
    """Return the level to which this one is raised, None for the highest."""
    index = LEVELS.index(level)
    return LEVELS[index - 1] if index else None
