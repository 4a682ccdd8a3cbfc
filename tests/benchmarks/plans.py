"""The plans by which PostgreSQL answers the requests: what it scans, sorts and throws away."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rich.table import Table

SMALL_TABLE = 5_000  # rows; reading such a table as a whole is right
# More than this for one page does not scale, whatever the clock says.
MOST_ROWS = 10_000  # read or sorted by one node
MOST_MILLISECONDS = 50


@dataclass
class Plan:
    """One statement as PostgreSQL ran it."""

    case: str
    path: str
    sql: str
    root: dict[str, Any]
    milliseconds: float
    faults: list[str] = field(default_factory=list)

    def nodes(self, node: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        node = node or self.root
        yield node
        for child in node.get("Plans", ()):
            yield from self.nodes(child)

    def indexes(self) -> set[str]:
        return {node["Index Name"] for node in self.nodes() if "Index Name" in node}

    def find_faults(self, large: set[str]) -> None:
        for node in self.nodes():
            kind, relation = node["Node Type"], node.get("Relation Name")
            if kind == "Seq Scan" and relation in large:
                self.faults.append(f"sequential scan on {relation}")
            loops = node["Actual Loops"]
            rows = node["Actual Rows"] * loops
            removed = loops * sum(
                value for name, value in node.items() if name.startswith("Rows Removed by")
            )
            if rows + removed > MOST_ROWS and kind != "Bitmap Index Scan":
                where = node.get("Index Name") or relation or ""
                self.faults.append(f"{rows + removed:,.0f} rows in {kind} {where}".strip())
        if self.milliseconds > MOST_MILLISECONDS:
            self.faults.append(f"{self.milliseconds:.0f} ms")

    def text(self) -> str:
        return "\n".join(lines(self.root))


DETAILS = ("Index Cond", "Filter", "Sort Key", "Rows Removed by Filter")


def lines(node: dict[str, Any], depth: int = 0) -> Iterator[str]:
    told = [
        node["Node Type"],
        node.get("Scan Direction", "") if node.get("Scan Direction") == "Backward" else "",
        node.get("Join Type", ""),
        node.get("Index Name", ""),
        f"on {node['Relation Name']}" if "Relation Name" in node else "",
        f"rows={node['Actual Rows']:g} loops={node['Actual Loops']:g}",
        f"estimated={node['Plan Rows']}",
        f"buffers={node.get('Shared Hit Blocks', 0) + node.get('Shared Read Blocks', 0)}",
        f"{node['Actual Total Time']:.2f} ms",
    ]
    told += [f"[{name}: {str(node[name])[:300]}]" for name in DETAILS if name in node]
    yield "  " * depth + " ".join(part for part in told if part)
    for child in node.get("Plans", ()):
        yield from lines(child, depth + 1)


def connect_to(database: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = database


def explained(key: str, paths: dict[str, list[str]], *, each: int = 2) -> Iterator[Plan]:
    """The plan of every statement that these requests make, on the database connected to.

    each: so many paths of each kind.
    """
    large = large_tables()
    client = Client(headers={"authorization": f"Bearer {key}"}, SERVER_NAME="127.0.0.1")
    for case, choices in paths.items():
        for path in sorted({*choices[: each - 1], choices[-1]}):
            client.get(path)  # what is asked for once a process is asked for now
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:500]!r}")
            for query in captured.captured_queries:
                if query["sql"].lstrip().upper().startswith(("SELECT", "WITH", "(")):
                    plan = explain(case, path, query["sql"])
                    plan.find_faults(large)
                    yield plan


def explain(case: str, path: str, statement: str) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement.replace("%", "%%"))
        (((found,),),) = [cursor.fetchall()]
    [top] = found
    return Plan(case, path, statement, top["Plan"], top["Execution Time"] + top["Planning Time"])


def large_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [SMALL_TABLE]
        )
        return {name for (name,) in cursor.fetchall()}


def unused_indexes(used: set[str]) -> list[tuple[str, int]]:
    """Indexes of ours that no constraint needs and none of the plans used, with their size."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_relation_size(c.oid) FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE c.relname NOT LIKE 'pg_%%' AND i.indrelid::regclass::text LIKE 'claims_%%' "
            "AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = i.indexrelid) "
            "AND NOT i.indisunique AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        return [(name, size) for name, size in cursor.fetchall() if name not in used]


def summary(plans: list[Plan]) -> Table:
    """One line for each kind of page: its statements together."""
    shown = Table("page", "statements", "database ms", "slowest ms", "indexes of it", box=None)
    by_path: dict[tuple[str, str], list[Plan]] = {}
    for plan in plans:
        by_path.setdefault((plan.case, plan.path), []).append(plan)
    for (case, _), made in by_path.items():
        slowest = max(made, key=lambda plan: plan.milliseconds)
        total = sum(plan.milliseconds for plan in made)
        names = ", ".join(sorted(slowest.indexes()))
        shown.add_row(case, str(len(made)), f"{total:.1f}", f"{slowest.milliseconds:.1f}", names)
    return shown
