"""Scenario and registry as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

import pandas as pd
from rich.cells import cell_len
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from dispatch.doctrine import Doctrine
from dispatch.i18n import _, pick
from dispatch.render import labels
from dispatch.scenario import Scenario

MAX_CELL: Final = 28
"""Longest text of a cell before it is cut."""


def scenario_tables(scenario: Scenario, doctrine: Doctrine) -> Iterator[RenderableType]:
    """Yield the incidents of a scenario with level, the rule that sets it, and needs."""
    yield f"[bold]{escape(pick(scenario.title, scenario.title_en))}[/bold]  {scenario.start}"
    table = Table()
    for heading in (_("Incident"), _("Type"), _("Level"), _("Rule"), _("Needs")):
        table.add_column(heading)
    for spec in scenario.incidents:
        kind = doctrine.types[spec.type]
        decision = doctrine.derive_level(spec.type, spec.impact)
        level = scenario.level_of(spec)
        given = level != "auto"
        needs = spec.demands
        table.add_row(
            escape(pick(spec.name, spec.name_en)),
            escape(pick(kind.name, kind.name_en)),
            labels.level(level if given else decision.level),
            _("set by the scenario")
            if given
            else escape(pick(decision.rule.text, decision.rule.text_en)),
            "; ".join(
                f"{need.capability} {need.quantity}"
                for need in (
                    doctrine.default_demands(spec.type, spec.impact) if needs is None else needs
                )
            ),
        )
    yield table


def registry_table(summary: pd.DataFrame) -> Table:
    """Return table names with their rows and illustrative rows."""
    table = Table(title=_("Registry"), title_justify="left")
    table.add_column(_("Table"))
    table.add_column(_("Rows"), justify="right")
    table.add_column(_("Illustrative"), justify="right")
    for name, rows, illustrative in summary.itertuples():
        table.add_row(escape(str(name)), str(rows), str(illustrative))
    table.add_section()
    table.add_row(_("All"), str(summary["rows"].sum()), str(summary["illustrative"].sum()))
    return table


def frame_table(name: str, frame: pd.DataFrame, rows: int, width: int) -> Table:
    """Return the first rows of a table, as many columns as fit, and the names of the others."""
    shown = frame.drop(columns="geometry", errors="ignore").head(rows)
    if shown.index.name:
        shown = shown.reset_index()
    cells = {str(key): [str(value) for value in shown[key]] for key in shown}
    widths = {
        key: min(max(map(cell_len, (key, *values))), MAX_CELL) + 3 for key, values in cells.items()
    }
    fitting = [
        key for key, used in zip(widths, accumulate(widths.values()), strict=True) if used < width
    ]
    left_out = [key for key in cells if key not in fitting]
    title = _("{table}: {shown} of {all} rows").format(table=name, shown=len(shown), all=len(frame))
    table = Table(title=escape(title), title_justify="left", caption_justify="left")
    if left_out:
        table.caption = _("not shown: {columns}").format(columns=", ".join(left_out))
    for key in fitting:
        table.add_column(escape(key), no_wrap=True, max_width=MAX_CELL)
    for row in zip(*(cells[key] for key in fitting), strict=True):
        table.add_row(*map(escape, row))
    return table
