"""Emergency-rescue dispatch for Shanxi Province (山西应急救援调度)."""

from __future__ import annotations

__version__ = "0.1.0"
