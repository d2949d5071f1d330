"""Who may see and do what with messages, gateways and consent."""

from odoo.exceptions import AccessError, UserError

from tests.messaging.common import OutboxCommon

SECRETS = ("access_token", "app_secret", "verify_token", "base_url")
GROUPS = ("seller", "collector", "manager")


class TestContactAccess(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {group: cls.make_user(group) for group in GROUPS}
        cls.other = cls.env["res.company"].create({"name": "Other"})

    @classmethod
    def make_user(cls, group, **values):
        return cls.env["res.users"].create(
            {
                "name": group,
                "login": f"{group} of the tests {len(values)}",
                "group_ids": [(6, 0, cls.env.ref(f"optica_cobranca.group_{group}").ids)],
                **values,
            }
        )

    def test_nobody_makes_changes_or_deletes_messages_and_events(self):
        message = self.send_one()
        event = self.env["contact.event"].create(
            {"gateway_id": self.gateway.id, "key": "k", "kind": "unknown"}
        )
        admin = self.env.ref("base.user_admin")
        for user in (*self.users.values(), admin):
            for record in (message.with_user(user), event.with_user(user)):
                with self.subTest(user=user.name, model=record._name):
                    with self.assertRaises(AccessError):
                        record.write({"create_date": False})
                    with self.assertRaises(AccessError):
                        record.unlink()
                    with self.assertRaises(AccessError):
                        record.create({})

    def test_messages_are_read_by_who_is_in_charge(self):
        """See tests/security/test_collection_words.py."""
        message = self.send_one()
        for group in ("collector", "manager"):
            self.assertEqual(message.with_user(self.users[group]).state, "sent")
        with self.assertRaises(AccessError):
            message.with_user(self.users["seller"]).read(["state"])
        message.partner_id.user_id = self.users["seller"]
        self.env.invalidate_all()
        self.assertEqual(message.with_user(self.users["seller"]).state, "sent")

    def test_secrets_are_read_by_administrators_and_typed_by_managers(self):
        """A manager finishes a gateway; the address it speaks to is no secret to them."""
        for group, user in self.users.items():
            gateway = self.gateway.with_user(user)
            gateway.read(["name", "state"])
            for name in SECRETS:
                with self.subTest(group=group, field=name):
                    if group != "manager" or name != "base_url":
                        with self.assertRaises(AccessError):
                            gateway.read([name])
                    if group != "manager":
                        with self.assertRaises(AccessError):
                            gateway.write({name: "mine"})
                    with self.assertRaises(UserError):
                        gateway.export_data([name])

    def test_secrets_are_not_offered_for_export_to_anybody(self):
        fields = self.env["contact.gateway"].sudo().fields_get(SECRETS, ["exportable"])
        for name in ("access_token", "app_secret", "verify_token"):
            self.assertFalse(fields[name]["exportable"], name)

    def test_secrets_are_not_copied(self):
        copy = self.gateway.copy({"state": "disabled"})
        self.assertFalse(copy.sudo().access_token or copy.sudo().app_secret)
        self.assertNotEqual(copy.uuid, self.gateway.uuid)

    def test_secrets_stay_out_of_the_chatter(self):
        self.gateway.write({"access_token": "SECRET-TOKEN", "state": "test"})
        self.env.flush_all()
        trail = " ".join(str(message.body) for message in self.gateway.message_ids)
        self.assertNotIn("SECRET-TOKEN", trail)

    def test_only_managers_set_up(self):
        for group in ("seller", "collector"):
            with self.subTest(group=group):
                user = self.users[group]
                with self.assertRaises(AccessError):
                    self.template.with_user(user).name = "Mine"
                with self.assertRaises(AccessError):
                    self.gateway.with_user(user).name = "Mine"
                with self.assertRaises(AccessError):
                    self.env["contact.blocked.date"].with_user(user).create(
                        {"name": "Mine", "date": "2026-01-01"}
                    )
                with self.assertRaises(AccessError):
                    self.env["contact.hours"].with_user(user).create({})
        self.template.with_user(self.users["manager"]).name = "Theirs"

    def test_consent_is_added_and_never_changed(self):
        for user in self.users.values():
            consent = (
                self.env["contact.consent"]
                .with_user(user)
                .create({"partner_id": self.customer_of_shop().id, "decision": "opt_out"})
            )
            self.assertEqual(consent.user_id, user)
            with self.assertRaises(UserError):
                consent.decision = "opt_in"
            with self.assertRaises(AccessError):
                consent.unlink()

    def customer_of_shop(self):
        return self.make_customer("Ana", phone="+55 11 96000-0003")

    def test_other_companies_are_not_seen(self):
        message = self.queue(self.make_late())
        message.company_id = self.other
        theirs = self.make_gateway(name="Theirs", company_id=self.other.id)
        template = self.make_template("Theirs", "Hi! {{shop_identity}}.", company_id=self.other.id)
        manager = self.users["manager"]
        for record in (message, theirs, template):
            with self.subTest(model=record._name):
                found = self.env[record._name].with_user(manager).search([("id", "=", record.id)])
                self.assertFalse(found)
                with self.assertRaises(AccessError):
                    record.with_user(manager).read(["company_id"])

    def test_buttons_do_not_reach_into_other_companies(self):
        message = self.queue(self.make_late())
        message.company_id = self.other
        with self.assertRaises(AccessError):
            message.with_user(self.users["manager"]).action_cancel()

    def test_portal_users_see_nothing(self):
        portal = self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "customer of the tests",
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        for model in ("contact.message", "contact.event", "contact.gateway", "contact.consent"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])
