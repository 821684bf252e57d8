"""GraphML read as a stream into two tables.

networkx makes a dictionary of every edge, five gigabytes for the streets of a province;
here a text that stands in many rows is kept once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, iterparse

import pandas as pd

from dispatch.errors import Fault, InputError
from dispatch.i18n import _


@dataclass(frozen=True, eq=False)
class GraphTables:
    """A graph as tables.

    Parameters
    ----------
    nodes : DataFrame
        Attributes by id of the node (text).
    edges : DataFrame
        Attributes, and the ids ``u`` and ``v`` of both ends (text).
    attributes : dict of str to str
        What is told of the whole graph.
    directed : bool
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    attributes: dict[str, str]
    directed: bool


@dataclass
class _Rows:
    """The rows of one kind of element, column by column.

    An attribute whose values differ in type has several keys, and is one column.
    """

    ends: dict[str, list[str]]
    columns: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def declare(self, key: Element) -> None:
        code = key.get("id", "")
        name = self.names[code] = key.get("attr.name", code)
        self.columns[name] = []
        default = next((child.text for child in key if _tag(child) == "default"), None)
        self.defaults[name] = default or self.defaults.get(name, "")

    def add(self, element: Element) -> None:
        for name, ids in self.ends.items():
            ids.append(self._once(element.get(name, "")))
        data = [child for child in element if _tag(child) == "data"]
        told = {self.names.get(child.get("key", "")): child.text or "" for child in data}
        for name, column in self.columns.items():
            column.append(self._once(told.get(name, self.defaults[name])))

    def _once(self, text: str) -> str:
        return self.seen.setdefault(text, text)


def read_tables(path: Path) -> GraphTables:
    """Read a GraphML file; texts stay texts, empty where nothing is told.

    Raises
    ------
    InputError
        If this is no GraphML.
    """
    nodes, edges, attributes = _Rows({"id": []}), _Rows({"source": [], "target": []}), {}
    kinds = {"node": [nodes], "edge": [edges], "all": [nodes, edges]}
    graph: Element | None = None
    names: dict[str, str] = {}
    directed, inside = True, False
    try:
        # expat bounds the expansion of entities
        for event, element in iterparse(path, events=("start", "end")):  # noqa: S314
            tag = _tag(element)
            if event == "start":
                if tag == "graph":
                    graph, directed = element, element.get("edgedefault") != "undirected"
                inside = inside or tag in ("node", "edge")
            elif tag == "key":
                names[element.get("id", "")] = element.get("attr.name", "")
                for rows in kinds.get(element.get("for", "all"), ()):
                    rows.declare(element)
            elif tag in ("node", "edge") and graph is not None:
                (nodes if tag == "node" else edges).add(element)
                graph.clear()  # what is read need not be kept
                inside = False
            elif tag == "data" and not inside:
                attributes[names.get(element.get("key", ""), "")] = element.text or ""
    except ParseError as error:
        raise _fault(path, str(error)) from error
    if graph is None:
        raise _fault(path, _("there is no graph in it"))
    node_table = pd.DataFrame(nodes.columns, index=pd.Index(nodes.ends["id"], dtype="str"))
    ends = {"u": edges.ends["source"], "v": edges.ends["target"]}
    return GraphTables(node_table, pd.DataFrame(edges.columns | ends), attributes, directed)


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _fault(path: Path, reason: str) -> InputError:
    problem = _("the file is no GraphML: {}").format(reason)
    return InputError(Fault(path.name, None, None, None, problem, _("give a road graph")))
