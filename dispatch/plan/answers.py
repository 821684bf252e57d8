"""Answers that a plan gives to why and what if, as plain frozen data like the rest of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """One rule, or one promise to another need, that helps to rule out more.

    ``code`` is keeps, release, closures, latest, integrity, units, members,
    minimum, vehicles or lift; ``demand_id`` is set for keeps, and names the
    other need. ``team_ids`` are the teams that it keeps away, nearest first.
    """

    code: str
    demand_id: str
    team_ids: tuple[str, ...]
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Remedy:
    """What would help, how much, and at what cost.

    ``code`` is send_free, wait, toll, level, landing (where ground is known to be
    fit), site (where none is), mode, closure, field or borrow; ``subject`` says
    which level, mode, closure or planned field, until when (seconds after the
    start) or how many. ``quantity`` and ``by_target`` are what the need gains,
    ``lacking`` what it lacks still, ``last_s`` when the last of it arrives.
    ``points_by_target`` and ``points`` are gained in the first two stages of
    the whole plan, ``sooner_s`` by all teams together; ``cost_yuan``, ``teams``
    and ``floors`` (teams missing from reserve floors) come on top of the plan's.
    """

    code: str
    subject: str
    quantity: int
    by_target: int
    lacking: int
    last_s: int
    points_by_target: int
    points: int
    sooner_s: int
    cost_yuan: int
    teams: int
    floors: int
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Explanation:
    """Why a need is not met in full, and what would help.

    ``proof`` is exchange (no exchange of teams gives more), as_sent (proved
    for the teams as they are sent), improvable (the same, but an exchange would
    give more), free (teams that are free would) or open (not looked into for
    want of time). ``limits`` is a minimal set: take any one away and more can be
    had. ``remedies`` are ranked; ``complete`` tells whether all were tried.
    """

    demand_id: str
    proof: str
    text_zh: str
    text_en: str
    limits: tuple[Limit, ...]
    remedies: tuple[Remedy, ...]
    complete: bool


@dataclass(frozen=True)
class Choice:
    """Why a team serves a need and another one does not.

    ``team_id`` is the last to arrive of those that serve it, ``other_id`` the
    one that was not taken, empty where there is none. ``minutes`` is by how
    much the other one would arrive later; below 0 it would be sooner, and
    ``code`` says what speaks against it: later, elsewhere, at_work, too_little,
    no_lift, floors, cost, equal, not_proved or none.
    """

    demand_id: str
    team_id: str
    other_id: str
    minutes: float | None
    code: str
    text_zh: str
    text_en: str
