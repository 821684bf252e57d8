"""Order sheets for those whose order changes, numbered as in the whole plan."""

from __future__ import annotations

from collections.abc import Mapping

from pandas import DataFrame

from dispatch.i18n import speaking
from dispatch.plan.plan import Plan
from dispatch.render.order_docx import order_docx, stand_down_sheets
from dispatch.render.orders import order_sheets
from dispatch.render.text import file_name
from dispatch.render.track_file import track
from dispatch.render.view import view


def changed_sheets(
    plan: Plan,
    changed: Mapping[str, bool],
    *,
    at_s: int,
    vehicles: DataFrame,
    profiles: DataFrame,
    capabilities: DataFrame,
    teams: DataFrame,
    services: Mapping[str, tuple[str, str]],
    lang: str = "zh",
) -> dict[str, bytes]:
    """Write the orders of some teams.

    Parameters
    ----------
    plan : Plan
    changed : mapping of str to bool
        Teams whose order changes, by id, and whether they had one before.
    at_s : int
        When the orders are given, in seconds after the start.
    vehicles, profiles, capabilities, teams, services
        As :func:`dispatch.render.sheets.render_sheets` reads them.
    lang : {"zh", "en"}

    Returns
    -------
    dict of str to bytes
        ``orders/NNN_team.docx`` and ``tracks/NNN_team.gpx``, by their path, and
        ``stand_down/NNN_team.docx`` for all that stand down.
    """
    with speaking(lang):
        sheets = order_sheets(
            view(plan),
            vehicles=vehicles,
            profiles=profiles,
            capabilities=capabilities,
            teams=teams,
            services=services,
        )
        files: dict[str, bytes] = {}
        for sheet in sheets:
            if sheet.order.team_id in changed:
                order = f"orders/{file_name(sheet.number, sheet.team, '.docx')}"
                way = f"tracks/{file_name(sheet.number, sheet.team, '.gpx')}"
                had = changed[sheet.order.team_id]
                paper = order_docx(plan, sheet, issued_s=at_s, replaces=had)
                files |= {order: paper, way: track(plan, sheet)}
        return files | stand_down_sheets(plan)
