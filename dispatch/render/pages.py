"""Pages and cells of HTML in which every word from data is text and nothing else."""

from __future__ import annotations

from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape
from rich.cells import cell_len

from dispatch.render.text import plain


def template(name: str) -> Template:
    """Return a template of this package; what is put into it is escaped."""
    return _environment().get_template(name)


SHORT: Final = 22
"""Words up to this width, in half Chinese characters, stand on one line of a cell."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dispatch.render"),
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.tests["short"] = _short
    return environment


def _short(text: str) -> bool:
    return cell_len(plain(text)) <= SHORT


def _finalize(value: object) -> Markup:
    """Escape a value for HTML, its slashes too, so that a name can't spell an address."""
    if isinstance(value, Markup):
        return value
    return escape(plain(value)).replace("/", Markup("&#47;"))
