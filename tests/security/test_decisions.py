"""Results, traces and decisions are the product's: no user writes them, no context slips them in.

Doors to every field of this product, on whatever model it is:

* computed and stored: ``write`` and ``create`` by list, form, import or call;
* noted by the product on records of Odoo's own (the day on which an entry was posted, the cash day
  of a payment, whose words a message has): the same two;
* defaults: ``default_…`` in the context of any call, also where the product itself creates the
  record, and a user's own default (``ir.default``), which every employee may set.

A model made tomorrow is walked here too. What a screen may prefill is listed below.
"""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ..agreement.agreement_common import TODAY, AgreementCommon

MODULE = "optica_cobranca"
PREFILLED = {
    "crediario.plan": {
        "requires_address",
        "requires_birthdate",
        "requires_phone",
        "requires_tax_number",
    },
    "dunning.level": {"policy_id"},
    "optica.service.order": {"company_id", "partner_id", "patient_id", "prescription_id"},
    "res.partner": {"is_optica_lab"},
}
# Copied from the prescription before, by a button: values of eyes, whose they are, who wrote them.
COPIED = {"optica.prescription"}
DECISIONS = ("date", "datetime", "monetary")


class TestDecisions(AgreementCommon):
    def our_fields(self):
        """(model, field) of all that this product keeps, on its own models and on others'."""
        for name, model in self.env.registry.items():
            if not model._abstract and not model._transient:
                for field in model._fields.values():
                    if field._module == MODULE:
                        yield self.env[name], field

    def test_results_are_not_written(self):
        users = [
            new_test_user(self.env, f"decisions.{role}", groups=f"{MODULE}.group_{role}")
            for role in ("seller", "collector", "manager")
        ]
        results = [
            (model, field)
            for model, field in self.our_fields()
            if field.store and field.compute and field.readonly and not field.inverse
        ]
        self.assertGreater(len(results), 25)
        for model, field in results:
            for user in users:
                with self.assertRaises(AccessError, msg=str(field)):
                    model.with_user(user)._check_field_access(field, "write")

    def test_traces_on_odoos_records_are_not_written(self):
        manager = new_test_user(
            self.env,
            "decisions.traces",
            groups=f"{MODULE}.group_manager,account.group_account_manager,base.group_system",
        )
        traces = {
            f"{model._name}.{field.name}": (model, field)
            for model, field in self.our_fields()
            if model._original_module != MODULE
            and field.store
            and field.column_type
            and field.readonly
            and not (field.compute or field.inverse)
        }
        self.assertLessEqual(
            {
                "account.move.agreement_id",
                "account.move.crediario_bank_date",
                "account.move.crediario_cash_day_id",
                "account.move.crediario_posted_on",
                "account.move.crediario_terms_id",
                "account.move.imported_contract_id",
                "account.payment.crediario_cash_day_id",
                "ir.attachment.optica_evidence",
                "mail.activity.optica_customer_id",
                "mail.message.optica_customer_id",
                "mail.message.optica_sender_unproven",
                "payment.transaction.quoted_on",
                "res.partner.wrong_phone",
            },
            traces.keys(),
        )
        for name, (model, field) in traces.items():
            with self.assertRaises(AccessError, msg=name):
                model.with_user(manager)._check_field_access(field, "write")
        for values in ({"wrong_phone": "1"}, {"contact_confirmed_keys": "1"}):
            with self.assertRaises(AccessError):
                self.customer.with_user(manager).write(values)
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(manager).create({"name": "New", **values})

    def test_who_did_it_and_when_is_nobodys_to_say(self):
        optician = new_test_user(
            self.env,
            "decisions.optician",
            groups=f"{MODULE}.group_manager,{MODULE}.group_prescription",
        )
        found = {
            name: model._system_fields
            for name, model in self.env.registry.items()
            if model._system_fields and not model._abstract
        }
        self.assertEqual(set(found), {"dunning.hold", "optica.prescription"})
        for name, names in found.items():
            model = self.env[name].with_user(optician)
            for field in names:
                self.assertTrue(model._fields[field].readonly, f"{name}.{field}")
                with self.assertRaises(AccessError, msg=f"{name}.{field}"):
                    model._check_field_access(model._fields[field], "write")
        values = {"partner_id": self.customer.id, "reason": "Ill"}
        holds = self.env["dunning.hold"].with_user(self.collector)
        with self.assertRaises(AccessError):
            holds.create({**values, "user_id": optician.id})
        hold = holds.create(values)
        self.assertEqual(hold.user_id, self.collector)
        hold.with_user(optician).write({"active": False})
        self.assertEqual(hold.resumed_by_id, optician)
        self.assertTrue(hold.resumed_at)

    def test_defaults_of_the_context_reach_only_what_is_listed(self):
        for model, field in self.our_fields():
            allowed = PREFILLED.get(model._name, set())
            if model._name in COPIED or field.name in allowed:
                continue
            given = model.with_context(**{f"default_{field.name}": False})
            own = model.default_get([field.name])
            found = given.default_get([field.name])
            if field.type in DECISIONS:
                given = model.with_context(**{f"default_{field.name}": "2020-01-01"})
                found = given.default_get([field.name]) if field.type != "monetary" else found
            self.assertEqual(
                found.keys(), own.keys(), f"{field}: a context decides; list it if it may"
            )

    def test_what_may_be_prefilled_decides_nothing(self):
        for name, allowed in PREFILLED.items():
            self.assertEqual(self.env[name]._given_defaults, allowed)
        for name, model in self.env.registry.items():
            prefilled = {*model._given_defaults} if model._original_module == MODULE else set()
            if prefilled and name not in COPIED:
                self.assertEqual(prefilled, PREFILLED.get(name), name)
            for field in prefilled:
                self.assertNotIn(model._fields[field].type, DECISIONS, f"{name}.{field}")
                self.assertNotIn(field, ("state", "user_id", "active"), name)

    @freeze_time(f"{TODAY} 15:00:00")
    def test_debts_of_an_agreement_are_worked_out(self):
        """45 days late are 3.50 of charges, whatever day is written."""
        lines = self.debt()[:1]
        agreement = self.propose(lines, user=self.collector).with_user(self.collector)
        for values in (
            {"due_date": "2020-01-01"},
            {"days_late": 3000},
            {"principal": 1.0},
            {"fine": 0.0},
            {"interest": 0.0},
            {"total": 0.0},
        ):
            with self.assertRaises(AccessError, msg=str(values)):
                agreement.line_ids.write(values)
            with self.assertRaises(AccessError, msg=str(values)):
                agreement.write({"line_ids": [(1, agreement.line_ids.id, values)]})
        for name in ("limit_charges", "limit_principal", "approval_reasons", "amount_net"):
            with self.assertRaises(AccessError, msg=name):
                agreement.write({name: False})
        self.assertEqual(f"{agreement.limit_charges:.2f}", "1.75")

    @freeze_time(f"{TODAY} 15:00:00")
    def test_context_decides_nothing_about_an_agreement(self):
        lines = self.debt()[:1].with_user(self.collector)
        context = {
            "default_date": "2026-02-10",
            "default_valid_until": "2030-01-01",
            "default_state": "approved",
            "default_approved_by_id": self.env.uid,
            "default_due_date": "2020-01-01",
            "default_fine": 0.0,
            "default_origin": "portal",
        }
        action = lines.with_context(**context).action_propose_agreement()
        agreement = self.env["crediario.agreement"].browse(action["res_id"])
        self.assertEqual(str(agreement.date), TODAY)
        self.assertEqual(agreement.state, "draft")
        self.assertFalse(agreement.approved_by_id)
        self.assertLess(agreement.valid_until, agreement.date + timedelta(days=30))
        line = agreement.line_ids
        self.assertEqual((str(line.due_date), line.fine, line.interest), ("2026-02-10", 2.0, 1.5))

    @freeze_time(f"{TODAY} 15:00:00")
    def test_no_other_day_raises_what_a_collector_may_forgive(self):
        """45 days late are 2% and 1.5%: of 17,624.57, 352.49 + 264.37 = 616.86, half is 308.43; of
        9,893.14, 197.86 + 148.40 = 346.26, half is 173.13. Late since 2020 it would be far more.
        """
        for value, limit, asked in (
            ("17624.57", "308.43", 342.70),
            ("9893.14", "173.13", 177.40),
        ):
            lines = self.make_installments(("2026-02-10", value)).with_user(self.collector)
            for context in (
                {},
                {"default_date": "2030-01-01"},
                {"default_due_date": "2020-01-01", "default_days_late": 2276},
                {"default_limit_charges": 9999.0, "default_line_ids": []},
            ):
                action = lines.with_context(**context).action_propose_agreement()
                agreements = self.env["crediario.agreement"].with_user(self.collector)
                agreement = agreements.with_context(**context).browse(action["res_id"])
                self.assertEqual(f"{agreement.limit_charges:.2f}", limit, str(context))
                for values in ({"due_date": "2020-01-01"}, {"days_late": 2276}):
                    with self.assertRaises(AccessError):
                        agreement.write(
                            {"line_ids": [Command.update(agreement.line_ids.id, values)]}
                        )
                agreement.write(
                    {
                        "installment_count": 2,
                        "first_due_date": "2026-04-27",
                        "discount_charges": asked,
                    }
                )
                self.assertTrue(agreement.approval_reasons)
                with self.assertRaises(UserError):
                    agreement.action_accept()
                self.assertNotEqual(agreement.state, "active")
                agreement.action_cancel()
                self.env.flush_all()

    @freeze_time(f"{TODAY} 15:00:00")
    def test_a_default_of_ones_own_decides_nothing(self):
        defaults = self.env["ir.default"].with_user(self.collector)
        defaults.set("crediario.agreement", "date", "2026-02-10", user_id=True)
        defaults.set("crediario.agreement", "valid_until", "2030-01-01", user_id=True)
        agreement = self.propose(self.debt()[:1], user=self.collector)
        self.assertEqual(str(agreement.date), TODAY)
        self.assertLess(agreement.valid_until, agreement.date + timedelta(days=30))

    @freeze_time(f"{TODAY} 15:00:00")
    def test_context_decides_nothing_where_the_product_writes(self):
        """Created with sudo, by a collector: an extension beyond the limits still waits."""
        line = self.debt()[:1].with_user(self.collector)
        register = self.env["crediario.extension"].with_user(self.collector)
        extension = register.with_context(
            default_state="applied",
            default_waive=True,
            default_waived_fine=2.0,
            default_user_id=self.env.uid,
            default_decided_by_id=self.env.uid,
        )._grant({line.id: line.date_maturity + timedelta(days=300)}, "Illness")
        self.assertEqual(extension.state, "to_approve")
        self.assertEqual(extension.user_id, self.collector)
        self.assertFalse(extension.decided_by_id or extension.waived_fine)
