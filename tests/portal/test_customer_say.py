"""The customer promises a day, asks for another due date, tells why it is not paid."""

import io

from freezegun import freeze_time
from PIL import Image

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.models.dunning_dispute_photo import PHOTO_BYTES

from .customer_common import NOON
from .self_service_common import SelfServiceCommon


def picture(kind="JPEG", size=(2400, 1200), **options):
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, **options)
    return file.getvalue()


def with_place():
    """A photo that tells where it was taken."""
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "S"
    exif[0x010F] = "Secret Phone"
    return picture(exif=exif)


@freeze_time(NOON)
class TestCustomerSays(SelfServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"promise_max_days": 15, "self_service_broken_promises": 2})
        cls.reason = cls.env["dunning.dispute.reason"].create(
            {"name": "Scratched lens", "holds": True, "responsible": "collector"}
        )

    def problem(self, page):
        return self.text(page, "//*[@name='problem']")

    # ------------------------------------------------------------- promise

    def test_a_promise_rests_the_reminders(self):
        a, b, _c = self.debt()
        token = self.issue()
        page = self.by_link("/promise", token)
        self.assertEqual(page.xpath("string(//input[@id='day']/@max)"), "2026-04-01")
        page = self.send(token, "/promise", {"day": "2026-03-25", "note": "payday <b>"})
        self.assertIn("wait for your payment", self.text(page))
        promise = self.env["dunning.promise"].search([("partner_id", "=", self.customer.id)])
        # 43 and 23 days on the 25th: 103.43 + 108.50 are the most; today 103.17 + 108.22 settle it
        self.assertEqual(
            (promise.state, str(promise.date), promise.amount, promise.origin),
            ("open", "2026-03-25", 211.39, "link"),
        )
        self.assertEqual((promise.move_line_ids, promise.note), (a | b, "payday <b>"))

    def test_a_promise_beyond_the_limit_gets_a_sentence(self):
        self.debt()
        token = self.issue()
        for day, words in (
            ("2026-04-02", "04/01/2026 at the latest"),
            ("2026-03-16", "past"),
            ("soon", "Choose a day"),
        ):
            with self.subTest(day):
                page = self.send(token, "/promise", {"day": day})
                self.assertIn(words, self.problem(page))
        self.assertFalse(self.env["dunning.promise"].search([]))

    def test_who_broke_two_promises_is_asked_to_call(self):
        self.debt()
        for day in ("2026-03-01", "2026-03-05"):
            with freeze_time(f"{day} 15:00"):
                self.send(self.issue(), "/promise", {"day": day})
                self.env["dunning.promise"].search([("state", "=", "open")]).sudo().state = "broken"
        page = self.send(self.issue(), "/promise", {"day": "2026-03-20"})
        self.assertIn("not kept", self.problem(page))

    # ----------------------------------------------------------- extension

    def test_another_date_within_the_plan_is_granted_at_once(self):
        """C moves by 10 days; its plan lets customers move 10 alone, once."""
        self.plan.own_extension_max_days = 10
        c = self.debt()[2]
        token = self.issue()
        form = {"installment": str(c.id), "day": "2026-04-20", "reason": "payday"}
        page = self.send(token, "/extend", form)
        self.assertIn("new due date is set", self.text(page))
        self.assertEqual(str(c.date_maturity), "2026-04-20")
        extension = self.env["crediario.extension"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((extension.state, extension.origin), ("applied", "link"))
        page = self.send(token, "/extend", {**form, "day": "2026-04-25"})
        self.assertIn("looks at your request", self.text(page), "the second time the shop decides")
        self.assertEqual(str(c.date_maturity), "2026-04-20")

    def test_of_many_the_oldest_and_those_asked_for_are_shown(self):
        lines = self.make_installments(*[("2026-04-02", "10.00")] * 33)
        page = self.by_link(f"/extend?installment={lines[32].id}")
        ids = page.xpath("//input[@type='checkbox']/@value")
        self.assertEqual(ids, [str(line.id) for line in [*lines[:30], lines[32]]])
        self.assertEqual(page.xpath("//input[@checked]/@value"), [str(lines[32].id)])
        self.assertIn("The oldest are shown", self.text(page))

    def test_beyond_the_plan_a_manager_is_asked(self):
        c = self.debt()[2]
        token = self.issue()
        form = {"installment": str(c.id), "day": "2026-04-20", "reason": "<script>y</script>"}
        self.send(token, "/extend", form)
        extension = self.env["crediario.extension"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((extension.state, len(extension.activity_ids)), ("to_approve", 1))
        page = self.send(token, "/extend", form)
        self.assertIn("already", self.problem(page))
        self.assertFalse(page.xpath("//script[contains(., 'y</script>')]"))
        extension.action_approve()
        self.assertEqual(str(c.date_maturity), "2026-04-20")

    def test_charges_are_never_waived_by_asking(self):
        """B moves to the 27th: its 2.11 and 0.53 stay owed."""
        self.plan.own_extension_max_days = 30
        b = self.debt()[1]
        form = {"installment": str(b.id), "day": "2026-03-27", "reason": "x", "waive": "1"}
        self.send(self.issue(), "/extend", form)
        b.invalidate_recordset()
        self.assertEqual((str(b.date_maturity), f"{b.amount_today:.2f}"), ("2026-03-27", "108.22"))

    # ------------------------------------------------------------- dispute

    def dispute(self, *photos, status=200, **fields):
        token = self.issue()
        files = [("photo", (f"{k}.jpg", photo, "image/jpeg")) for k, photo in enumerate(photos)]
        form = {"reason": str(self.reason.id), "note": "It is scratched", **fields}
        page = self.send(token, "/dispute", form, status=status, files=files or None)
        return page, self.env["dunning.dispute"].search([("partner_id", "=", self.customer.id)])

    def test_a_reason_with_a_photo_holds_the_ladder(self):
        a, b, _c = self.debt()
        _page, dispute = self.dispute(with_place())
        self.assertEqual(
            (dispute.state, dispute.holds, dispute.origin, dispute.description),
            ("open", True, "link", "It is scratched"),
        )
        self.assertEqual(dispute.move_line_ids, a | b)
        (photo,) = dispute.attachment_ids
        stored = Image.open(io.BytesIO(photo.raw))
        self.assertEqual((stored.format, stored.size), ("JPEG", (1920, 960)))
        self.assertFalse(dict(stored.getexif()), "neither the place nor the telephone is kept")
        self.assertEqual((photo.res_model, photo.res_id), ("dunning.dispute", dispute.id))
        stranger = new_test_user(self.env, "photo.stranger", "base.group_portal")
        with self.assertRaises(AccessError):
            photo.with_user(stranger).read(["raw"])
        self.authenticate(None, None)
        self.assertEqual(self.url_open(f"/web/content/{photo.id}").status_code, 404)

    def test_what_is_no_photo_is_refused(self):
        self.debt()
        for content in (
            b"<html><script>alert(1)</script></html>",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
            picture()[:500],
            picture("GIF", size=(10, 10)),
            b"%PDF-1.7",
            picture(size=(10, 10)) + b"0" * PHOTO_BYTES,
        ):
            with self.subTest(content[:20]):
                page, dispute = self.dispute(content)
                self.assertTrue(self.problem(page))
                self.assertFalse(dispute)
        page, dispute = self.dispute(*[picture(size=(10, 10))] * 4)
        self.assertIn("up to 3 photos", self.problem(page))
        self.assertFalse(dispute)

    def test_the_same_reason_is_heard_once(self):
        self.debt()
        self.dispute()
        page, dispute = self.dispute()
        self.assertIn("told the shop so already", self.problem(page))
        self.assertEqual(len(dispute), 1)

    # ---------------------------------------------------------- strangers

    def test_installments_of_others_do_not_exist(self):
        self.debt()
        (foreign,) = self.make_installments(("2026-04-10", "10.00"), partner=self.other_customer)
        for path, form in (
            ("/extend", {"day": "2026-04-20", "reason": "x"}),
            ("/dispute", {"reason": str(self.reason.id)}),
        ):
            form["installment"] = str(foreign.id)
            self.send(self.issue(), path, form, status=404)
        self.assertEqual(str(foreign.date_maturity), "2026-04-10")
        self.assertFalse(self.env["dunning.dispute"].search([]))

    def test_thanks_say_only_known_things(self):
        self.by_link("/said?what=%3Cscript%3E", status=404)
