"""Every worked example of docs/money.md, worked out again by the rules themselves."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from odoo.addons.optica_cobranca.domain.agreement.agreement import (
    AgreementLimits,
    Debt,
    Discount,
    propose,
)
from odoo.addons.optica_cobranca.domain.crediario.credit_price import price_credit
from odoo.addons.optica_cobranca.domain.crediario.early_settlement import (
    OpenInstallment,
    SettlementRule,
    settle,
)
from odoo.addons.optica_cobranca.domain.crediario.late_charges import (
    ChargeTerms,
    amount_today,
    apply_payment,
)
from odoo.addons.optica_cobranca.domain.crediario.schedule import first_due_date, installment_dates
from odoo.addons.optica_cobranca.domain.crediario.simulation import make_offer
from odoo.addons.optica_cobranca.domain.shop import pix, pix_reference
from odoo.addons.optica_cobranca.domain.shop.business_days import BusinessCalendar, brazil_holidays

PAGE = Path(__file__).parents[3] / "docs" / "money.md"
SAO_PAULO = BusinessCalendar(brazil_holidays(range(2025, 2030), "SP"))
USUAL = ChargeTerms(Decimal(2), Decimal(1))


def day(text):
    return date.fromisoformat(text)


def first_due(row):
    listed = row["due days"]
    days = None if listed == "any" else [int(number) for number in listed.split(",")]
    found = first_due_date(day(row["sale"]), int(row["least days"]), int(row["most days"]), days)
    return {"first due": found}


def dates(row):
    found = installment_dates(day(row["first due"]), int(row["installments"]))
    return {"due dates": ", ".join(map(str, found))}


def price(row):
    found = price_credit(Decimal(row["PV"]), int(row["n"]), row["method"], Decimal(row["rate"]))
    return {
        "part": found.parts[0],
        "last": found.parts[-1],
        "total": found.total,
        "charge": found.finance_charge,
    }


def cost(row):
    found = make_offer(
        Decimal(row["PV"]),
        Decimal(0),
        row["method"],
        Decimal(row["rate"]),
        day(row["sale"]),
        installment_dates(day(row["first due"]), int(row["n"])),
    )
    return {"effective a month": found.effective_monthly_rate, "CET a year": found.cet}


def late(row):
    terms = ChargeTerms(Decimal(row["fine %"]), Decimal(row["interest %"]), int(row["grace"]))
    found = amount_today(
        Decimal(row["principal"]), day(row["due"]), terms, day(row["on"]), SAO_PAULO
    )
    return {
        "days": found.days_charged,
        "fine": found.fine,
        "interest": found.interest,
        "total": found.total,
    }


def out_of_order(row):
    terms = (Decimal("100.00"), day("2026-03-02"), USUAL)
    known = []
    for amount, on in (("first booked", "for"), ("then booked", "for the")):
        paid_on = day(row[on])
        state = amount_today(*terms, paid_on, SAO_PAULO, known)
        known.append(apply_payment(Decimal(row[amount]), state).payment(paid_on))
    found = amount_today(*terms, day(row["on"]), SAO_PAULO, known)
    return {
        "left": found.principal,
        "fine": found.fine,
        "interest": found.interest,
        "total": found.total,
    }


def part_payment(row):
    terms = (Decimal(row["principal"]), day(row["due"]), USUAL)
    paid_on = day(row["paid on"])
    spread = apply_payment(Decimal(row["paid"]), amount_today(*terms, paid_on, SAO_PAULO))
    after = amount_today(*terms, day(row["on"]), SAO_PAULO, [spread.payment(paid_on)])
    return {
        "to interest": spread.interest,
        "to fine": spread.fine,
        "to principal": spread.principal,
        "left": after.principal,
        "fine": after.fine,
        "interest": after.interest,
    }


def early(row):
    rule = SettlementRule(
        row["method"], Decimal(row["rate"]), percent_per_whole_month=Decimal(row["per month %"])
    )
    installment = OpenInstallment(None, Decimal(row["principal"]), day(row["due"]))
    [found] = settle([installment], day(row["on"]), rule)
    return {"present value": found.present_value, "reduction": found.reduction}


def agreement(row):
    debt = Debt(
        "one", day("2026-01-12"), *(Decimal(row[x]) for x in ("principal", "fine", "interest"))
    )
    found = propose(
        [debt],
        AgreementLimits(),
        Decimal(row["down payment"]),
        int(row["n"]),
        row["method"],
        Decimal(row["rate"]),
        day("2026-04-10"),
        day("2026-03-10"),
        discount=Discount(charges=Decimal(row["discount"])),
    )
    return {"net": found.net, "part": found.offer.part, "total": found.offer.total}


def crc(row):
    return {"CRC": pix.crc16(row["text"].encode())}


def reference(row):
    return {"reference": pix_reference.txid_for(int(row["contract"]), int(row["installment"]))}


CHECKS = {
    check.__name__: check
    for check in (
        first_due,
        dates,
        price,
        cost,
        late,
        part_payment,
        out_of_order,
        early,
        agreement,
        crc,
        reference,
    )
}


def tables():
    """(name of the check, row) of every example on the page."""
    found = re.findall(r"<!-- check: (\w+) -->\n((?:\|.*\n)+)", PAGE.read_text(encoding="utf-8"))
    for name, table in found:
        head, _rule, *rows = (
            [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()
        )
        for row in rows:
            yield name, dict(zip(head, row, strict=True))


@pytest.mark.parametrize(("name", "row"), list(tables()))
def test_example(name, row):
    found = {key: str(value) for key, value in CHECKS[name](row).items()}
    assert found == {key: row[key] for key in found}


def test_every_table_is_checked():
    """A table without a check, or a check without a table, would be an unproven claim."""
    page = PAGE.read_text(encoding="utf-8")
    assert page.count("| --- |") >= 1
    assert len(re.findall(r"^\| ---", page, re.MULTILINE)) == page.count("<!-- check:")
    assert {name for name, _row in tables()} == set(CHECKS)
