"""Who works with the list: collectors, of the companies they have chosen."""

from odoo.exceptions import AccessError, UserError

from tests.worklist.work_common import WorkCommon


class TestWorkListAccess(WorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.make_collector("Vera", "seller")
        cls.maria = cls.make_late("Maria", "2026-03-10", "100.00")
        cls.other = cls.env["res.company"].create({"name": "Other"})

    def test_sellers_get_nothing_of_it(self):
        work = self.work(self.seller)
        ids = (self.maria.id, self.company.id)
        calls = {
            "start": (),
            "load": ({},),
            "take_next": ({},),
            "take": ids,
            "release": ids[:1],
            "renew": ids[:1],
            "record": (*ids, "paid", {}),
            "undo": (1,),
        }
        for method, arguments in calls.items():
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(work, method)(*arguments)
        for model in ("dunning.call", "dunning.work.lock"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.seller).search([])

    def test_collectors_make_and_delete_nothing_by_themselves(self):
        call, _done = self.record(self.maria, "no_answer", call_again_at="2026-03-23 12:00:00")
        self.open_card(self.maria)
        for record in (call, self.env["dunning.work.lock"].search([])):
            with self.subTest(model=record._name):
                with self.assertRaises(AccessError):
                    record.with_user(self.ana).create({"partner_id": self.maria.id})
                with self.assertRaises(AccessError):
                    record.with_user(self.ana).unlink()

    def test_companies_that_are_not_chosen(self):
        with self.assertRaises(AccessError):
            self.work().take(self.maria.id, self.other.id)
        with self.assertRaises(AccessError):
            self.work().record(self.maria.id, self.other.id, "paid", {})
        both = (self.company | self.other).ids
        self.ana.company_ids = [(6, 0, both)]
        elsewhere = self.work().with_context(allowed_company_ids=self.other.ids)
        with self.at():
            self.assertFalse(elsewhere.load({})["rows"])
            self.assertIsNone(elsewhere.take_next({}))
            self.assertEqual(len(self.work().load({})["rows"]), 1)

    def test_contacts_of_other_companies_are_not_seen(self):
        call, _done = self.record(self.maria, "no_answer", call_again_at="2026-03-23 12:00:00")
        self.assertEqual(self.env["dunning.call"].with_user(self.ana).search([]), call)
        stranger = self.make_collector("Zoe")
        stranger.write({"company_ids": [(6, 0, self.other.ids)], "company_id": self.other.id})
        self.assertFalse(self.env["dunning.call"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            call.with_user(stranger).read(["note"])
        with self.assertRaises(UserError):
            self.work(stranger).with_context(allowed_company_ids=self.other.ids).undo(call.id)
