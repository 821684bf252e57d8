"""A plan as a notebook shows it: its figures, needs and orders, escaped."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dispatch.i18n import language, pick
from dispatch.plan.plan import Plan
from dispatch.render import labels
from dispatch.render.briefing import figures_of, warning_of
from dispatch.render.briefing_tables import force_table, incident_table, need_table
from dispatch.render.fitting import Table
from dispatch.render.outcome import outcome
from dispatch.render.pages import template
from dispatch.render.view import view

MOST_ROWS: Final = 12
"""Rows of a table in a cell; a notebook has queries for more."""


def plan_html(plan: Plan) -> str:
    """Return a plan as a piece of HTML in the language in use, for the cell of a notebook.

    Names from data are text, however they are written; a plan that leans on
    invented records says so at its head. No script, no address.
    """
    shown = view(plan)
    tables = (incident_table(shown), need_table(shown), force_table(shown))
    return template("plan_cell.html").render(
        html_lang={"zh": "zh-CN", "en": "en"}[language()],
        title=pick(plan.title, plan.title_en),
        facts=f"{shown.start()} · {labels.level(plan.level)}",
        warning=warning_of(shown) if shown.illustrative else "",
        tiles=figures_of(shown, outcome(plan)),
        tables=[_headed(table) for table in tables],
    )


def _headed(table: Table) -> tuple[Table, str]:
    """Return the first rows of a table, and what is said of the others."""
    rows = table.rows[:MOST_ROWS]
    rest = len(table.rows) - len(rows)
    note = table.rest.format(shown=len(rows), rest=rest) if rest else ""
    return replace(table, rows=rows), note
