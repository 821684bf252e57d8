"""The plan: orders to teams, what stays unmet and why, what stays behind."""

from __future__ import annotations

from dispatch.plan.build import make_plan
from dispatch.plan.plan import Plan

__all__ = ["Plan", "make_plan"]
