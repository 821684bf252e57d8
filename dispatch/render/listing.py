"""Scenario and registry as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from dispatch.doctrine import Doctrine
from dispatch.i18n import _, pick
from dispatch.render import labels
from dispatch.scenario import Scenario


def scenario_tables(scenario: Scenario, doctrine: Doctrine) -> Iterator[RenderableType]:
    """Yield the incidents of a scenario with level, the rule that sets it, and needs."""
    yield f"[bold]{escape(pick(scenario.title, scenario.title_en))}[/bold]  {scenario.start}"
    table = Table()
    for heading in (_("Incident"), _("Type"), _("Level"), _("Rule"), _("Needs")):
        table.add_column(heading)
    for spec in scenario.incidents:
        kind = doctrine.types[spec.type]
        decision = doctrine.derive_level(spec.type, spec.impact)
        given = scenario.level != "auto"
        needs = spec.demands
        table.add_row(
            escape(pick(spec.name, spec.name_en)),
            escape(pick(kind.name, kind.name_en)),
            labels.level(scenario.level if given else decision.level),
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


def frame_table(name: str, frame: pd.DataFrame, rows: int) -> Table:
    """Return the first rows of a table of the registry."""
    shown = frame.drop(columns="geometry", errors="ignore").head(rows)
    if shown.index.name:
        shown = shown.reset_index()
    title = _("{table}: {shown} of {all} rows").format(table=name, shown=len(shown), all=len(frame))
    table = Table(title=escape(title), title_justify="left")
    for column in shown.columns:
        table.add_column(escape(str(column)), overflow="fold")
    for row in shown.itertuples(index=False):
        table.add_row(*(escape(str(value)) for value in row))
    return table
