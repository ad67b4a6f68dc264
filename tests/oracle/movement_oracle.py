"""Movement of balances by plain addition; imports nothing of the program.

A row is a dict: id, customer, table, kind, amount (signed as it moves the balance), posted_on,
due_on, settled_on. A standing is a dict id → (open, paid) as of a date, by the clerk.
"""

from collections import defaultdict

NEW = {"invoice", "debit_note", "retention"}
OWN = {"credit_note": "credited", "write_off": "written_off", "recovery": "recovered"}


def column(row):
    """The one column a posting belongs to."""
    if row["table"] == "payments":
        return "bounced" if row["kind"] in {"bounced", "refund"} else "paid"
    if row["kind"] in NEW:
        return "new"
    return OWN.get(row["kind"], "other")


def movement(rows, before, after, start, end):
    """Columns by customer; what matching moved between customers is what is left over."""
    found = defaultdict(lambda: defaultdict(int))
    for row in rows:
        line = found[row["customer"]]
        line["opening"] += before.get(row["id"], (0, 0))[0]
        line["closing"] += after.get(row["id"], (0, 0))[0]
        if start < row["posted_on"] <= end:
            line[column(row)] += row["amount"]
        if row.get("settled_on"):
            noted = max(row["settled_on"], row["posted_on"])
            if start < noted <= end:
                line["paid"] -= row["amount"]
    for line in found.values():
        moved = sum(value for name, value in line.items() if name not in {"opening", "closing"})
        line["transferred"] = line["closing"] - line["opening"] - moved
    return {
        name: {key: value for key, value in line.items() if value} for name, line in found.items()
    }


def bucket(due_on, on, edges=(30, 60, 90)):
    """Name of the bucket of a debit on a day."""
    if due_on is None:
        return f"b{len(edges) + 2}"
    days = (on - due_on).days
    return f"b{0 if days <= 0 else 1 + sum(days > edge for edge in edges)}"


def roll(rows, before, after, start, end):
    """(origin, target) → amount; write-offs count as credited here."""
    found = defaultdict(int)
    for row in rows:
        if row["posted_on"] > end:
            continue
        debt = (
            row["table"] == "documents"
            and row["amount"] > 0
            and row["kind"] not in {"recovery", "reversal"}
        )
        was, was_paid = before.get(row["id"], (0, 0))
        now, paid = after.get(row["id"], (0, 0))
        if row["posted_on"] > start:
            origin, was = ("new" if debt else "new_credits"), row["amount"]
        elif was == 0:
            origin = "settled"
        else:
            origin = "unapplied" if was < 0 else bucket(row["due_on"], start)
        found[origin, "unapplied" if now < 0 else bucket(row["due_on"], end)] += now
        if debt:
            found[origin, "paid"] += paid - was_paid
            found[origin, "credited"] += was - now - (paid - was_paid)
        else:
            found[origin, "applied"] += was - now
    return {key: amount for key, amount in found.items() if amount}
