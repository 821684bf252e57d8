"""Doctrine as data: who leads, at which level, with which forces, for which needs.

The rules stand in the tables ``data/doctrine/*.csv``, each with its source;
what is here reads and applies them, and says which rule gave an answer.
"""

from __future__ import annotations

from dispatch.doctrine.doctrine import Doctrine
from dispatch.doctrine.levels import highest, next_level
from dispatch.doctrine.load import load_doctrine
from dispatch.doctrine.records import (
    CONTROL_LEVELS,
    FIRST,
    LEVELS,
    PLACES,
    REINFORCEMENT,
    TEAM_KINDS,
    TIERS,
    Command,
    Considered,
    Department,
    Floor,
    FloorRule,
    Impact,
    IncidentType,
    LevelDecision,
    LevelRule,
    PoolRule,
    Priority,
    Requirement,
    RequirementRule,
    Tier,
    Trouble,
)

__all__ = [
    "CONTROL_LEVELS",
    "FIRST",
    "LEVELS",
    "PLACES",
    "REINFORCEMENT",
    "TEAM_KINDS",
    "TIERS",
    "Command",
    "Considered",
    "Department",
    "Doctrine",
    "Floor",
    "FloorRule",
    "Impact",
    "IncidentType",
    "LevelDecision",
    "LevelRule",
    "PoolRule",
    "Priority",
    "Requirement",
    "RequirementRule",
    "Tier",
    "Trouble",
    "highest",
    "load_doctrine",
    "next_level",
]
