"""Room for labels: each beside its point, none over another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_SIDES: Final = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_RINGS: Final = 10
_PER_RING: Final = 16


@dataclass(frozen=True)
class Request:
    """A label that looks for room.

    Parameters
    ----------
    x, y : float
        Its point.
    width, height : float
        Of the label.
    gap : float
        Distance kept from the point.
    far : bool
        Whether it may stand away from its point, where nothing nearer is free.
    centred : bool
        Whether it stands on its point, or nowhere.
    """

    x: float
    y: float
    width: float
    height: float
    gap: float = 0.0
    far: bool = False
    centred: bool = False


def place(requests: Sequence[Request], frame: Box, taken: Sequence[Box] = ()) -> list[Box | None]:
    """Find room for labels, the first come first.

    Parameters
    ----------
    requests : sequence of Request
        In order of weight; all lengths in one unit.
    frame : Box
        No label reaches out of it.
    taken : sequence of Box
        Where no label may stand.

    Returns
    -------
    list of Box or None
        One for each request; None where there is no room.
    """
    full = np.empty((len(taken) + len(requests), 4))
    full[: len(taken)] = np.asarray(taken, dtype=float).reshape(-1, 4)
    used = len(taken)
    placed: list[Box | None] = []
    for request in requests:
        box = next((b for b in _tries(request) if _free(b, frame, full[:used])), None)
        if box is not None:
            full[used] = box
            used += 1
        placed.append(box)
    return placed


def _tries(request: Request) -> Iterator[Box]:
    x, y, w, h = request.x, request.y, request.width, request.height
    if request.centred:
        yield (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        return
    for right, up in _SIDES:
        # a label on a slant may come nearer: its corner faces the point
        gap = request.gap * (0.7 if right and up else 1.0)
        yield _beside(x + right * gap, y + up * gap, w, h, right, up)
    if request.far:
        for ring in range(2, _RINGS):
            for step in range(_PER_RING):
                angle = 2 * pi * step / _PER_RING
                reach = ring * max(h, request.gap)
                right, up = round(cos(angle)), round(sin(angle))
                yield _beside(x + reach * cos(angle), y + reach * sin(angle), w, h, right, up)


def _beside(x: float, y: float, w: float, h: float, right: int, up: int) -> Box:
    left, bottom = x + (right - 1) * w / 2, y + (up - 1) * h / 2
    return (left, bottom, left + w, bottom + h)


def _free(box: Box, frame: Box, full: NDArray[np.float64]) -> bool:
    left, bottom, right, top = box
    if left < frame[0] or bottom < frame[1] or right > frame[2] or top > frame[3]:
        return False
    apart = (
        (full[:, 0] >= right) | (full[:, 2] <= left) | (full[:, 1] >= top) | (full[:, 3] <= bottom)
    )
    return bool(apart.all())
