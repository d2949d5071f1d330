"""The customer promises a day, asks for another due date, tells why it is not paid."""

import io
from datetime import timedelta

from freezegun import freeze_time
from PIL import Image

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.models.claims.dunning_dispute_customer import PHOTO_BYTES

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

    def test_a_promise_shows_and_no_second_one_is_offered(self):
        """All that is late is promised until the 25th: 103.17 + 108.22 = 211.39."""
        self.debt()
        token = self.issue()
        self.assertTrue(self.by_link("", token).xpath("//a[contains(@href, '/promise')]"))
        self.send(token, "/promise", {"day": "2026-03-25"})
        for path in ("", "/promise"):
            with self.subTest(path):
                page = self.by_link(path, token)
                told = self.text(page, "//*[@data-promise]")
                self.assertIn("You promised to pay R$ 211.39 until 03/25/2026", told)
                self.assertFalse(page.xpath("//a[contains(@href, '/promise')]"))
                self.assertFalse(page.xpath("//input[@name='day']"))
        page = self.send(token, "/promise", {"day": "2026-03-30"})
        self.assertIn("promised to pay until 03/25/2026 already", self.problem(page))
        self.assertEqual(str(self.env["dunning.promise"].search([]).date), "2026-03-25")

    def test_what_is_late_since_may_be_promised_too(self):
        """A collector noted a promise about A and B; D is late and promised by nobody."""
        a, b, _c = self.debt()
        self.env["dunning.promise"]._register_promise(
            self.customer, self.company, fields.Date.to_date("2026-03-25"), lines=a | b
        )
        (d,) = self.make_installments(("2026-03-10", "30.00"))
        token = self.issue()
        page = self.by_link("/promise", token)
        self.assertTrue(page.xpath("//*[@data-promise]"))
        self.assertEqual(len(page.xpath("//input[@name='day']")), 1)
        self.send(token, "/promise", {"day": "2026-03-20"})
        promises = self.env["dunning.promise"].search([("state", "=", "open")], order="date")
        self.assertEqual([p.move_line_ids for p in promises], [d, a | b])

    def test_a_promise_that_was_paid_is_told_no_more(self):
        """Both late ones are settled by a payment of their principal."""
        a, b, _c = self.debt()
        token = self.issue()
        self.send(token, "/promise", {"day": "2026-03-25"})
        for line in (a, b):
            self.pay(line, on="2026-03-17")
        self.assertFalse(self.by_link("", token).xpath("//*[@data-promise]"))

    def test_who_may_not_promise_is_told_before_choosing_a_day(self):
        self.debt()
        for day in ("2026-03-01", "2026-03-05"):
            with freeze_time(f"{day} 15:00"):
                self.send(self.issue(), "/promise", {"day": day})
                self.env["dunning.promise"].search([("state", "=", "open")]).sudo().state = "broken"
        page = self.by_link("/promise")
        self.assertIn("not kept", self.problem(page))
        self.assertFalse(page.xpath("//input[@name='day']"))

    # ----------------------------------------------------------- extension

    def test_what_was_asked_and_answered_shows(self):
        """Waiting, agreed to, and refused; what waits is not offered again."""
        _a, b, c = self.debt()
        token = self.issue()
        form = {"installment": str(c.id), "day": "2026-04-20", "reason": "payday"}
        self.send(token, "/extend", form)
        extension = self.env["crediario.extension"].search([("partner_id", "=", self.customer.id)])
        page = self.by_link("", token)
        told = self.text(page, "//*[@data-extension]")
        self.assertIn("You asked to pay it on 04/20/2026. The shop will answer.", told)
        page = self.by_link("/extend", token)
        self.assertTrue(page.xpath("//*[@data-extension]"))
        self.assertNotIn(str(c.id), page.xpath("//input[@type='checkbox']/@value"))
        self.assertIn(str(b.id), page.xpath("//input[@type='checkbox']/@value"))
        extension.action_refuse()
        told = self.text(self.by_link("", token), "//*[@data-extension]")
        self.assertIn("The shop did not agree to 04/20/2026", told)
        self.send(token, "/extend", {**form, "day": "2026-04-15"})
        self.env["crediario.extension"].search([("state", "=", "to_approve")]).action_approve()
        page = self.by_link("", token)
        told = " ".join(node.text_content() for node in page.xpath("//*[@data-extension]"))
        self.assertIn("Your new due date is 04/15/2026.", " ".join(told.split()))
        with freeze_time("2026-04-17 15:00"):
            page = self.by_link("")
        self.assertFalse(page.xpath("//*[@data-extension]"), "answers are news for 30 days")

    def test_what_the_shop_does_by_itself_is_no_answer(self):
        """A manager's own extension and a clerk's dispute are not what the customer said."""
        _a, b, _c = self.debt()
        self.env["dunning.dispute"]._register_dispute(
            self.customer, self.company, self.reason, description="internal", lines=b
        )
        page = self.by_link("")
        self.assertFalse(page.xpath("//*[@data-dispute or @data-extension]"))

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

    def test_the_reason_shows_and_then_the_answer(self):
        """By link nothing of goods or health, which a reason and its answer may be about."""
        user = self.make_portal_user(self.customer, "maria_portal")
        self.debt()
        _page, dispute = self.dispute()
        by_link = self.text(self.by_link(""), "//*[@data-dispute]")
        self.assertEqual(
            by_link, "On 03/17/2026 you told the shop what is wrong. The shop is looking into it."
        )
        self.authenticate(user.login, user.login)
        page = self.get("/my/crediario")
        self.assertIn("Scratched lens", self.text(page, "//*[@data-dispute]"))
        dispute._close("resolved", "We grind you a new one")
        by_login = self.text(self.get("/my/crediario"), "//*[@data-dispute]")
        self.assertIn("We grind you a new one", by_login)
        by_link = self.text(self.by_link(""), "//*[@data-dispute]")
        self.assertNotIn("Scratched", by_link)
        self.assertNotIn("grind", by_link)

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

    def test_a_picture_that_would_fill_the_memory_is_refused(self):
        """49.7 million dots in a file of some 60 kB; the server would need 200 MB for each."""
        self.debt()
        bomb = picture("PNG", size=(7000, 7100))
        page, dispute = self.dispute(bomb, bomb, bomb)
        self.assertIn("up to 12 megapixels", self.problem(page))
        self.assertFalse(dispute)

    def test_a_photo_that_describes_itself_wrongly_is_taken(self):
        self.debt()
        broken = (
            b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\xff\xff\xff\xff\x00\x06"
        )
        _page, dispute = self.dispute(picture(size=(60, 40), exif=broken))
        self.assertEqual(len(dispute.attachment_ids), 1)

    def test_photos_of_one_customer_are_counted_by_the_hour(self):
        """12 in an hour, however they are divided among links; refused ones count."""
        self.debt()
        wrong = picture("GIF", size=(10, 10))
        for _form in range(4):
            page, _dispute = self.dispute(wrong, wrong, wrong)
            self.assertIn("no photo that can be read", self.problem(page))
        page, dispute = self.dispute(picture(size=(10, 10)))
        self.assertIn("You sent 12 photos in this hour", self.problem(page))
        self.assertFalse(dispute)
        _page, without_photo = self.dispute()
        self.assertTrue(without_photo)
        without_photo._close("resolved", "Mended")
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            _page, disputes = self.dispute(picture(size=(10, 10)))
        self.assertEqual(len(disputes.attachment_ids), 1)

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
