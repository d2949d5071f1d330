"""The calendar of occurrences: what shows on which day, to whom, and by which index."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import SQL

from tests.common import CollectionCommon

TODAY = "2026-03-17"


@freeze_time(TODAY)
class TestOccurrences(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.occurrences = cls.env["optica.occurrence"]

    def of(self, partner=None, **conditions):
        domain = [("partner_id", "=", (partner or self.customer).id)]
        return self.occurrences.search(
            [*domain, *((name, "=", value) for name, value in conditions.items())]
        )

    def test_birthday_in_four_years(self):
        self.customer.birthdate = "1980-05-09"
        found = self.of(kind="birthday")
        self.assertEqual(
            [(str(day.date), day.age) for day in found],
            [("2025-05-09", 45), ("2026-05-09", 46), ("2027-05-09", 47), ("2028-05-09", 48)],
        )
        self.assertEqual(len(set(found.ids)), 4)
        self.assertEqual(found[1].display_name, "Maria da Silva (46)")

    def test_birthday_on_29_february(self):
        self.customer.birthdate = "1996-02-29"
        days = [str(day) for day in self.of(kind="birthday").mapped("date")]
        self.assertEqual(days, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"])

    def test_28_february_once_in_every_year(self):
        self.customer.birthdate = "1995-02-28"
        days = [str(day) for day in self.of(kind="birthday").mapped("date")]
        self.assertEqual(days, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-28"])

    def test_no_birthday_before_or_at_birth(self):
        self.customer.birthdate = "2026-01-10"
        self.assertEqual(
            [str(day) for day in self.of(kind="birthday").mapped("date")],
            ["2027-01-10", "2028-01-10"],
        )

    def test_archived_customers_have_no_birthday(self):
        self.customer.birthdate = "1980-05-09"
        self.customer.active = False
        self.assertFalse(self.of(kind="birthday"))

    def test_installments_by_due_date(self):
        lines = self.make_installments(
            ("2026-03-16", "100.00"), (TODAY, "100.00"), ("2026-04-16", "100.00")
        )
        late, today, coming = self.of()
        self.assertEqual((late.kind, late.days_late), ("installment_overdue", 1))
        self.assertEqual((today.kind, today.days_late), ("installment_due", 0))
        self.assertEqual((coming.kind, str(coming.date)), ("installment_due", "2026-04-16"))
        self.assertEqual(late.source_id, lines[0].id)
        self.assertEqual((late.res_model, late.res_id), ("account.move", lines.move_id.id))
        self.assertNotEqual(late.color, coming.color)
        self.assertIn("1/3", late.display_name)

    def test_paid_installment_is_gone_at_once(self):
        lines = self.make_installments(("2026-03-16", "100.00"), ("2026-04-16", "100.00"))
        self.assertEqual(len(self.of()), 2)
        self.pay(lines[0], on=TODAY)
        self.assertEqual([str(day) for day in self.of().mapped("date")], ["2026-04-16"])

    def test_part_payment_lowers_the_amount(self):
        lines = self.make_installments(("2026-04-16", "100.00"))
        self.pay(lines, "40.00", on=TODAY)
        self.occurrences.invalidate_model()
        self.assertEqual(self.of().amount, 60.0)

    def test_draft_contract_does_not_show(self):
        self.make_invoice(first_due="2026-04-10", sold=TODAY, post=False)
        self.assertFalse(self.of())

    def test_late_tomorrow(self):
        self.make_installments((TODAY, "100.00"))
        with freeze_time("2026-03-18"):
            self.assertEqual(self.of().kind, "installment_overdue")

    def test_today_is_the_readers(self):
        """At 01:00 UTC it is still the day before in São Paulo."""
        self.make_installments((TODAY, "100.00"))
        with freeze_time("2026-03-18 01:00:00"):
            brazil = self.occurrences.with_context(tz="America/Sao_Paulo")
            self.assertEqual(
                brazil.search([("partner_id", "=", self.customer.id)]).kind, "installment_due"
            )

    def test_read_by_id(self):
        self.customer.birthdate = "1980-05-09"
        self.make_installments(("2026-04-16", "100.00"))
        found = self.of()
        self.env.invalidate_all()
        again = self.occurrences.browse(found.ids)
        self.assertEqual(again.mapped("partner_id"), self.customer)
        self.assertEqual(again.exists(), found)
        self.assertFalse(self.occurrences.browse(found.ids[0] // 16 * 16 + 15).exists())

    def test_search_by_name_and_group(self):
        self.make_installments(("2026-04-16", "100.00"), ("2026-05-16", "100.00"))
        self.customer.birthdate = "1980-05-09"
        domain = [("display_name", "ilike", "maria da"), ("partner_id", "=", self.customer.id)]
        groups = dict(self.occurrences._read_group(domain, ["kind"], ["amount:sum"]))
        self.assertEqual(groups, {"birthday": False, "installment_due": 200.0})

    def test_responsible(self):
        seller = new_test_user(self.env, "seller_occurrence", "optica_cobranca.group_seller")
        move = self.make_invoice(
            total="100.00", installments=1, first_due="2026-04-10", sold=TODAY, post=False
        )
        move.invoice_user_id = seller
        move.action_post()
        self.assertEqual(self.of().user_id, seller)

    def test_companies(self):
        """Birthdays of shared customers show everywhere, installments in their company only."""
        other = self.setup_other_company()["company"]
        self.customer.birthdate = "1980-05-09"
        self.make_installments(("2026-04-16", "100.00"))
        user = new_test_user(
            self.env,
            "other_company_seller",
            "optica_cobranca.group_seller",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        mine = self.occurrences.with_user(user)
        found = mine.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(set(found.mapped("kind")), {"birthday"})
        installment = self.of(kind="installment_due")
        with self.assertRaises(AccessError):
            mine.browse(installment.ids).read(["amount"])

    def test_nobody_writes(self):
        self.customer.birthdate = "1980-05-09"
        seller = new_test_user(self.env, "seller_writes", "optica_cobranca.group_seller")
        occurrence = self.of()[0].with_user(seller)
        with self.assertRaises(AccessError):
            occurrence.write({"date": TODAY})
        with self.assertRaises(AccessError):
            occurrence.unlink()
        with self.assertRaises(AccessError):
            occurrence.create({"date": TODAY})

    def test_other_employees_see_nothing(self):
        employee = new_test_user(self.env, "employee_occurrence", "base.group_user")
        with self.assertRaises(AccessError):
            self.occurrences.with_user(employee).search([])

    def test_actions_open_customer_and_contract(self):
        lines = self.make_installments(("2026-04-16", "100.00"))
        occurrence = self.of()
        customer, contract = occurrence.action_open_customer(), occurrence.action_open_document()
        self.assertEqual(
            (customer["res_model"], customer["res_id"]), ("res.partner", self.customer.id)
        )
        self.assertEqual(
            (contract["res_model"], contract["res_id"]), ("account.move", lines.move_id.id)
        )

    def test_unusual_days(self):
        """A holiday of Brazil, a Saturday and a working Monday."""
        days = self.occurrences.get_unusual_days("2026-11-02 00:00:00", "2026-11-09 23:59:59")
        self.assertTrue(days["2026-11-02"])
        self.assertTrue(days["2026-11-07"])
        self.assertFalse(days["2026-11-09"])
        self.assertEqual(len(days), 8)


@freeze_time(TODAY)
class TestOccurrenceIndexes(CollectionCommon):
    """The plans that PostgreSQL makes of its own accord over tables of a middling size."""

    ROWS = 20_000
    MONTH = (("date", ">=", date(2026, 3, 1)), ("date", "<=", date(2026, 4, 11)))
    BIRTHDAYS = "res_partner_birthday"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.birthdate = "1980-05-09"
        line = cls.make_installments(("2026-04-16", "100.00"))
        cls.env.flush_all()
        spread = SQL("DATE '2024-01-01' + n %% 1400")
        cls.copy_rows("account_move_line", line.id, {"date_maturity": spread})
        month_day = SQL("(n %% 12 + 1) * 100 + n %% 28 + 1")
        cls.copy_rows("res_partner", cls.customer.id, {"birth_month_day": month_day})
        cls.env.cr.execute("ANALYZE res_partner, account_move_line, account_move")

    @classmethod
    def copy_rows(cls, table, row_id, values):
        """Fill ``table`` with copies of one row, as a benchmark would."""
        cls.env.cr.execute(
            SQL(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = %s AND column_name != 'id'",
                table,
            )
        )
        names = [name for (name,) in cls.env.cr.fetchall()]
        cls.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (%(names)s) SELECT %(values)s"
                " FROM %(table)s, generate_series(1, %(rows)s) n"
                " WHERE id = %(row)s",
                table=SQL.identifier(table),
                names=SQL(", ").join(SQL.identifier(name) for name in names),
                values=SQL(", ").join(values.get(name, SQL.identifier(name)) for name in names),
                rows=cls.ROWS,
                row=row_id,
            )
        )

    def scans(self, domain):
        """``{(table or index, index or kind of scan): [condition, …]}`` of the plan."""
        occurrences = self.env["optica.occurrence"].sudo()
        fields = ("date", "kind", "amount", "user_id", "partner_name")
        columns = [SQL.identifier("optica_occurrence", name) for name in fields]
        query = occurrences._search(list(domain)).select(*columns)
        self.env.cr.execute(SQL("EXPLAIN (FORMAT JSON) %s", query))
        ((plan,),) = self.env.cr.fetchall()
        found = {}
        for node in self.nodes(plan[0]["Plan"]):
            if "Relation Name" in node or "Index Name" in node:
                name = node.get("Relation Name", node.get("Index Name"))
                key = (name, node.get("Index Name", node["Node Type"]))
                found.setdefault(key, []).append(node.get("Index Cond", ""))
        return found

    def nodes(self, node):
        yield node
        for child in node.get("Plans", []):
            yield from self.nodes(child)

    def indexes(self, scans):
        return {index: conditions for (_table, index), conditions in scans.items()}

    def assertNoFullScan(self, scans, *tables):
        full = [table for table, scan in scans if table in tables and scan == "Seq Scan"]
        self.assertFalse(full, scans)

    def test_a_month_is_found_by_indexes(self):
        scans = self.scans(self.MONTH)
        self.assertNoFullScan(scans, "account_move_line")
        indexes = self.indexes(scans)
        self.assertTrue(indexes[self.BIRTHDAYS])
        self.assertTrue(
            all("birth_month_day" in condition for condition in indexes[self.BIRTHDAYS])
        )
        self.assertEqual(len(self.due_dates(scans)), 2, "one for what is due, one for what is late")
        self.assertTrue(all("date_maturity" in condition for condition in self.due_dates(scans)))

    def due_dates(self, scans):
        """What installments are looked up by; small tables have several good indexes for it."""
        return [
            condition
            for (name, index), conditions in scans.items()
            for condition in conditions
            if name.startswith("account_move_line") and index.startswith("account_move_line")
        ]

    def test_one_kind_touches_its_own_table_only(self):
        birthdays = self.scans([*self.MONTH, ("kind", "=", "birthday")])
        others = [
            name
            for name, _scan in birthdays
            if not name.startswith(("res_partner", "optica_occurrence_mark"))
        ]
        self.assertFalse(others, birthdays)
        late = self.scans([*self.MONTH, ("kind", "=", "installment_overdue")])
        self.assertEqual(len(self.due_dates(late)), 1)
        self.assertNotIn(self.BIRTHDAYS, self.indexes(late))

    def test_reading_by_id_uses_the_primary_keys(self):
        scans = self.scans([("id", "in", [7 * 16 + 2, 9 * 16 + 4])])
        self.assertNoFullScan(scans, "account_move_line", "res_partner")
        indexes = self.indexes(scans)
        self.assertTrue(indexes["res_partner_pkey"])
        self.assertTrue(indexes["account_move_line_pkey"])
