"""Counts of what plans speak of most, in the language in use."""

from __future__ import annotations

from dispatch.i18n import ngettext


def teams(count: int) -> str:
    """Say how many teams."""
    return ngettext("{count} team", "{count} teams", count).format(count=f"{count:,}")


def people(count: int) -> str:
    """Say how many people."""
    return ngettext("{count} person", "{count} people", count).format(count=f"{count:,}")


def days(count: int) -> str:
    """Say how many days."""
    return ngettext("{count} day", "{count} days", count).format(count=f"{count:,}")


def shelters(count: int) -> str:
    """Say how many shelters."""
    return ngettext("{count} shelter", "{count} shelters", count).format(count=f"{count:,}")
