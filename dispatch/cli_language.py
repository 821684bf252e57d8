"""The language that a command speaks."""

from __future__ import annotations

import typer

from dispatch.i18n import LANGUAGES, set_language


def speak(lang: str | None) -> None:
    """Speak a language from here on, the one in use if none is given.

    Raises
    ------
    typer.BadParameter
        If there is no such language.
    """
    if lang is None:
        return
    if lang not in LANGUAGES:
        raise typer.BadParameter(" | ".join(LANGUAGES), param_hint="--lang")
    set_language(lang)
