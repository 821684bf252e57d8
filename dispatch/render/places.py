"""Places that stand on a map beside the plan: teams not sent, depots, airbases."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from pandas import DataFrame

from dispatch.i18n import pick
from dispatch.plan.plan import Plan
from dispatch.render import labels


@dataclass(frozen=True)
class Site:
    """A place with a symbol and a few words, ready to read (EPSG:4326)."""

    anchor: str
    layer: str
    symbol: str
    name: str
    words: tuple[str, ...]
    lon: float
    lat: float
    illustrative: bool


def sites(
    plan: Plan, *, teams: DataFrame, depots: DataFrame, airbases: DataFrame
) -> tuple[Site, ...]:
    """Return the teams that stay, the depots and the airbases, in that order.

    Parameters
    ----------
    plan : Plan
    teams, depots, airbases : DataFrame
        Indexed by their keys; columns name, name_en, kind, lon, lat, status,
        those of the teams also tier and control_level.
    """
    sent = [order.team_id for order in plan.orders]
    return (
        *_sites(teams.drop(index=sent, errors="ignore"), "team", _team_words),
        *_sites(depots, "depot", _depot_words),
        *_sites(airbases, "airbase", _airbase_words),
    )


def _sites(
    frame: DataFrame, layer: str, words: Callable[[dict[Hashable, Any]], tuple[str, ...]]
) -> Iterator[Site]:
    for number, row in enumerate(frame.sort_index().to_dict("records")):
        yield Site(
            anchor=f"{layer}-{number}",
            layer=layer,
            symbol=row.get("tier", layer),
            name=pick(row["name"], row["name_en"]),
            words=words(row),
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            illustrative=row["status"] == "illustrative",
        )


def _team_words(row: dict[Hashable, Any]) -> tuple[str, ...]:
    return (
        labels.team_kind(row["kind"]),
        labels.tier(row["tier"]),
        labels.control_level(row["control_level"]),
    )


def _depot_words(row: dict[Hashable, Any]) -> tuple[str, ...]:
    return (labels.depot_kind(row["kind"]),)


def _airbase_words(row: dict[Hashable, Any]) -> tuple[str, ...]:
    return (labels.airbase_kind(row["kind"]),)
