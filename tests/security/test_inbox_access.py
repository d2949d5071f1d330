"""Who reads and answers which conversations."""

from freezegun import freeze_time

from odoo.exceptions import AccessError

from tests.inbox.test_inbox import STRANGER, InboxCommon
from tests.messaging.common import NOON


class TestInboxAccess(InboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.seller = cls.make_user("seller")
        cls.collector = cls.make_user("collector")
        cls.abroad = cls.make_user(
            "collector", company_id=cls.other.id, company_ids=[(6, 0, cls.other.ids)]
        )

    @classmethod
    def make_user(cls, group, **values):
        return cls.env["res.users"].create(
            {
                "name": group,
                "login": f"inbox {group} {len(values)}",
                "group_ids": [(6, 0, cls.env.ref(f"optica_cobranca.group_{group}").ids)],
                **values,
            }
        )

    def setUp(self):
        super().setUp()
        self.mine = self.make_late("Mine", phone="+55 11 96000-0001", user_id=self.seller.id)
        self.make_late("Theirs", phone="+55 11 96000-0002")
        self.write_in("Oi", sender="5511960000001")
        self.write_in("Olá", sender="5511960000002")
        self.write_in("Quem?", sender=STRANGER)
        self.thread = self.threads.filtered(lambda thread: thread.partner_id == self.mine)
        self.rest = self.threads - self.thread

    def test_sellers_see_their_customers_and_what_is_assigned_to_them(self):
        with freeze_time(NOON):
            self.assertEqual(self.names(self.seller), ["Mine"])
            self.assertEqual(self.names(self.seller, search="Oi"), ["Mine"])
            self.assertEqual(self.load(self.seller)["unread"], 1)
            for thread in self.rest.with_user(self.seller):
                for method in ("inbox_open", "action_close", "inbox_templates"):
                    with self.subTest(method=method), self.assertRaises(AccessError):
                        getattr(thread, method)()
            self.rest[0].action_assign(self.seller.id)
            self.assertEqual(len(self.names(self.seller)), 2)

    def test_sellers_answer_and_do_not_collect(self):
        with freeze_time(NOON):
            thread = self.thread.with_user(self.seller)
            opened = thread.inbox_open()
            self.assertEqual([entry["text"] for entry in opened["entries"]], ["Oi"])
            self.assertIsNone(opened["debt"])
            self.assertNotIn("wrong_person", opened["shortcuts"])
            thread.inbox_reply("Bom dia!")
        self.assertEqual((self.thread.state, self.thread.user_id), ("answered", self.seller))

    def test_collectors_see_all(self):
        with freeze_time(NOON):
            self.assertEqual(len(self.names(self.collector)), 3)
            opened = self.thread.with_user(self.collector).inbox_open()
        self.assertIn("wrong_person", opened["shortcuts"])

    def test_nobody_of_another_company(self):
        with freeze_time(NOON):
            self.assertEqual(self.names(self.abroad), [])
            with self.assertRaises(AccessError):
                self.thread.with_user(self.abroad).inbox_open()
            with self.assertRaises(AccessError):
                self.thread.with_user(self.abroad).inbox_reply("Oi")

    def test_nobody_writes_conversations_by_himself(self):
        admin = self.env.ref("base.user_admin")
        for user in (self.seller, self.collector, admin):
            thread = self.thread.with_user(user)
            with self.subTest(user=user.name):
                with self.assertRaises(AccessError):
                    thread.write({"last_text": "x"})
                with self.assertRaises(AccessError):
                    thread.unlink()

    def test_plain_users_have_no_counter(self):
        plain = self.env["res.users"].create({"name": "Plain", "login": "plain of the inbox"})
        self.assertEqual(self.env["contact.thread"].with_user(plain).unread_total(), 0)
