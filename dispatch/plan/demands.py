"""What every incident needs: from scenario and doctrine to the rows of the problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.doctrine import FIRST, REINFORCEMENT, Doctrine, Requirement
from dispatch.i18n import _, pick, told
from dispatch.registry import Registry
from dispatch.scenario import DemandSpec, IncidentSpec, Scenario

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

S_PER_MIN: Final = 60


def demand_table(registry: Registry, doctrine: Doctrine, scenario: Scenario) -> pd.DataFrame:
    """Return the needs of all incidents, one row each.

    Returns
    -------
    DataFrame
        demand_id, incident (row of the scenario), capability, name and name_en
        (of the capability and the wave), quantity, minimum, priority, target_s,
        latest_s.
    """
    capabilities = registry["doctrine/capabilities"]

    def names(need: DemandSpec | Requirement) -> tuple[str, str]:
        return told(lambda: _name(capabilities.loc[need.capability], need.wave))

    rows = [
        (
            f"{spec.id}/{number:02d}-{need.capability}",
            incident,
            need.capability,
            *names(need),
            need.quantity,
            need.minimum,
            need.priority,
            need.target_min * S_PER_MIN,
            need.latest_min * S_PER_MIN,
        )
        for incident, spec in enumerate(scenario.incidents)
        for number, need in enumerate(needs_of(doctrine, spec), start=1)
    ]
    return pd.DataFrame(
        rows,
        columns=[
            "demand_id", "incident", "capability", "name", "name_en", "quantity", "minimum",
            "priority", "target_s", "latest_s",
        ],
    )  # fmt: skip


def needs_of(doctrine: Doctrine, spec: IncidentSpec) -> Sequence[DemandSpec | Requirement]:
    """Return the needs that the scenario states, or else those of the incident's type."""
    if spec.demands is None:
        return doctrine.default_demands(spec.type, spec.impact)
    return spec.demands


def demand_arrays(doctrine: Doctrine, demands: pd.DataFrame) -> dict[str, Any]:
    """Return the demands as the problem sees them, keyword by keyword."""
    weight = [doctrine.weights[priority] for priority in demands["priority"]]
    return {
        "demand_id": tuple(demands["demand_id"]),
        "demand_capability": tuple(demands["capability"]),
        "demand_incident": demands["incident"].to_numpy(np.int64),
        "demand_quantity": demands["quantity"].to_numpy(np.int64),
        "demand_minimum": demands["minimum"].to_numpy(np.int64),
        "demand_weight": np.array(weight, np.int64),
        "demand_reference": _reference(demands),
        "demand_target_s": demands["target_s"].to_numpy(np.int64),
        "demand_latest_s": demands["latest_s"].to_numpy(np.int64),
    }


def latest_s(demands: pd.DataFrame, incidents: int) -> FloatArray:
    """Return when it is too late for everything at each incident, shape (I,)."""
    latest = demands.groupby("incident")["latest_s"].max()
    return latest.reindex(range(incidents), fill_value=0).to_numpy(float)


def _name(capability: pd.Series, wave: str) -> str:
    """Name a capability, and the wave in which it is wanted."""
    name = pick(str(capability["name"]), str(capability["name_en"]))
    forms = {FIRST: _("{name} (first wave)"), REINFORCEMENT: _("{name} (reinforcement)")}
    return forms.get(wave, "{name}").format(name=name)


def _reference(demands: pd.DataFrame) -> IntArray:
    """Return the mean that is wanted of each demand's capability, shape (D,).

    Measured against it a doctor is worth the same at every incident. Measured
    against what each incident wants he would be worth least where most are hurt.
    """
    wanted = demands.groupby("capability")["quantity"]
    mean: IntArray = (wanted.transform("sum") // wanted.transform("size")).to_numpy(np.int64)
    return mean
