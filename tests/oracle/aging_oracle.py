"""Aging one item at a time with plain integers and dates; imports nothing of the program."""

from collections import defaultdict
from datetime import timedelta


def bucket(base, as_of, edges, day_on_edge="younger"):
    """0 = not past due, 1.. = past due, None without a date."""
    if base is None:
        return None
    days = (as_of - base).days
    if days <= 0:
        return 0
    for number, edge in enumerate(edges, start=1):
        if days < edge or (days == edge and day_on_edge == "younger"):
            return number
    return len(edges) + 1


def fifo(items, order="due_on"):
    """Amount settled per item number, one unit of work at a time."""
    settled = defaultdict(int)
    parties = {item["party"] for item in items}
    for party in parties:
        own = [item for item in items if item["party"] == party]
        own.sort(key=lambda item: (item[order] is None, item[order] or 0, item["item"]))
        debts = [[item["item"], item["open"]] for item in own if item["open"] > 0]
        gives = [[item["item"], -item["open"]] for item in own if item["open"] < 0]
        while debts and gives:
            part = min(debts[0][1], gives[0][1])
            for queue, sign in ((debts, 1), (gives, -1)):
                settled[queue[0][0]] += sign * part
                queue[0][1] -= part
                if queue[0][1] == 0:
                    queue.pop(0)
    return settled


def age(
    items,
    as_of,
    edges,
    *,
    mode="separate",
    base="due_on",
    day_on_edge="younger",
    key=lambda item: item["party"],
):
    """Rows by key: {open, unapplied, over_30, 0.. , None: no due date}."""
    rows = defaultdict(lambda: defaultdict(int))
    settled = fifo(items, base) if mode == "oldest" else {}
    for item in items:
        row = rows[key(item)]
        rest = item["open"] - settled.get(item["item"], 0)
        row["open"] += rest
        if rest < 0 and mode == "separate":
            row["unapplied"] += rest
            continue
        day = item[base]
        if rest < 0:
            day = as_of if mode == "oldest" else day or item["issued_on"]
        row[bucket(day, as_of, edges, day_on_edge)] += rest
        if day is not None and day <= as_of - timedelta(30):
            row["over_30"] += rest
    return {name: dict(row) for name, row in rows.items()}
