"""Write docs/data.md from the column contracts and the tables.

Usage: ``python scripts/make_data_doc.py [--check]``. With ``--check`` nothing
is written, and the exit code is 1 where the file is not what it should be.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from dispatch.registry import Column, Contract, data_dir
from dispatch.registry.draft import Draft
from dispatch.registry.load import read_folder
from dispatch.registry.sheet import Sheet

DOC = Path(__file__).resolve().parents[1] / "docs" / "data.md"

INTRO = """\
<!-- Made by scripts/make_data_doc.py: edit data/contracts/, not this file. -->

# 数据表 / Data tables

每张表是 `data/<目录>/<表>.csv`：UTF-8（无 BOM），首行为列名，各列都要有；各列的含义写在
`data/contracts/<目录>.<表>.csv`，本页由此生成。坐标均为 WGS84 经纬度。`dispatch registry check`
检查全部表，一次列出所有问题。

Each table is `data/<folder>/<table>.csv`: UTF-8 without BOM, a header, all columns present. What
the columns mean stands in `data/contracts/<folder>.<table>.csv`, from which this page is made.
Positions are longitude and latitude in WGS84. `dispatch registry check` checks all tables and
names everything that is wrong at once.

| 类型 / type | 内容 | content |
|---|---|---|
| key | 唯一编号 | identifier of the row, unique |
| text | 文字 | text |
| integer, number | 整数、数值（只写数字，单位见列名） | digits alone; the unit is in the name |
| choice | 所列代码之一 | one of the codes |
| reference | 另一张表的编号 | key of another table |
| lon, lat | 经度、纬度（度） | degrees |
| linestring | WKT 线 | line in WKT |
"""


def main() -> int:
    """Write or check the page; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; complain")
    check = parser.parse_args().check
    draft = read_folder(data_dir())
    page = "\n".join([INTRO, counts_part(draft), contracts_part(draft.contracts)])
    if not check:
        DOC.write_text(page, encoding="utf-8", newline="\n")
    elif not DOC.is_file() or DOC.read_text(encoding="utf-8") != page:
        print("docs/data.md is stale: run scripts/make_data_doc.py", file=sys.stderr)
        return 1
    return 0


def counts_part(draft: Draft) -> str:
    """Return how many rows each table has, and how many of them are invented."""
    lines = [
        "## 行数 / Rows",
        "",
        "| 表 / table | 行 / rows | 示意 / illustrative |",
        "|---|--:|--:|",
    ]
    total = [0, 0]
    for table in draft.contracts:
        rows, invented = _counts(draft.sheets.get(table))
        total = [total[0] + rows, total[1] + invented]
        lines.append(f"| [{table}](#{_anchor(table)}) | {rows} | {invented} |")
    lines.append(f"| 合计 / all {len(draft.contracts)} | {total[0]} | {total[1]} |")
    return "\n".join(lines) + "\n"


def contracts_part(contracts: Mapping[str, Contract]) -> str:
    """Return the columns of each table, table by table."""
    return "\n".join(_contract(contract) for contract in contracts.values())


def _contract(contract: Contract) -> str:
    lines = [
        f"## {contract.table}",
        "",
        "| 列 column | 类型 type | 单位 unit | 必填 required | 取值 values | 说明 | meaning |",
        "|---|---|---|---|---|---|---|",
    ]
    for column in contract.columns:
        cells = (
            f"`{column.name}`",
            column.type,
            column.unit,
            "是 yes" if column.required else "",
            _values(column),
            column.description_zh,
            column.description_en,
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _values(column: Column) -> str:
    if column.reference:
        return f"[{column.reference}](#{_anchor(column.reference)})"
    if column.values:
        return ", ".join(f"`{value}`" for value in column.values)
    least = "" if column.minimum is None else f"≥ {column.minimum:.15g}"
    largest = "" if column.maximum is None else f"≤ {column.maximum:.15g}"
    return ", ".join(bound for bound in (least, largest) if bound)


def _counts(sheet: Sheet | None) -> tuple[int, int]:
    if sheet is None:
        return 0, 0
    return len(sheet.rows), sheet.columns.get("status", []).count("illustrative")


def _anchor(table: str) -> str:
    return table.replace("/", "")


if __name__ == "__main__":
    raise SystemExit(main())
