"""The errors a caller can meet; each means one thing.

Bad input, no feasible answer, out of time and a refused plan are different
things and are never folded into one another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one value of an input file.

    Parameters
    ----------
    file : str
        File (or table) in which the value stands.
    row : int or None
        Line of the file, 1 being the first (the header of a table); None
        where the whole file is meant.
    column : str or None
        Column of a table, or dotted key of a YAML file.
    value : str or None
        The value as it was read.
    problem : str
        What is wrong, in the user's language.
    remedy : str
        What to do about it, in the user's language.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f":{self.row}"
        if self.column is not None:
            place += f" [{self.column}]"
        value = "" if self.value is None else f" {self.value!r}"
        return f"{place}{value}: {self.problem} → {self.remedy}"


class DispatchError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(DispatchError):
    """Input that can't be used; carries every fault found, not the first.

    Parameters
    ----------
    faults : iterable of Fault
        At least one fault.
    """

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        if not self.faults:
            raise ValueError("an InputError needs at least one fault")
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InfeasibleError(DispatchError):
    """No answer satisfies the constraints, and this is proved."""


class SolverTimeoutError(DispatchError):
    """The time limit passed before a first answer was found."""


class InvalidPlanError(DispatchError):
    """The independent checker refuses a solution or plan.

    Parameters
    ----------
    violations : iterable of str
        One sentence for each broken rule.
    """

    def __init__(self, violations: Iterable[str]) -> None:
        self.violations: tuple[str, ...] = tuple(violations)
        super().__init__("\n".join(self.violations))
