"""The ECL base and the roll-forward one item at a time; imports nothing of the program."""

from collections import defaultdict


def bridge(items, rules=()):
    """(company, currency) → steps, and item → what is left in the pool.

    An item is a dict: item, company, currency, customer, document, kind, open, day, intercompany,
    disputed (0 = none). A rule is a dict of what must agree: customer, document, company, currency.
    """
    steps = defaultdict(lambda: defaultdict(int))
    left = {}
    for item in items:
        line = steps[item["company"], item["currency"]]
        line["aging_total"] += item["open"]
        if item["intercompany"]:
            line["intercompany"] += item["open"]
        elif item["open"] < 0 and item["kind"] in ("advance", "deposit"):
            line["advances"] += item["open"]
        else:
            left[item["item"]] = item["open"]
    for customer in {(i["company"], i["currency"], i["customer"]) for i in items}:
        steps[customer[:2]]["reclassed"] += net(
            [i for i in items if (i["company"], i["currency"], i["customer"]) == customer], left
        )
    for item in items:
        rest = max(left.get(item["item"], 0), 0)
        line = steps[item["company"], item["currency"]]
        part = min(rest, item["disputed"])
        line["dilution"] += part
        rest -= part
        if item["item"] in left and left[item["item"]] > 0 and any(fits(r, item) for r in rules):
            line["specific"] += rest
            rest = 0
        line["ecl_base"] += rest
        left[item["item"]] = rest
    return steps, left


def net(own, left):
    """Spend a customer's credits on its oldest debts; return what is left over."""
    spare = -sum(left[i["item"]] for i in own if left.get(i["item"], 0) < 0)
    debts = [i for i in own if left.get(i["item"], 0) > 0]
    debts.sort(key=lambda i: (i["day"] is None, i["day"] or 0, i["item"]))
    for item in own:
        if left.get(item["item"], 0) < 0:
            left[item["item"]] = 0
    for item in debts:
        part = min(left[item["item"]], spare)
        left[item["item"]] -= part
        spare -= part
    return spare


def fits(rule, item):
    return all(rule[name] == item[name] for name in rule)


def movement(opening, closing, written_off, recovered_in_allowance, retold):
    """Charge (positive) or reversal (negative) that leads from the opening to the closing."""
    balance = opening
    balance -= written_off
    balance += recovered_in_allowance
    balance += retold - opening
    return closing - balance
