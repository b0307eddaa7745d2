"""Writes a case's table in the case's format.

It knows how spreadsheets, databases, loggers and programs write a table, and a few forms that hold names of columns
without any row. It does not know what is in the table, and adds no words about health or persons of its own.
"""

import csv
import io
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "made_up"))
from values import Row  # noqa: E402

EXTENSION = {
    "csv": "csv", "csv-quoted": "csv", "csv-titled": "csv", "semicolon": "csv", "tsv": "tsv",
    "pipe": "txt", "psql": "txt", "sql": "sql", "markdown": "md", "yaml": "yaml", "json": "json", "jsonl": "jsonl",
    "python": "py", "log": "log", "ddl": "sql", "class": "py", "interface": "ts", "mapping": "yaml",
}

TABLE = {"python": "rows", "yaml": "rows", "log": "saved"}


def text_of(value):
    """A value as a cell of a text table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def delimited(names, rows, delimiter, quoting=csv.QUOTE_MINIMAL, start="", end="\n"):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(names)
    writer.writerows([text_of(value) for value in row] for row in rows)
    return start + out.getvalue()


def nested(names, row):
    """An object of a row; `a>b` is the key `b` of the object `a`."""
    result = {}
    for name, value in zip(names, row):
        place = result
        *outer, last = name.split(">")
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return result


def sql_value(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


def sql_name(name):
    return name if name.replace("_", "a").isalnum() else f'"{name}"'


def yaml_value(value):
    if value is None:
        return "null"
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    plain = value and value[0].isalpha() and not any(sign in value for sign in ":#{}[]&*'\"")
    return value if plain and value.lower() not in ("yes", "no", "y", "n", "true", "false") else json.dumps(value)


def yaml_object(thing, indent):
    lines = []
    for key, value in thing.items():
        key = key if key.replace("_", "a").replace("-", "a").isalnum() else json.dumps(key)
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *yaml_object(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {yaml_value(value)}")
    return lines


def yaml_list(things, table):
    lines = [f"{table}:"]
    for thing in things:
        first, *rest = yaml_object(thing, "    ")
        lines += ["  - " + first.strip(), *rest]
    return "\n".join(lines) + "\n"


def log_value(value):
    text = text_of(value)
    return json.dumps(text) if " " in text or not text else text


def markdown(names, rows):
    lines = ["| " + " | ".join(names) + " |", "|" + "|".join(" --- " for _ in names) + "|"]
    lines += ["| " + " | ".join(text_of(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def psql(names, rows):
    cells = [[text_of(value) for value in row] for row in rows]
    widths = [max(len(line[n]) for line in [names, *cells]) for n in range(len(names))]
    lines = [" " + " | ".join(name.center(width) for name, width in zip(names, widths))]
    lines.append("+".join("-" * (width + 2) for width in widths))
    lines += [" " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in cells]
    return "\n".join(lines) + f"\n({len(rows)} rows)\n"


def python_list(things, table):
    return f"{table} = [\n" + "".join(f"    {thing!r},\n" for thing in things) + "]\n"


def log(names, rows, case, table):
    lines = []
    for number, row in enumerate(rows):
        pairs = " ".join(f"{name}={log_value(value)}" for name, value in zip(names, row))
        lines.append(f"{Row(case['id'] + '/log', number).v_stamp()} INFO [worker-{number % 4}] {table} {pairs}")
    return "\n".join(sorted(lines)) + "\n"


def render(case):
    """The text of a case's file."""
    form = case["format"]
    table = case.get("table") or TABLE.get(form, "export")
    names = [column["name"] for column in case["columns"]]
    rows = []
    for number in range(case["rows"]):
        row = Row(case["id"], number, case.get("women", False))
        rows.append([row.make(column["values"]) for column in case["columns"]])
    things = [nested(names, row) for row in rows]
    match form:
        case "csv":
            return delimited(names, rows, ",")
        case "csv-quoted":
            return delimited(names, rows, ",", csv.QUOTE_ALL, "\ufeff", "\r\n")
        case "csv-titled":
            blank = "," * (len(names) - 1)
            return delimited(names, rows, ",", start=f"Run on 03/04/2024 07:15{blank}\r\n{blank}\r\n", end="\r\n")
        case "semicolon":
            return delimited(names, rows, ";")
        case "tsv":
            return delimited(names, rows, "\t")
        case "pipe":
            return delimited(names, rows, "|")
        case "psql":
            return psql(names, rows)
        case "markdown":
            return markdown(names, rows)
        case "sql":
            head = f"INSERT INTO {sql_name(table)} ({', '.join(map(sql_name, names))}) VALUES\n"
            return head + ",\n".join(f"({', '.join(map(sql_value, row))})" for row in rows) + ";\n"
        case "yaml":
            return yaml_list(things, table)
        case "json":
            return json.dumps({table: things} if "table" in case else things, indent=2, ensure_ascii=False) + "\n"
        case "jsonl":
            return "".join(json.dumps(thing, ensure_ascii=False) + "\n" for thing in things)
        case "python":
            return python_list(things, table)
        case "log":
            return log(names, rows, case, table)
        case "ddl":
            return f"CREATE TABLE {table} (\n" + ",\n".join(f"  {sql_name(n)} VARCHAR(64)" for n in names) + "\n);\n"
        case "class":
            return f"@dataclass\nclass {table}:\n" + "".join(f"    {name}: str | None = None\n" for name in names)
        case "interface":
            return f"export interface {table} {{\n" + "".join(f"  {name}?: string;\n" for name in names) + "}\n"
        case "mapping":
            return f"{table}:\n" + "".join(f"  {column['name']}: {column['values']}\n" for column in case["columns"])
    raise SystemExit(f"{case['id']}: unknown format {form}")
