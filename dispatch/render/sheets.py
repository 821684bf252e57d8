"""Order sheets: an order for each team, a workbook, tracks and a calendar."""

from __future__ import annotations

from collections.abc import Mapping

from pandas import DataFrame

from dispatch.i18n import speaking
from dispatch.plan.plan import Plan
from dispatch.render.calendar_file import calendar
from dispatch.render.order_docx import order_docx, stand_down_sheets
from dispatch.render.orders import order_sheets
from dispatch.render.text import file_name
from dispatch.render.track_file import track
from dispatch.render.view import view
from dispatch.render.workbook import WORKBOOK, workbook


def render_sheets(
    plan: Plan,
    *,
    vehicles: DataFrame,
    profiles: DataFrame,
    capabilities: DataFrame,
    teams: DataFrame,
    services: Mapping[str, tuple[str, str]],
    lang: str = "zh",
) -> dict[str, bytes]:
    """Write the orders of a plan for the teams that carry them out.

    Parameters
    ----------
    plan : Plan
    vehicles : DataFrame
        ``teams/vehicles``: team_id, profile, quantity.
    profiles : DataFrame
        ``network/profiles``, indexed by profile: name, name_en.
    capabilities : DataFrame
        ``teams/capabilities``: team_id, capability, equipment, equipment_en.
    teams : DataFrame
        ``teams/teams``, indexed by team_id: toll_exempt.
    services : mapping of str to (str, str)
        As :func:`dispatch.render.orders.service_names` gives them.
    lang : {"zh", "en"}

    Returns
    -------
    dict of str to bytes
        Files by their path in the folder: ``orders.xlsx``, ``timeline.ics``,
        for each team ``orders/NNN_team.docx`` and ``tracks/NNN_team.gpx``, and
        for each that stands down after events ``stand_down/NNN_team.docx``.
        The same input gives the same bytes.
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
        files = {WORKBOOK: workbook(plan, sheets), "timeline.ics": calendar(plan, sheets)}
        for sheet in sheets:
            order = f"orders/{file_name(sheet.number, sheet.team, '.docx')}"
            files[order] = order_docx(plan, sheet)
            way = f"tracks/{file_name(sheet.number, sheet.team, '.gpx')}"
            files[way] = track(plan, sheet)
        return files | stand_down_sheets(plan)
