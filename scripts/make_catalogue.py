"""Make the message catalogues anew from the code, keeping what is translated.

Usage: ``python scripts/make_catalogue.py [--check]``. With ``--check`` nothing
is written, and the exit code is 1 where a message is untranslated, unused or
the compiled catalogue is stale.
"""

from __future__ import annotations

import argparse
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "dispatch" / "locale" / "zh" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("render/templates/**.html", "jinja2")]
MARKS = {"_": None, "ngettext": (1, 2)}
HEADER = [("Content-Type", "text/plain; charset=UTF-8"), ("Plural-Forms", "nplurals=1; plural=0;")]

Text = str | tuple[str, str]
"""A message, or what is said of one thing and of many."""


def main() -> int:
    """Make or check the catalogues; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; complain")
    check = parser.parse_args().check
    old, found = read_catalogue(FOLDER / "dispatch.po"), messages_in_code()
    catalogue = updated(old, found)
    missing = [message.id for message in catalogue if message.id and not _translated(message)]
    unused = sorted({_text(message) for message in old if message.id} - set(found), key=str)
    for text in missing:
        print(f"not translated: {text!r}", file=sys.stderr)
    for text in unused:
        print(f"not used: {text!r}", file=sys.stderr)
    print(f"{len(found)} messages, {len(found) - len(missing)} translated, {len(unused)} not used")
    po, mo = rendered(catalogue)
    if check:
        stale = [
            path.name
            for path, content in ((FOLDER / "dispatch.po", po), (FOLDER / "dispatch.mo", mo))
            if not path.is_file() or path.read_bytes() != content
        ]
        for name in stale:
            print(f"stale: {name}; run make catalogue", file=sys.stderr)
        return 1 if missing or stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "dispatch.po").write_bytes(po)
    (FOLDER / "dispatch.mo").write_bytes(mo)
    return 0


def messages_in_code() -> list[Text]:
    """Return every message marked with ``_()`` or ``ngettext()`` in the package, sorted."""
    found = extract_from_dir(ROOT / "dispatch", method_map=METHODS, keywords=MARKS)
    return sorted({message for _, _, message, _, _ in found}, key=str)


def _text(message: Message) -> Text:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def _translated(message: Message) -> bool:
    return bool(message.string if isinstance(message.string, str) else all(message.string))


def read_catalogue(path: Path) -> Catalog:
    """Return the catalogue at ``path``, an empty one where there is none."""
    if not path.is_file():
        return Catalog(locale="zh")
    with path.open("rb") as file:
        return read_po(file, locale="zh")


def updated(old: Catalog, messages: list[Text]) -> Catalog:
    """Return a catalogue of exactly these messages with the old translations."""
    new = Catalog(locale="zh", project="shanxi-dispatch", fuzzy=False)
    new.mime_headers = HEADER
    for text in messages:
        known = old.get(text)
        kept = known is not None and _text(known) == text
        new.add(text, known.string if known and kept else "")
    return new


def rendered(catalogue: Catalog) -> tuple[bytes, bytes]:
    """Return the catalogue as .po and .mo bytes, the same bytes every time."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=96, omit_header=True, sort_output=True)
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in HEADER)
    header = f'msgid ""\nmsgstr ""\n{lines}\n'.encode()
    catalogue.header_comment = ""
    write_mo(mo, _with_fixed_header(catalogue))
    return header + po.getvalue(), mo.getvalue()


def _with_fixed_header(catalogue: Catalog) -> Catalog:
    # the header tells the time of making unless it is given one, and the bytes would differ
    never = datetime(2000, 1, 1, tzinfo=UTC)
    fixed = Catalog(locale="zh", fuzzy=False, creation_date=never, revision_date=never)
    fixed.mime_headers = HEADER
    for message in catalogue:
        if message.id:
            fixed.add(message.id, message.string)
    return fixed


if __name__ == "__main__":
    sys.exit(main())
