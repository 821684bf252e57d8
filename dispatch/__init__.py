"""Emergency-rescue dispatch for Shanxi Province (山西应急救援调度).

>>> from dispatch import load_registry, load_scenario, make_plan
>>> plan = make_plan(load_registry(), load_scenario("scenario.yaml"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dispatch.doctrine import load_doctrine as load_doctrine
    from dispatch.plan import Plan as Plan
    from dispatch.plan import make_plan as make_plan
    from dispatch.registry import Registry as Registry
    from dispatch.registry import load_registry as load_registry
    from dispatch.scenario import Scenario as Scenario
    from dispatch.scenario import load_scenario as load_scenario

__version__ = "0.1.0"

_HOMES = {
    "Plan": "dispatch.plan",
    "Registry": "dispatch.registry",
    "Scenario": "dispatch.scenario",
    "draw": "dispatch.jupyter",
    "load_doctrine": "dispatch.doctrine",
    "load_registry": "dispatch.registry",
    "load_scenario": "dispatch.scenario",
    "make_plan": "dispatch.plan",
    "plan_html": "dispatch.render.notebook",
    "show": "dispatch.jupyter",
}

__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that ``import dispatch`` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'dispatch' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
