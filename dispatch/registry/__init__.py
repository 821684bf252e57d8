"""Who and what there is: tables checked against their contracts, and given as frames."""

from __future__ import annotations

from dispatch.registry.contract import Column, Contract
from dispatch.registry.load import check_registry, data_dir, load_registry
from dispatch.registry.registry import Registry
from dispatch.registry.store import read_geopackage, write_geopackage

__all__ = [
    "Column",
    "Contract",
    "Registry",
    "check_registry",
    "data_dir",
    "load_registry",
    "read_geopackage",
    "write_geopackage",
]
