"""The scenario: what happened, where, and under which policy we answer.

A scenario is a YAML file that people write by hand under pressure, so every
fault is reported with its line, and an unknown key is a fault, not a comment.
"""

from __future__ import annotations

from dispatch.scenario.read import load_scenario
from dispatch.scenario.records import (
    ClosureSpec,
    Conditions,
    DemandSpec,
    IncidentSpec,
    Policy,
    Scenario,
)

__all__ = [
    "ClosureSpec",
    "Conditions",
    "DemandSpec",
    "IncidentSpec",
    "Policy",
    "Scenario",
    "load_scenario",
]
