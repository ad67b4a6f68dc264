"""Write the invented exports of this folder: the same bytes each time."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).parent

SAP_CUSTOMERS = {
    "0000100123": (
        "Müller Maschinenbau GmbH",
        "Müller Maschinenbau G.m.b.H.",
        "MÜLLER MASCHINENBAU GMBH",
    ),
    "0000100456": ("Café Lyon SARL", "Cafe Lyon SARL", "Café Lyon SARL"),
    "0000200001": ("Ostsee Handel AG", "Ostsee Handel AG", "Ostsee-Handel AG"),
    "0000000777": ("Jansen & Zonen B.V.", "Jansen & Zonen BV", "Jansen en Zonen B.V."),
}
QB_CUSTOMERS = ("Amy's Bird Sanctuary", "Cool Cars", "Total Fitness LLC", "Weiskopf Consulting")
KD_CUSTOMERS = {
    "00018": "上海远景贸易有限公司",
    "00235": "深圳市华强电子股份有限公司",
    "01002": "苏州工业园区精工机械厂",
}


def german(amount: Decimal) -> str:
    """1.234,56 with the minus behind, as SAP prints it."""
    text = f"{abs(amount):,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    return text + ("-" if amount < 0 else " ")


def sap_rows() -> list[tuple[str, str, str, str, str, str, Decimal]]:
    rows = []
    for place in range(48):
        customer = list(SAP_CUSTOMERS)[place % 4]
        name = SAP_CUSTOMERS[customer][place % 3]
        kind = "DG" if place % 12 == 7 else "DZ" if place % 16 == 9 else "RV"
        amount = Decimal(1000 + 137 * place) + Decimal(place * 7 % 100) / 100
        issued = f"{place % 28 + 1:02d}-{place % 9 + 1:02d}-2026"
        due = f"{place % 28 + 1:02d}-{place % 9 + 2:02d}-2026"
        number = f"{ {'RV': 9000000, 'DG': 1600000, 'DZ': 1400000}[kind] + place:010d}"
        rows.append(
            (customer, name, number, kind, issued, due, amount if kind == "RV" else -amount)
        )
    return rows


def sap() -> None:
    """A printed list: title, rules, repeated headings, a total row with asterisks."""
    widths = (10, 30, 10, 5, 10, 10, 14, 5)
    headings = (
        "Customer",
        "Name 1",
        "Doc.no.",
        "Ty",
        "Doc. date",
        "Net due dt",
        "Amount in DC",
        "Curr.",
    )

    def line(cells: tuple[str, ...]) -> str:
        parts = [
            c.rjust(w) if i == 6 else c.ljust(w)
            for i, (c, w) in enumerate(zip(cells, widths, strict=True))
        ]
        return "|" + "|".join(parts) + "|"

    rule = "-" * (sum(widths) + len(widths) + 1)
    out = [
        "Customer Line Items",
        "Company code 1000, open items at key date 30-09-2026",
        "",
        rule,
        line(headings),
        rule,
    ]
    for place, (customer, name, number, kind, issued, due, amount) in enumerate(sap_rows()):
        if place == 30:
            out += [rule, line(headings), rule]
        out.append(line((customer, name, number, kind, issued, due, german(amount), "EUR")))
    total = sum((row[-1] for row in sap_rows()), Decimal(0))
    out += [rule, line(("*", "", "", "", "", "", german(total), "EUR")), rule]
    (HERE / "sap.txt").write_bytes(("\r\n".join(out) + "\r\n").encode("cp1252"))


def quickbooks() -> None:
    """Open invoices by customer: a section heading and a total row for each."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(["Craig's Design and Landscaping Services"])
    table.writerow(["Open Invoices"])
    table.writerow(["As of October 31, 2026"])
    table.writerow([])
    table.writerow(["", "Date", "Transaction Type", "Num", "Due Date", "Amount", "Open Balance"])
    everything = Decimal(0)
    for at, customer in enumerate(QB_CUSTOMERS):
        table.writerow([customer, "", "", "", "", "", ""])
        subtotal = Decimal(0)
        for place in range(9):
            kind = "Credit Memo" if place == 4 else "Payment" if place == 7 else "Invoice"
            amount = Decimal(120 * (at + 1) + 35 * place) + Decimal("0.25") * place
            amount = amount if kind == "Invoice" else -amount
            subtotal += amount
            issued, due = (
                f"{place + 1:02d}/{(at * 7 + place) % 27 + 2:02d}/2026",
                f"{place + 2:02d}/{(at * 7 + place) % 27 + 2:02d}/2026",
            )
            table.writerow(
                [
                    "",
                    issued,
                    kind,
                    str(1001 + at * 100 + place),
                    due,
                    f"{amount:,.2f}",
                    f"{amount:,.2f}",
                ]
            )
        table.writerow(
            [f"Total for {customer}", "", "", "", "", f"${subtotal:,.2f}", f"${subtotal:,.2f}"]
        )
        everything += subtotal
    table.writerow(["TOTAL", "", "", "", "", f"${everything:,.2f}", f"${everything:,.2f}"])
    table.writerow([])
    table.writerow(["Saturday, October 31, 2026 09:15 AM GMT-07:00", "", "", "", "", "", ""])
    (HERE / "quickbooks.csv").write_bytes(text.getvalue().encode())


def kingdee_rows() -> list[list[str | float]]:
    rows: list[list[str | float]] = []
    for place in range(36):
        code = list(KD_CUSTOMERS)[place % 3]
        credit = place % 10 == 6
        amount = float(Decimal(5000 + 811 * place) + Decimal(place * 13 % 100) / 100)
        paid = amount / 2 if place % 5 == 0 and not credit else 0.0
        day = f"2026-{place % 9 + 1:02d}-{place % 27 + 1:02d}"
        due = f"2026-{place % 9 + 2:02d}-{place % 27 + 1:02d}"
        kind = "红字应收单" if credit else "标准应收单"
        settled = f"2026-10-{place % 28 + 1:02d}" if paid else ""
        rows.append(
            [
                f"AR{place + 1:06d}",
                kind,
                day,
                code,
                KD_CUSTOMERS[code],
                "人民币",
                -amount if credit else amount,
                round(paid, 2),
                settled,
                due,
                "赵敏" if place % 2 else "钱伟",
            ]
        )
    return rows


KD_HEADINGS = [
    "单据编号",
    "单据类型",
    "业务日期",
    "客户编码",
    "客户名称",
    "币别",
    "价税合计",
    "已核销金额",
    "核销日期",
    "到期日",
    "销售员",
]


def kingdee() -> None:
    """A sheet with a title, Chinese headings, a total row and a foot; its twin as GB18030 text."""
    rows = kingdee_rows()
    total = round(sum(float(row[6]) for row in rows), 2)
    paid = round(sum(float(row[7]) for row in rows), 2)
    foot: list[list[str | float]] = [
        ["合计", "", "", "", "", "", total, paid],
        ["制单人:李娜", "", "", "", "审核人:王芳"],
    ]
    book = xlsxwriter.Workbook(str(HERE / "kingdee.xlsx"))
    book.set_properties({"created": __import__("datetime").datetime(2026, 11, 1)})
    sheet = book.add_worksheet("应收单列表")
    sheet.merge_range(0, 0, 0, 10, "应收单列表")
    sheet.write_row(1, 0, ["组织:华东贸易有限公司", "", "", "期间:2026年1月-10月"])
    padded = book.add_format({"num_format": "00000"})
    for at, row in enumerate([KD_HEADINGS, *rows, *foot], start=2):
        for column, value in enumerate(row):
            if value != "" and column == 3 and at > 2 and at < len(rows) + 3:
                sheet.write_number(at, column, int(value), padded)
            elif value != "":
                sheet.write(at, column, value)
    book.close()
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerows([["应收单列表"], KD_HEADINGS])
    for row in [*rows, *foot]:
        table.writerow([f"{value:,.2f}" if isinstance(value, float) else value for value in row])
    (HERE / "kingdee.csv").write_bytes(text.getvalue().encode("gb18030"))


if __name__ == "__main__":
    sap()
    quickbooks()
    kingdee()
