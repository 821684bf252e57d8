"""Pages and cells of HTML in which every word from data is text and nothing else."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from dispatch.render.text import plain


def template(name: str) -> Template:
    """Return a template of this package; what is put into it is escaped."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("dispatch.render"),
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def _finalize(value: object) -> Markup:
    """Escape a value for HTML, its slashes too, so that a name can't spell an address."""
    if isinstance(value, Markup):
        return value
    return escape(plain(value)).replace("/", Markup("&#47;"))
