"""Teams that stand down, in words: why, and what they are ordered."""

from __future__ import annotations

from dispatch.i18n import _, pick
from dispatch.plan.plan import StoodDown
from dispatch.render.text import plain


def stand_down_reason(one: StoodDown) -> str:
    """Say why a team stands down."""
    return {
        "lost": _("lost"),
        "unable": _("all its units are lost"),
        "released": _("no longer needed, or of no use in time"),
    }[one.reason]


def stand_down_order(one: StoodDown) -> str:
    """Say what a team that stands down is ordered."""
    if one.reason == "lost":
        return _("count on it no more")
    return _("stand down, return to base") if one.left else _("stand down, stay at base")


def stand_down_lines(stood_down: tuple[StoodDown, ...]) -> tuple[str, ...]:
    """Return a line for each team that stands down."""
    return tuple(
        _("{team}: {reason}; {order}").format(
            team=plain(pick(one.team_name, one.team_name_en)),
            reason=stand_down_reason(one),
            order=stand_down_order(one),
        )
        for one in stood_down
    )
