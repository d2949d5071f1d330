"""Kinds of occurrences and their settings; occurrences that somebody took care of."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from tests.optics.prescription_common import PrescriptionCommon
from tests.optics.service_common import ServiceOrderCommon

TODAY = "2026-03-17"


class OccurrenceCommon(ServiceOrderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.occurrences = cls.env["optica.occurrence"]
        cls.seller = new_test_user(cls.env, "seller_marks", "optica_cobranca.group_seller")

    def of(self, partner=None, **conditions):
        domain = [("partner_id", "=", (partner or self.customer).id)]
        return self.occurrences.search(
            [*domain, *((name, "=", value) for name, value in conditions.items())]
        )

    def kind(self, name):
        return self.env.ref(f"optica_cobranca.occurrence_type_{name}")


@freeze_time(TODAY)
class TestKinds(OccurrenceCommon):
    def test_every_kind_has_its_record(self):
        kinds = dict(self.occurrences._fields["kind"].selection)
        self.assertEqual(
            set(self.env["optica.occurrence.type"].search([]).mapped("kind")), {*kinds}
        )

    def test_switched_off_kind_shows_nowhere(self):
        self.customer.birthdate = "1980-05-09"
        self.make_installments(("2026-04-16", "100.00"))
        self.kind("birthday").active = False
        self.assertEqual(self.of().mapped("kind"), ["installment_due"])
        self.env["optica.occurrence.type"].search([]).active = False
        self.assertFalse(self.occurrences.search([]))
        self.kind("birthday").active = True
        self.assertEqual(set(self.of().mapped("kind")), {"birthday"})

    def test_colour(self):
        self.make_installments(("2026-04-16", "100.00"))
        self.kind("installment_due").color = 6
        self.assertEqual(self.of().color, 6)

    def test_lead_days(self):
        """To do three days before; on the day itself where nothing else was said."""
        self.make_installments(("2026-04-16", "100.00"))
        self.assertEqual(str(self.of().todo_date), "2026-04-16")
        self.kind("installment_due").lead_days = 3
        self.occurrences.invalidate_model()
        found = self.of()
        self.assertEqual((str(found.todo_date), str(found.date)), ("2026-04-13", "2026-04-16"))
        with self.assertRaisesRegex(ValidationError, "from 0 to 365"):
            self.kind("installment_due").lead_days = 366

    def test_lead_days_of_prescriptions_are_the_companys(self):
        self.kind("prescription_expiring").lead_days = 45
        self.assertEqual(self.company.prescription_lead_days, 45)
        self.company.prescription_lead_days = 20
        self.env.invalidate_all()
        self.assertEqual(self.kind("prescription_expiring").lead_days, 20)

    def test_responsible_of_the_kind_goes_before_the_records_own(self):
        order = self.make_order(user_id=self.env.user.id)
        self.assertEqual(self.of(kind="delivery_promised").user_id, self.env.user)
        self.kind("delivery_promised").user_id = self.seller
        self.occurrences.invalidate_model()
        self.assertEqual(self.of(kind="delivery_promised").user_id, self.seller)
        other = self.setup_other_company()["company"]
        self.assertFalse(self.kind("delivery_promised").with_company(other).user_id)
        self.assertEqual(order.user_id, self.env.user)

    def test_template_of_the_company_first(self):
        kind = self.kind("birthday")
        general = self.env.ref("optica_cobranca.template_birthday")
        own = general.copy({"code": "birthday", "company_id": self.company.id})
        other = self.setup_other_company()["company"]
        self.assertEqual(kind._template_for(self.company), own)
        self.assertEqual(kind._template_for(other), general)
        own.active = False
        self.assertEqual(kind._template_for(self.company), general)
        general.active = False
        self.assertFalse(kind._template_for(other))

    def test_what_the_ladder_writes_about_gets_no_second_message(self):
        template = self.env.ref("optica_cobranca.template_due_today")
        for name in ("installment_due", "installment_overdue", "promise_due", "delivery_ready"):
            with self.assertRaisesRegex(ValidationError, "would say it twice"):
                self.kind(name).template_id = template

    def test_automatic_needs_a_message(self):
        with self.assertRaisesRegex(ValidationError, "Choose the message"):
            self.kind("delivery_promised").mode = "automatic"
        self.kind("birthday").mode = "automatic"

    def test_only_managers_change_kinds(self):
        with self.assertRaises(AccessError):
            self.kind("birthday").with_user(self.seller).color = 2


@freeze_time(f"{TODAY} 15:00:00")
class TestMarks(OccurrenceCommon):
    def test_handled_by_whom_when_and_how(self):
        self.make_order()
        occurrence = self.of(kind="delivery_promised")
        occurrence.with_user(self.seller)._mark_handled("spoke", " Comes on Monday ")
        again = self.of(kind="delivery_promised", is_handled=True)
        self.assertEqual(again, occurrence)
        self.assertEqual(
            (again.handled_by_id, again.handled_result, again.handled_note, again.handled_at),
            (
                self.seller,
                "spoke",
                "Comes on Monday",
                self.env.cr.now().replace(
                    year=2026, month=3, day=17, hour=15, minute=0, second=0, microsecond=0
                ),
            ),
        )
        self.assertFalse(self.of(kind="delivery_promised", is_handled=False))

    def test_first_one_has_done_it(self):
        self.make_order()
        occurrence = self.of(kind="delivery_promised")
        first = occurrence.with_user(self.seller)._mark_handled("spoke")
        self.assertEqual(len(first), 1)
        rows = [
            {
                "kind": "delivery_promised",
                "source_model": "optica.service.order",
                "source_id": occurrence.source_id,
                "date": occurrence.event_date,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        ]
        self.assertFalse(self.env["optica.occurrence.mark"]._add(rows, "done"))
        self.assertEqual(self.of(kind="delivery_promised").handled_by_id, self.seller)

    def test_undo_and_again(self):
        self.make_order()
        occurrence = self.of(kind="delivery_promised")
        mark = occurrence._mark_handled()
        occurrence.with_user(self.seller)._undo_handled()
        self.assertFalse(occurrence.is_handled)
        self.assertEqual(mark.undone_by_id, self.seller)
        self.assertTrue(occurrence._mark_handled())
        self.assertTrue(occurrence.is_handled)

    def test_a_new_day_is_to_do_again(self):
        order = self.make_order()
        self.of(kind="delivery_promised")._mark_handled()
        order.promised_date = "2026-03-26"
        self.assertFalse(self.of(kind="delivery_promised").is_handled)

    def test_birthday_of_this_year_only(self):
        self.customer.birthdate = "1980-05-09"
        self.of(kind="birthday", date="2026-05-09")._mark_handled("sent")
        handled = self.of(kind="birthday", is_handled=True)
        self.assertEqual([str(day) for day in handled.mapped("date")], ["2026-05-09"])

    def test_dialog_for_many(self):
        self.make_installments(("2026-04-16", "100.00"), ("2026-05-16", "100.00"))
        found = self.of()
        found[0]._mark_handled()
        action = found.with_user(self.seller).action_mark_handled()
        wizard = (
            self.env["optica.occurrence.handle"]
            .with_user(self.seller)
            .with_context(**action["context"])
            .create({"result": "not_needed"})
        )
        self.assertEqual((wizard.occurrence_count, wizard.handled_count), (1, 1))
        action = wizard.action_apply()
        self.assertEqual(found.mapped("handled_result"), ["done", "not_needed"])
        # The button of the message takes back what was marked here, not what was before.
        undo = action["params"]
        self.assertEqual((undo["message"], undo["ids"]), ("Marked as handled: 1.", found[1].ids))
        getattr(self.env[undo["model"]].browse(undo["ids"]), undo["method"])()
        self.assertEqual(self.of().mapped("is_handled"), [True, False])

    def test_result_must_be_known(self):
        self.make_order()
        with self.assertRaisesRegex(UserError, "Choose one of the results"):
            self.of(kind="delivery_promised")._mark_handled("whatever")

    def test_marks_are_written_by_actions_only(self):
        self.make_order()
        mark = self.of(kind="delivery_promised")._mark_handled()
        for action in (
            lambda: mark.with_user(self.seller).write({"note": "x"}),
            lambda: mark.with_user(self.seller).unlink(),
        ):
            with self.assertRaises(AccessError):
                action()

    def test_paid_installment_is_gone_whether_handled_or_not(self):
        lines = self.make_installments(("2026-03-16", "100.00"), ("2026-04-16", "100.00"))
        self.of()._mark_handled()
        self.pay(lines[0], on=TODAY)
        self.assertEqual([str(day) for day in self.of().mapped("date")], ["2026-04-16"])


@freeze_time(f"{TODAY} 15:00:00")
class TestScheduledCalls(OccurrenceCommon):
    def plan_call(self, record, day="2026-03-20", user=None):
        return record.activity_schedule(
            "mail.mail_activity_data_call", day, user_id=(user or self.seller).id
        )

    def call(self, again, started="2026-03-16 14:00:00", **values):
        return (
            self.env["dunning.call"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "partner_id": self.customer.id,
                    "user_id": self.env.uid,
                    "started_at": started,
                    "ended_at": started,
                    "result": "no_answer",
                    "call_again_at": again,
                    **values,
                }
            )
        )

    def test_activity_of_type_call(self):
        self.plan_call(self.customer)
        self.plan_call(self.make_order(), "2026-03-18")
        self.customer.activity_schedule("mail.mail_activity_data_todo", "2026-03-19")
        order, customer = self.of(kind="scheduled_call")
        self.assertEqual((str(order.date), order.res_model), ("2026-03-18", "optica.service.order"))
        self.assertEqual((str(customer.date), customer.user_id), ("2026-03-20", self.seller))
        self.assertEqual(order.action_open_document()["res_model"], "optica.service.order")
        self.assertEqual(customer.action_open_document()["res_model"], "res.partner")

    def test_done_in_the_activities_too_and_back(self):
        activity = self.plan_call(self.customer)
        occurrence = self.of(kind="scheduled_call")
        occurrence._mark_handled("spoke", "All well")
        self.assertFalse(activity.active)
        self.assertIn("All well", self.customer.message_ids[0].body)
        self.assertTrue(self.of(kind="scheduled_call").is_handled)
        occurrence._undo_handled()
        self.assertTrue(activity.active)
        self.assertFalse(self.of(kind="scheduled_call").is_handled)

    def test_done_elsewhere_is_gone(self):
        self.plan_call(self.customer).action_feedback()
        self.assertFalse(self.of(kind="scheduled_call"))

    def test_call_again_of_the_work_list_in_the_readers_day(self):
        """01:30 UTC on the 20th is the evening of the 19th in São Paulo."""
        self.call("2026-03-20 01:30:00")
        brazil = self.occurrences.with_context(tz="America/Sao_Paulo")
        found = brazil.search([("kind", "=", "scheduled_call")])
        self.assertEqual((str(found.date), found.partner_id), ("2026-03-19", self.customer))
        self.occurrences.invalidate_model()
        greenwich = self.occurrences.with_context(tz="UTC")
        found = greenwich.search([("kind", "=", "scheduled_call")])
        self.assertEqual(str(found.date), "2026-03-20")

    def test_only_the_last_contact_counts(self):
        self.call("2026-03-20 14:00:00")
        self.call(False, started="2026-03-17 10:00:00")
        self.assertFalse(self.of(kind="scheduled_call"))

    def test_undone_and_long_ago(self):
        self.call("2026-03-20 14:00:00", undone_at="2026-03-16 14:05:00")
        self.call("2026-02-10 14:00:00", started="2026-02-09 14:00:00")
        self.assertFalse(self.of(kind="scheduled_call"))


@freeze_time("2026-03-10 15:00:00")
class TestPrescriptionOccurrences(PrescriptionCommon):
    def of(self, patient):
        return self.env["optica.occurrence"].search(
            [("partner_id", "=", patient.id), ("kind", "like", "prescription")]
        )

    def test_newer_one_takes_the_old_ones_place(self):
        """Exam of April 2025: expires on 10 April, announced 30 days before. A new one: 2027."""
        self.prescribe(exam="2025-04-10")
        old = self.of(self.patient)
        self.assertEqual(
            (old.kind, str(old.date), str(old.event_date)),
            ("prescription_expiring", "2026-03-11", "2026-04-10"),
        )
        self.prescribe(exam="2026-03-10")
        new = self.of(self.patient)
        self.assertEqual((str(new.date), str(new.event_date)), ("2027-02-08", "2027-03-10"))

    def test_mark_survives_a_change_of_the_lead_days(self):
        self.prescribe(exam="2025-04-10")
        self.of(self.patient)._mark_handled("sent")
        self.company.prescription_lead_days = 20
        self.assertEqual(
            [(str(o.date), o.is_handled) for o in self.of(self.patient)], [("2026-03-21", True)]
        )
