"""Merging two customers: every rule of which a customer may have one only is seen to.

Core changes foreign keys by SQL and lets a unique index refuse. Doors to it: the contacts' *Merge*
action, the search for duplicates of the contacts app, and the data-cleaning wizards above it; all
of them end in ``_merge`` of one wizard, which is what is called here.
"""

from freezegun import freeze_time

from odoo import fields

from ..agreement.agreement_common import TODAY, AgreementCommon

OWN = ("crediario_%", "dunning_%", "contact_%", "optica_%", "pix_%", "credit_%")
# unique index: the test that breaks it by a merge
HANDLED = {
    "dunning_notice_one_per_day": "test_notices_of_one_day",
    "dunning_rating_one_a_month": "test_ratings",
    "dunning_rating_one_current": "test_ratings",
    "dunning_work_lock_one_a_customer": "test_two_colleagues_work_on_them",
    "contact_thread_of_partner": "test_both_wrote",
    "contact_change_one_waiting": "test_both_typed_a_new_number",
    "crediario_agreement_one_a_customer": "test_both_have_an_agreement_in_force",
    "optica_occurrence_mark_once": "test_birthdays_that_were_handled",
    "optica_campaign_sending_once_a_day": "test_birthdays_that_were_greeted",
    "optica_campaign_sending_once_for_all": "test_birthdays_that_were_greeted",
}


class TestPartnerMerge(AgreementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana = cls.customer
        cls.twin = cls.make_customer("Maria da Silva", phone="+55 11 96123-4567")

    def merge(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.ana + self.twin).ids, self.ana)
        self.env.invalidate_all()
        self.assertFalse(self.twin.exists())

    def test_every_unique_rule_over_a_customer_has_its_case(self):
        """Read from the database: a new index over a customer fails here until it has a case."""
        self.env.cr.execute(
            """
            SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
             WHERE indisunique AND NOT indisprimary
               AND indrelid::regclass::text LIKE ANY(%s)
               AND EXISTS (
                   SELECT FROM pg_attribute
                    WHERE attrelid = indrelid AND attnum = ANY(indkey)
                      AND (attname = 'source_id' OR EXISTS (
                          SELECT FROM pg_constraint
                           WHERE conrelid = indrelid AND contype = 'f' AND attnum = ANY(conkey)
                             AND confrelid = 'res_partner'::regclass)))
            """,
            [list(OWN)],
        )
        found = {name for (name,) in self.env.cr.fetchall()}
        self.assertEqual(found, set(HANDLED))
        for case in HANDLED.values():
            self.assertTrue(callable(getattr(self, case)))

    def test_notices_of_one_day(self):
        notices = self.env["dunning.notice"].sudo()
        level = self.env["dunning.level"].search([], limit=1)
        for partner, offset in ((self.ana, 5), (self.twin, 10)):
            notices.create(
                {
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "date": TODAY,
                    "level_id": level.id,
                    "level_offset": offset,
                }
            )
        self.merge()
        mine = notices.search([("partner_id", "=", self.ana.id)], order="level_offset")
        self.assertEqual(mine.mapped("merged"), [True, False])

    def test_ratings(self):
        ratings = self.env["dunning.rating"].sudo()
        for partner, points in ((self.ana, 80), (self.twin, 20)):
            ratings.create(
                {
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "month": "2026-03-01",
                    "current": True,
                    "letter": "A",
                    "points": points,
                    "computed_on": TODAY,
                }
            )
        self.merge()
        self.assertEqual(ratings.search([("partner_id", "=", self.ana.id)]).points, 80)

    def test_two_colleagues_work_on_them(self):
        now = fields.Datetime.now()
        locks = self.env["dunning.work.lock"].sudo()
        self.assertTrue(locks.with_user(self.collector).sudo()._take(self.twin.id, now))
        self.assertTrue(locks._take(self.ana.id, now))
        self.merge()
        self.assertEqual(locks.search([("partner_id", "=", self.ana.id)]).user_id, self.env.user)

    def test_both_typed_a_new_number(self):
        """The one typed last waits on; the other is remembered as replaced."""
        changes = self.env["contact.change"].sudo()
        changes._ask(self.ana, {"phone": "+55 11 96999-0001"})
        changes._ask(self.twin, {"phone": "+55 11 96999-0002"})
        self.merge()
        mine = changes.search([("partner_id", "=", self.ana.id)], order="id")
        self.assertEqual(mine.mapped("state"), ["replaced", "waiting"])
        self.assertEqual(mine[-1].new_value, "+55 11 96999-0002")

    def test_both_wrote(self):
        gateway = self.env["contact.gateway"].create(
            {
                "name": "Sandbox",
                "company_id": self.company.id,
                "channel": "whatsapp",
                "provider": "sandbox",
            }
        )
        for partner, at, text in (
            (self.ana, "2026-03-20 12:00:00", "Bom dia"),
            (self.twin, "2026-03-21 12:00:00", "Oi"),
        ):
            event = (
                self.env["contact.event"]
                .sudo()
                .create(
                    {
                        "gateway_id": gateway.id,
                        "key": f"k{partner.id}",
                        "kind": "inbound",
                        "state": "text",
                        "partner_id": partner.id,
                        "occurred_at": at,
                        "text": text,
                    }
                )
            )
            self.env["contact.thread"].sudo()._take_in(gateway, event, {})
        self.merge()
        thread = self.env["contact.thread"].sudo().search([("partner_id", "=", self.ana.id)])
        self.assertEqual(thread.event_ids.sorted("occurred_at").mapped("text"), ["Bom dia", "Oi"])
        self.assertEqual((thread.unread_count, thread.last_text), (2, "Oi"))

    def agreement_of(self, partner, accept):
        lines = self.make_installments(("2026-02-10", "100.00"), partner=partner)
        agreement = self.propose(lines, installment_count=2)
        if accept:
            self.accept(agreement)
        return agreement

    def test_both_have_an_agreement_in_force(self):
        """Both go on: what is owed by each stays owed, and breach or payment find their own."""
        first, second = self.agreement_of(self.ana, True), self.agreement_of(self.twin, True)
        owed = sum((first + second).installment_ids.mapped("amount_residual"))
        self.merge()
        both = first + second
        self.assertEqual(both.partner_id, self.ana)
        self.assertEqual(both.mapped("state"), ["open", "open"])
        self.assertEqual(sorted(both.mapped("merged")), [False, True])
        self.assertEqual(sum(both.installment_ids.mapped("amount_residual")), owed)
        with freeze_time("2026-08-01"):
            second._breach(fields.Date.to_date("2026-08-01"))
        self.assertEqual(both.mapped("state"), ["open", "breached"])

    def test_a_proposal_beside_an_agreement_is_cancelled(self):
        proposal, agreement = self.agreement_of(self.ana, False), self.agreement_of(self.twin, True)
        self.merge()
        self.assertEqual((proposal + agreement).mapped("state"), ["cancelled", "open"])
        self.assertIn(agreement.name, str(proposal.message_ids[0].body))

    def test_of_two_proposals_the_later_stays(self):
        earlier, later = self.agreement_of(self.ana, False), self.agreement_of(self.twin, False)
        self.merge()
        self.assertEqual((earlier + later).mapped("state"), ["cancelled", "draft"])

    def test_birthdays_that_were_handled(self):
        marks = self.env["optica.occurrence.mark"].sudo()

        def mark(partner, day):
            return marks.create(
                {
                    "kind": "birthday",
                    "source_model": "res.partner",
                    "source_id": partner.id,
                    "date": day,
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "user_id": self.env.uid,
                    "handled_at": "2026-03-10 12:00:00",
                    "result": "done",
                }
            )

        mark(self.ana, "2026-03-10")
        mark(self.twin, "2026-03-10")
        only = mark(self.twin, "2025-03-10")
        self.merge()
        self.assertEqual(only.source_id, self.ana.id, "handled for the twin is handled")

    def test_birthdays_that_were_greeted(self):
        sendings = self.env["optica.campaign.sending"].sudo()

        def greet(partner, kind, day, once):
            return sendings.create(
                {
                    "kind": kind,
                    "source_model": "res.partner",
                    "source_id": partner.id,
                    "date": day,
                    "day": day,
                    "once": once,
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "template_id": self.env["contact.template"].search([], limit=1).id,
                }
            )

        greet(self.ana, "birthday", "2026-03-10", False)
        greet(self.twin, "birthday", "2026-03-10", False)
        only = greet(self.twin, "birthday", "2025-03-10", False)
        greet(self.ana, "prescription_expired", "2026-03-10", True)
        greet(self.twin, "prescription_expired", "2025-03-10", True)
        self.merge()
        self.assertEqual(only.source_id, self.ana.id, "greeted as the twin is greeted")
        self.assertEqual(sendings.search_count([("partner_id", "=", self.ana.id)]), 5)
