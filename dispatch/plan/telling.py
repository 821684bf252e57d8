"""Names and times as a commander reads them, told in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from dispatch.i18n import _, pick, unit_of
from dispatch.plan.prepare import Prepared
from dispatch.registry import Registry
from dispatch.scenario import Scenario

NAMED: Final = 3
"""How many teams are named before the others are only counted."""


@dataclass(frozen=True, eq=False)
class Names:
    """The names behind the rows of a problem, in the language in use."""

    registry: Registry
    scenario: Scenario
    prepared: Prepared

    def team(self, row: int) -> str:
        """Name a team."""
        team = self.prepared.teams.iloc[row]
        return pick(str(team["name"]), str(team["name_en"]))

    def teams(self, rows: Sequence[int]) -> str:
        """Name the first of some teams and count the others."""
        text = _(", ").join(self.team(row) for row in rows[:NAMED])
        if len(rows) > NAMED:
            return _("{names} and {more} more").format(names=text, more=len(rows) - NAMED)
        return text

    def incident(self, row: int) -> str:
        """Name an incident."""
        spec = self.scenario.incidents[row]
        return pick(spec.name, spec.name_en)

    def field(self, key: str) -> str:
        """Name an airfield or a landing point."""
        row = self.registry["airbases/airbases"].loc[key]
        return pick(str(row["name"]), str(row["name_en"]))

    def place(self, demand: int) -> str:
        """Name the incident of a demand."""
        return self.incident(int(self.prepared.problem.demand_incident[demand]))

    def capability(self, demand: int) -> str:
        """Name what a demand asks for."""
        row = self.prepared.demands.iloc[demand]
        return pick(str(row["name"]), str(row["name_en"]))

    def unit(self, demand: int, count: int) -> str:
        """Name the unit of so much of what a demand asks for."""
        code = self.prepared.problem.demand_capability[demand]
        row = self.registry["doctrine/capabilities"].loc[code]
        return unit_of(count, str(row["unit"]), str(row["unit_en"]))

    def moment(self, seconds: int) -> str:
        """Tell a time, with the date unless it is the first day."""
        start = self.scenario.start
        then = start + timedelta(seconds=seconds)
        return f"{then:%H:%M}" if then.date() == start.date() else f"{then:%m-%d %H:%M}"
