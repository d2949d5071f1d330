"""The page of today: what it counts, for whom, and its one click for all."""

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from tests.calendar.test_optica_calendar import CalendarCommon

TODAY = "2026-03-17"


@freeze_time(f"{TODAY} 15:00:00")
class TestToday(CalendarCommon):
    def setUp(self):
        super().setUp()
        self.page = self.env["optica.today"].with_user(self.collector)

    def cards(self, page=None, **kwargs):
        loaded = (page or self.page).load(**kwargs)
        return {card["kind"]: card for card in loaded["kinds"]}

    def test_counts_of_today_and_before(self):
        before = self.cards()
        self.customer.birthdate = "1980-03-17"
        self.make_customer("Missed", birthdate="1975-03-15")
        self.make_customer("Too long ago", birthdate="1975-03-13")
        self.make_customer("Tomorrow", birthdate="1975-03-18")
        self.make_installments(("2026-03-10", "100.00"), (TODAY, "50.00"), ("2026-03-18", "10.00"))
        self.make_order(promised_date="2026-03-18")
        self.make_order(promised_date="2026-03-19")
        self.make_order(promised_date="2026-03-16")
        after = self.cards()
        grown = {
            kind: (card["count"] - before[kind]["count"], card["late"] - before[kind]["late"])
            for kind, card in after.items()
        }
        self.assertEqual(
            {kind: figures for kind, figures in grown.items() if any(figures)},
            {
                "birthday": (2, 1),
                "installment_overdue": (1, 1),
                "installment_due": (1, 0),
                "delivery_promised": (1, 0),  # one lead day
                "delivery_late": (1, 1),
            },
        )

    def test_a_shop_that_is_not_set_up_is_told_what_is_missing(self):
        shop = self.env["res.company"].create({"name": "New shop"})
        for user in (self.collector, self.env.ref("base.user_admin")):
            user.company_ids |= shop
            with self.subTest(login=user.login):
                page = self.env["optica.today"].with_user(user).with_company(shop)
                missing = {step["key"]: step["opens"] for step in page.load()["missing"]}
                manages = user != self.collector
                self.assertEqual(missing, {"gateway": manages, "cash": False, "contract": manages})
                asked = page.missing(["contract"])
                self.assertEqual([step["key"] for step in asked], ["contract"])
                self.assertEqual(page.missing(), page.load()["missing"])
        self.env["contact.gateway"].create(
            {"name": "Ours", "company_id": shop.id, "provider": "sandbox", "state": "test"}
        )
        self.env["account.journal"].create(
            {"name": "Drawer", "type": "cash", "code": "DRW", "company_id": shop.id}
        )
        self.assertEqual([step["key"] for step in page.load()["missing"]], ["contract"])
        for key in ("gateway", "contract"):
            self.assertEqual(page.open_task(key)["type"], "ir.actions.act_window")

    def test_handled_counts_as_done_and_undone_does_not(self):
        self.make_order(promised_date=TODAY)
        before = self.page.load()
        occurrence = self.of(kind="delivery_promised")
        occurrence._mark_handled()
        after = self.page.load()
        self.assertEqual((after["done"] - before["done"], after["todo"] - before["todo"]), (1, -1))
        occurrence._undo_handled()
        self.assertEqual(self.page.load()["done"], before["done"])

    def test_mine(self):
        self.make_order(promised_date=TODAY, user_id=self.collector.id)
        self.make_order(promised_date=TODAY, user_id=self.manager.id)
        self.assertEqual(self.cards(mine=True)["delivery_promised"]["count"], 1)
        action = self.page.open_kind("delivery_promised", True)
        self.assertEqual(self.occurrences.search(action["domain"]).user_id, self.collector)

    def test_all_greetings_with_one_click(self):
        """The children's go to the guardian with their own text; a second click sends nothing."""
        self.occurrences.search(
            self.occurrences._todo_domain("birthday", fields.Date.to_date(TODAY))
        )._mark_handled("not_needed")
        self.customer.birthdate = "1980-03-17"
        child = self.make_customer("Lia", birthdate="2016-03-17")
        child.write({"payer_id": self.customer.id, "kinship": "child"})
        result = self.page.send_all("birthday")
        self.assertEqual(result, {"sent": 2, "left": 0})
        messages = self.env["contact.message"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(
            {(message.template_id.code, message.res_id) for message in messages},
            {("birthday", self.customer.id), ("birthday_dependant", child.id)},
        )
        self.assertEqual(messages.author_id, self.collector)
        self.assertEqual(self.of(is_handled=True).handled_result, "sent")
        with self.assertRaisesRegex(UserError, "colleague was faster"):
            self.page.send_all("birthday")

    def test_kind_without_a_message(self):
        self.make_order(promised_date=TODAY)
        self.assertFalse(self.cards()["delivery_promised"]["can_send"])
        with self.assertRaisesRegex(UserError, "has no message yet"):
            self.page.send_all("delivery_promised")
        self.assertFalse(self.of(kind="delivery_promised").is_handled)

    def test_tasks_by_role(self):
        self.env["contact.thread"].sudo().search([]).unlink()
        partner = self.make_customer("Wrote")
        self.env["contact.thread"].sudo().create(
            {
                "company_id": self.company.id,
                "partner_id": partner.id,
                "channel": "whatsapp",
                "last_at": f"{TODAY} 12:00:00",
                "unread_count": 2,
            }
        )
        self.env["dunning.notice"].sudo().create(
            {
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "partner_id": partner.id,
                "date": TODAY,
                "policy_id": self.company.dunning_policy_id.id,
                "level_id": self.company.dunning_policy_id.level_ids[0].id,
                "state": "waiting",
            }
        )
        seller = self.make_user("seller_today", "seller")
        pages = {
            user: self.env["optica.today"].with_user(user).load()
            for user in (seller, self.collector, self.manager)
        }
        keys = [{task["key"] for task in page["tasks"]} for page in pages.values()]
        self.assertNotIn("inbox", keys[0], "a seller answers the own customers alone")
        self.assertIn("inbox", keys[1])
        self.assertNotIn("approvals", keys[0] | keys[1])
        self.assertIn("approvals", keys[2])
        self.assertEqual([page["can_work"] for page in pages.values()], [False, True, True])

    def test_mine_is_what_its_list_shows(self):
        self.make_installments(("2026-03-10", "100.00")).move_id.invoice_user_id = self.collector
        self.make_installments(("2026-03-11", "40.00")).move_id.invoice_user_id = self.manager
        cards = {card["kind"]: card["count"] for card in self.page.load(mine=True)["kinds"]}
        self.assertEqual(cards["installment_overdue"], 1)
        listed = self.page.open_kind("installment_overdue", mine=True)["domain"]
        self.assertEqual(self.occurrences.search(listed).amount, 100.0)

    def test_mine_leaves_out_what_others_did_and_have_to_do(self):
        """Of two letters, two conversations and two handled orders one each is the reader's."""
        self.env["contact.thread"].sudo().search([]).unlink()
        self.env["dunning.letter"].sudo().search([("state", "=", "to_print")]).state = "printed"
        for user in (self.collector, self.manager):
            partner = self.make_customer(f"Of {user.name}", user_id=user.id)
            self.env["contact.thread"].sudo().create(
                {
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "channel": "whatsapp",
                    "last_at": f"{TODAY} 12:00:00",
                    "unread_count": 1,
                    "user_id": user.id,
                }
            )
            self.env["dunning.letter"].sudo().create(
                {"company_id": self.company.id, "partner_id": partner.id}
            )
            self.make_order(promised_date=TODAY, partner_id=partner.id)
            occurrence = self.occurrences.search(
                [("kind", "=", "delivery_promised"), ("partner_id", "=", partner.id)]
            )
            self.assertEqual(len(occurrence), 1)
            occurrence.with_user(user)._mark_handled()
        everything = self.page.load()
        mine = self.page.load(mine=True)
        self.assertEqual((everything["done"], mine["done"]), (2, 1))
        figures = [
            {task["key"]: task["count"] for task in page["tasks"]} for page in (everything, mine)
        ]
        self.assertEqual((figures[0]["inbox"], figures[0]["letters"]), (2, 2))
        self.assertEqual((figures[1]["inbox"], figures[1]["letters"]), (1, 1))
        # What opens is what was counted.
        action = self.page.open_task("letters", True)
        letters = self.env["dunning.letter"].with_user(self.collector).search(action["domain"])
        self.assertEqual(letters.partner_id.user_id, self.collector)
        self.assertEqual(self.page.open_task("inbox", True)["params"], {"share": "mine"})
        self.assertEqual(self.page.open_done(True)["context"]["search_default_mine"], 1)

    def test_customers_of_nobody_are_of_who_collects_for_the_shop(self):
        self.env["dunning.letter"].sudo().search([("state", "=", "to_print")]).state = "printed"
        partner = self.make_customer("Of nobody")
        self.env["dunning.letter"].sudo().create(
            {"company_id": self.company.id, "partner_id": partner.id}
        )

        def letters():
            tasks = self.page.load(mine=True)["tasks"]
            return [task["count"] for task in tasks if task["key"] == "letters"]

        self.company.dunning_user_id = self.manager
        self.assertEqual(letters(), [])
        self.company.dunning_user_id = self.collector
        self.assertEqual(letters(), [1])

    def test_switched_off_kind_has_no_card(self):
        self.kind("birthday").active = False
        self.assertNotIn("birthday", self.cards())
        self.env["optica.occurrence.type"].search([]).active = False
        self.assertEqual(self.page.load()["kinds"], [])

    def test_only_for_people_of_the_shop(self):
        employee = new_test_user(self.env, "employee_today", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["optica.today"].with_user(employee).load()

    def test_day_of_the_reader(self):
        """01:00 UTC on the 18th: still the 17th for a collector in São Paulo."""
        self.customer.birthdate = "1980-03-18"
        count = self.cards()["birthday"]["count"]
        with freeze_time("2026-03-18 01:00:00"):
            self.assertEqual(self.cards()["birthday"]["count"], count)
        with freeze_time("2026-03-18 12:00:00"):
            found = self.env["optica.today"].with_user(self.collector).open_kind("birthday")
            self.assertIn(self.customer, self.occurrences.search(found["domain"]).partner_id)
