"""Ladders by segment: which customers, in which order, and what cannot be saved."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user

from tests.ladder.dunning_common import DunningCommon

TODAY = "2026-06-09 15:00:00"


@freeze_time(TODAY)
class TestSegments(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.big = cls.make_policy("Big", 1, sequence=1)
        cls.big.segment_domain = "[('open_installment_amount', '>=', 500)]"
        cls.late = cls.make_policy("Late", 1, sequence=2)
        cls.late.segment_domain = "[('overdue_days', '>', 30)]"
        cls.owes_much = cls.make_customer("Owes much")
        cls.is_late = cls.make_customer("Is late")
        cls.is_both = cls.make_customer("Both")
        cls.is_usual = cls.make_customer("Usual")
        cls.lines = {
            partner: cls.make_installments((due, amount), partner=partner)
            for partner, due, amount in [
                (cls.owes_much, "2026-07-01", "500.00"),
                (cls.is_late, "2026-05-09", "100.00"),
                (cls.is_both, "2026-05-01", "900.00"),
                (cls.is_usual, "2026-05-10", "499.99"),
            ]
        }
        cls.everybody = cls.owes_much | cls.is_late | cls.is_both | cls.is_usual

    def find(self, *domain):
        return self.env["res.partner"].search([("id", "in", self.everybody.ids), *domain])

    def followed(self, partner):
        line = self.lines[partner]
        line.invalidate_recordset()
        return line.dunning_policy_id, line.dunning_policy_source

    def test_first_that_fits(self):
        self.assertEqual(self.followed(self.owes_much), (self.big, "segment"))
        self.assertEqual(self.followed(self.is_late), (self.late, "segment"))
        self.assertEqual(self.followed(self.is_both), (self.big, "segment"))
        self.assertEqual(self.followed(self.is_usual), (self.policy, "company"))

    def test_order_is_the_sequence(self):
        self.late.sequence = 0
        self.assertEqual(self.followed(self.is_both), (self.late, "segment"))
        self.assertEqual(
            [policy for policy, _domain in self.env["dunning.policy"]._segments(self.company)],
            [self.late, self.big],
        )

    def test_what_is_chosen_comes_before_the_segment(self):
        own, of_plan = self.make_policy("Own", 1), self.make_policy("Plan", 1)
        self.plan.dunning_policy_id = of_plan
        self.assertEqual(self.followed(self.is_both), (of_plan, "plan"))
        self.is_both.sudo().dunning_policy_id = own
        self.assertEqual(self.followed(self.is_both), (own, "customer"))

    def test_archived_and_empty_ladders_take_nobody(self):
        self.big.active = False
        self.assertEqual(self.followed(self.is_both), (self.late, "segment"))
        self.late.level_ids.unlink()
        self.assertEqual(self.followed(self.is_both), (self.policy, "company"))

    def test_none(self):
        self.company.dunning_policy_id = False
        self.assertEqual(self.followed(self.is_usual), (self.env["dunning.policy"], "none"))

    def test_of_another_company(self):
        self.big.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self.followed(self.owes_much), (self.policy, "company"))

    def test_in_words_on_the_customer(self):
        self.assertEqual(self.is_late.dunning_policy_applied, "Late (by segment)")
        self.assertEqual(self.is_usual.dunning_policy_applied, "Usual (the company's usual one)")

    def test_counts(self):
        """Both of 500 and more fit the first; of the two late ones the first takes one."""
        others = self.env["res.partner"].search_count(
            [("overdue_days", ">", 30), ("id", "not in", self.everybody.ids)]
        )
        self.assertEqual(self.big.segment_count - self.big.segment_first_count, 0)
        self.assertEqual(self.late.segment_count - others, 2)
        self.assertEqual(self.late.segment_first_count - others, 1)
        action = self.big.action_view_segment()
        self.assertEqual(self.find(*action["domain"]), self.owes_much | self.is_both)

    def test_the_order_is_explained(self):
        text = self.late.choice
        self.assertLess(text.index("Big"), text.index("Late"))
        self.assertIn("Usual", text)

    def test_what_cannot_be_read_is_refused(self):
        for text in (
            "[('no_such_field', '=', 1)]",
            "this is no domain",
            "[('overdue_amount', '>', 1)]",  # not searchable
            "[('overdue_days', '>', 30), '&']",
            "[('company_id', '=', uid)]",
        ):
            with self.subTest(text=text), self.assertRaisesRegex(ValidationError, "cannot be read"):
                self.big.segment_domain = text

    def test_empty_is_no_segment(self):
        for text in (False, "", "[]"):
            self.big.segment_domain = text
            self.assertEqual(self.followed(self.owes_much), (self.policy, "company"))
            self.assertEqual(self.big.segment_count, 0)

    # -------------------------------------------------- figures to choose by

    def test_search_by_figure_is_the_figure(self):
        """Every comparison finds those whose figure on the screen compares so, zeros too."""
        nobody = self.make_customer("Owes nothing")
        partners = self.everybody | nobody
        for field, limits in [
            ("open_installment_amount", (0, 100, 500, 499.99, 900)),
            ("open_installment_count", (0, 1)),
            ("overdue_days", (0, 30, 31, 39)),
            ("crediario_months", (0, 1, 2)),
        ]:
            for limit in limits:
                for operator, compare in [
                    ("=", lambda a, b: a == b),
                    ("!=", lambda a, b: a != b),
                    ("<", lambda a, b: a < b),
                    ("<=", lambda a, b: a <= b),
                    (">", lambda a, b: a > b),
                    (">=", lambda a, b: a >= b),
                ]:
                    with self.subTest(field=field, operator=operator, limit=limit):
                        found = self.env["res.partner"].search(
                            [("id", "in", partners.ids), (field, operator, limit)]
                        )
                        expected = partners.filtered(
                            lambda p, f=field, c=compare, v=limit: c(p[f], v)
                        )
                        self.assertEqual(found, expected)

    def test_search_by_plan_and_team(self):
        team = self.env["crm.team"].create({"name": "Centro"})
        invoice = self.make_invoice("300.00", 3, "2026-07-02", sold="2026-06-02", post=False)
        invoice.team_id = team
        invoice.action_post()
        found = self.env["res.partner"].search([("open_team_ids", "in", team.ids)])
        self.assertEqual(found, self.customer)
        self.assertEqual(self.customer.open_team_ids, team)
        by_name = self.env["res.partner"].search([("open_team_ids", "ilike", "Centro")])
        self.assertEqual(by_name, self.customer)
        self.assertEqual(self.find(("open_plan_ids", "in", self.plan.ids)), self.everybody)
        self.assertFalse(self.find(("open_plan_ids", "=", False)))

    # -------------------------------------------------------- what is shipped

    def test_three_ladders_come_with_segments(self):
        ours = {
            name: self.env.ref(f"optica_cobranca.policy_{name}")
            for name in ("risky", "returning", "new", "default")
        }
        order = sorted(ours, key=lambda name: ours[name].sequence)
        self.assertEqual(order, ["risky", "returning", "new", "default"])
        offsets = {name: ladder.level_ids.mapped("offset_days") for name, ladder in ours.items()}
        self.assertEqual(offsets["new"], [-5, -1, 1, 4, 9, 15, 25, 30])
        self.assertEqual(offsets["returning"], [-1, 3, 10, 15, 25, 45])
        self.assertEqual(offsets["risky"], [-5, -1, 1, 3, 7, 12, 18, 25, 60])
        last = ours["risky"].level_ids[-1]
        self.assertTrue(last.needs_approval)
        self.assertEqual(last.step_ids.mapped("code"), ["bureau", "agency", "legal"])


class TestTimeline(DunningCommon):
    def test_stops_with_the_due_date_and_the_days_between(self):
        stops = self.make_policy("Short", -5, 1, 30).level_ids._stops()
        self.assertEqual(
            [(s["label"], s["gap"], s["due"]) for s in stops],
            [("-5", 5, False), ("0", 1, True), ("+1", 29, False), ("+30", 1, False)],
        )

    def test_a_level_on_the_due_date_is_the_due_date(self):
        stops = self.make_policy("Short", 0, 5).level_ids._stops()
        self.assertEqual([(s["label"], s["due"]) for s in stops], [("0", False), ("+5", False)])

    def test_conditions_and_actions_are_marked(self):
        level = self.env.ref("optica_cobranca.level_returning_late_45")
        level.write({"min_amount": 50.0, "only_delivered": True})
        icons = [icon for icon, _text in level._stop()["marks"]]
        self.assertEqual(icons, ["fa-commenting-o", "fa-lock", "fa-filter", "fa-truck"])
        call = self.env.ref("optica_cobranca.level_default_late_5")._stop()["marks"]
        self.assertEqual([icon for icon, _text in call], ["fa-phone"])

    def test_next_steps_are_known_by_the_action_and_not_by_its_words(self):
        shipped = [
            self.env.ref(f"optica_cobranca.action_server_{name}") for name in ("letter", "bureau")
        ]
        own = self.env["ir.actions.server"].create(
            {
                "name": "Tell the owner",
                "model_id": self.env.ref("optica_cobranca.model_dunning_notice").id,
                "state": "code",
                "code": "# Whoever had records._step_letter() before\npass",
            }
        )
        icons = [action._ladder_icon() for action in [*shipped, own]]
        self.assertEqual(icons, ["fa-print", "fa-flag-o", "fa-cog"])

    def test_names_are_escaped(self):
        policy = self.make_policy("Short", 1)
        policy.level_ids.name = "<b>bold</b>"
        self.assertIn("&lt;b&gt;bold", policy.timeline)


class TestTry(DunningCommon):
    def try_it(self, day, partner=None, policy=None):
        partner = partner or self.customer
        return self.env["dunning.try"].new(
            {
                "company_id": self.company.id,
                "partner_id": partner.id,
                "date": day,
                "policy_id": policy and policy.id,
            }
        )

    def test_what_would_happen_on_a_day(self):
        """10 days late on 10 December: 100.00 + 2% + 1% a month for 10 days = 102.33."""
        self.make_installments(("2026-11-30", "100.00"))
        told = self.try_it("2026-12-10")._told()
        self.assertEqual(told["level"], self.level(10))
        self.assertEqual([(row["days"], row["tone"]) for row in told["rows"]], [(10, "success")])
        self.assertAlmostEqual(float(told["total"]), 102.33, 2)

    def test_says_why_not(self):
        lines = self.make_installments(("2026-11-30", "100.00"), ("2026-12-30", "100.00"))
        self.hold(move_line_id=lines[0].id)
        told = self.try_it("2026-12-10")._told()
        self.assertFalse(told["level"])
        self.assertIn("Installment paused", told["rows"][0]["outcome"])
        self.assertIn("would not hear from the shop", self.try_it("2026-12-10").result)

    def test_another_ladder(self):
        self.make_installments(("2026-11-30", "100.00"))
        other = self.make_policy("Other", 7)
        told = self.try_it("2026-12-10", policy=other)._told()
        self.assertEqual(told["level"], self.level(7, other))
        self.assertEqual(told["ladder"], "Other (tried here)")

    def test_shows_the_message_of_that_day(self):
        self.make_installments(("2026-11-30", "100.00"))
        self.company.dunning_policy_id = self.env.ref("optica_cobranca.policy_default")
        result = self.try_it("2026-12-10").result
        self.assertIn("Maria", result)
        self.assertIn("R$ 102,33", result)
        self.assertNotIn("{{", result)

    def test_nothing_is_written(self):
        self.make_installments(("2026-11-30", "100.00"))
        self.env.flush_all()
        before = self.counts()
        self.assertTrue(self.try_it("2026-12-10").result)
        self.assertEqual(self.counts(), before)

    def counts(self):
        names = ("dunning.notice", "dunning.notice.line", "contact.message", "mail.activity")
        return [self.env[name].search_count([]) for name in names]

    def test_nothing_open(self):
        self.assertIn("Nothing is open", self.try_it(date(2026, 12, 10)).result)

    def test_a_collector_without_technical_rights_sees_it(self):
        self.make_installments(("2026-11-30", "100.00"))
        self.company.dunning_policy_id = self.env.ref("optica_cobranca.policy_default")
        collector = new_test_user(
            self.env,
            "try_collector",
            "optica_cobranca.group_collector",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.env.invalidate_all()
        wizard = self.env["dunning.try"].with_user(collector)
        wizard = wizard.create({"partner_id": self.customer.id, "date": "2026-12-10"})
        self.assertIn("R$ 102,33", wizard.result)
        policy = self.company.dunning_policy_id.with_user(collector)
        self.assertIn("fa-phone", policy.timeline)
        self.assertEqual(policy.level_count, 8)
        self.assertTrue(policy.level_ids.action_ids)
