"""Codes begin and end by the bank's word: looked up after any doubt, removed before another one."""

from datetime import date

from freezegun import freeze_time

from tests.fakes.cloud_api_behaviour import RESET, Behaviour
from tests.fakes.pix_server import ACTIVE, REMOVED_BY_BANK, executed
from tests.pix.bank_common import DUE, NOON, PixBankCommon

REMOVED = "REMOVIDA_PELO_USUARIO_RECEBEDOR"
REFUSED = Behaviour(
    status=400,
    body={"type": "https://pix.bcb.gov.br/api/v2/error/CobVOperacaoInvalida", "title": "Não"},
)


class BankWordCommon(PixBankCommon):
    def active_at_bank(self):
        """Reference of every charge that a customer could pay."""
        return {txid for txid, each in self.server.charges.items() if each["status"] == ACTIVE}

    def work(self, at):
        self.run_job("pix.charge", "_cron_charges", at)

    def book(self, lines, at=NOON):
        """Codes for the carnê of these installments, asked of the bank in one batch."""
        with freeze_time(at):
            made = self.env["pix.charge"]._charges_for_booklet(
                lines, date(2026, 3, 2), self.account
            )
        self.work(at)
        return made


class TestEnd(BankWordCommon):
    def test_published_examples(self):
        """Due on Christmas and paid until 4 January, where 29 December + 1 would end it."""
        self.company.write({"country_id": self.env.ref("base.br").id})
        self.account.valid_days = 4
        line = self.make_installments(("2026-12-25", "100.00"))
        charge = self.charge(line, "2026-12-01 15:00:00")
        self.server.holidays = {date(2026, 12, 25), date(2027, 1, 1)}
        # Friday the 25th rolls to Monday the 28th; four days on is Friday, 1 January: Monday.
        self.assertEqual(self.server.last_day(charge.txid), date(2027, 1, 4))
        self.assertEqual(str(charge.expires_at), "2027-01-05 03:00:00")

    def test_a_day_after_the_last_one_it_is_removed(self):
        """Due on a Saturday with no days after it: Monday counts, and a municipal holiday may
        add another day. Then nothing is left that could be paid."""
        self.account.valid_days = 0
        charge = self.charge(self.make_installments(("2026-04-04", "100.00")))
        self.assertEqual(self.server.last_day(charge.txid), date(2026, 4, 6))
        self.work("2026-04-07 04:30:00")
        self.assertEqual((charge.state, self.at_bank(charge)), ("active", ACTIVE))
        self.work("2026-04-08 04:30:00")
        self.assertEqual((charge.state, self.at_bank(charge)), ("expired", REMOVED))
        self.assertEqual(charge._page_state(), "over")

    def test_the_old_code_is_removed_before_the_new_one_is_shown(self):
        line = self.make_installments((DUE, "105.58"))
        first = self.charge(line, "2026-03-19 15:00:00")
        second = self.charge(line, "2026-03-20 15:00:00")
        self.assertEqual((first.state, self.at_bank(first)), ("expired", REMOVED))
        self.assertEqual(self.active_at_bank(), {second.txid})

    def test_no_new_code_while_nobody_knows_about_the_old_one(self):
        line = self.make_installments((DUE, "105.58"))
        first = self.charge(line, "2026-03-19 15:00:00")
        self.server.on("PATCH", first.txid, Behaviour(status=503, body={}))
        second = self.charge(line, "2026-03-20 15:00:00")
        self.assertEqual(second.kind, "static")
        self.assertEqual(self.active_at_bank(), {first.txid})
        self.work("2026-03-20 15:01:00")
        self.assertEqual(self.active_at_bank(), set())

    def test_paid_a_moment_ago_no_other_code_is_shown(self):
        """The bank refuses to remove the old one: it was paid. Its money is taken in at once."""
        line = self.make_installments((DUE, "105.58"))
        first = self.charge(line, "2026-03-19 15:00:00")
        found = self.customer_pays(first.txid, "108.29", "2026-03-20 02:00:00")
        shown = self.charge(line, "2026-03-20 15:00:00")
        self.assertEqual((shown, shown._page_state()), (first, "paid"))
        self.run_job("pix.payment", "_cron_payments", "2026-03-20 15:00:00")
        self.assertEqual((self.received(found).state, self.residuals(line)), ("settled", ["0.00"]))


class TestRemovedByTheBank(BankWordCommon):
    def test_another_one_is_made_when_it_is_shown(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        first = self.charge(line)
        self.server.remove(first.txid)
        second = self.charge(line, "2026-03-02 15:15:00")
        self.assertEqual((first.state, second.kind, second.state), ("cancelled", "cobv", "active"))
        self.assertEqual(self.active_at_bank(), {second.txid})

    def test_revision_that_meets_a_dead_code(self):
        """PATCH is answered with 400: read again, forgotten, made anew with the new due date."""
        line = self.make_installments(("2026-04-01", "105.58"))
        first = self.charge(line)
        self.server.remove(first.txid)
        self.account.valid_days = 30
        second = self.charge(line)
        self.assertEqual((first.state, second.state), ("cancelled", "active"))
        self.assertNotEqual(first, second)

    def test_queued_revision_does_not_loop(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        charge = self.charge(line)
        with freeze_time(NOON):
            self.env["crediario.extension"]._grant({line.id: date(2026, 4, 15)}, "Holiday")
        self.server.remove(charge.txid)
        self.work("2026-03-02 15:01:00")
        self.assertEqual((charge.state, charge.todo, charge.tries), ("cancelled", False, 0))
        anew = self.charge(line)
        self.assertEqual(
            self.server.charges[anew.txid]["calendario"]["dataDeVencimento"], "2026-04-15"
        )

    def test_terms_that_the_bank_refuses_end_the_code(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        charge = self.charge(line)
        with freeze_time(NOON):
            self.env["crediario.extension"]._grant({line.id: date(2026, 4, 15)}, "Holiday")
        self.server.on("PATCH", charge.txid, REFUSED)
        self.work("2026-03-02 15:01:00")
        self.assertEqual((charge.state, self.at_bank(charge)), ("cancelled", REMOVED))

    def test_codes_of_a_carne_are_looked_up_week_by_week(self):
        [charge] = self.book(self.make_installments(("2026-04-15", "100.00")))
        self.work("2026-03-02 15:05:00")
        self.server.remove(charge.txid)
        self.work("2026-03-08 15:05:00")
        self.assertEqual(charge.state, "active")
        self.work("2026-03-09 15:06:00")
        self.assertEqual(charge.state, "cancelled")


class TestUnsure(BankWordCommon):
    def test_made_behind_a_gateway_that_gave_up(self):
        """PUT is done, then 504: looked up by its txid, the customer gets this very code."""
        for behaviour in (executed(504), executed(500, {}), Behaviour(kind=RESET)):
            line = self.make_installments(("2026-04-01", "105.58"))
            self.server.on("PUT", "/cobv/", behaviour)
            charge = self.charge(line)
            self.assertEqual((charge.kind, charge.state), ("cobv", "active"))
            self.assertEqual(self.at_bank(charge), ACTIVE)
        self.assertEqual(len(self.active_at_bank()), 3)

    def test_made_later_than_we_looked(self):
        """The bank knows nothing yet when it is asked; what it makes then is removed."""
        line = self.make_installments(("2026-04-01", "105.58"))
        self.server.on("PUT", "/cobv/", executed(504))
        self.server.on("GET", "/cobv/", Behaviour(status=404, body={"title": "Não"}))
        self.assertEqual(self.charge(line).kind, "static")
        lost = self.env["pix.charge"].search([("state", "=", "closing")])
        self.server.on("PATCH", lost.txid, Behaviour(status=404, body={"title": "Não"}))
        self.server.on("GET", lost.txid, Behaviour(status=404, body={"title": "Não"}))
        self.work("2026-03-02 15:01:00")
        self.assertEqual(lost.state, "closing")
        self.work("2026-03-02 15:05:00")
        self.assertEqual((lost.state, self.active_at_bank()), ("cancelled", set()))

    def test_batch_behind_a_gateway_that_gave_up(self):
        """PUT /lotecobv is done, then 504: the lot is looked up, no code is made twice."""
        lines = self.make_installments(("2026-04-01", "100.00"), ("2026-05-01", "100.00"))
        self.server.on("PUT", "/lotecobv/", executed(504))
        made = self.book(lines)
        self.assertEqual(set(made.mapped("todo")), {"look"})
        self.work("2026-03-02 15:05:00")
        self.assertEqual(set(made.mapped("state")), {"active"})
        self.assertEqual(self.active_at_bank(), set(made.mapped("txid")))
        self.assertFalse(self.server.asked("PUT", "/cobv/"))

    def test_batch_that_is_still_being_made(self):
        """Asked for one by one meanwhile, the bank answers 400: nothing has failed."""
        lines = self.make_installments(("2026-04-01", "100.00"), ("2026-05-01", "13.13"))
        self.server.lots_wait = True
        made = self.book(lines)
        made.todo = "make"
        self.work("2026-03-02 15:05:00")
        self.assertEqual(set(made.mapped("state")), {"new"})
        self.server.process_lots()
        self.work("2026-03-02 15:10:00")
        by_due = made.sorted("id")
        self.assertEqual(by_due.mapped("state"), ["active", "failed"])
        self.assertIn("Valor recusado", by_due[1].last_error)

    def test_withdrawn_while_its_batch_is_being_made(self):
        """The bank refuses to remove what it has not made: it is removed once it is."""
        line = self.make_installments(("2026-04-01", "100.00"))
        self.server.lots_wait = True
        [charge] = self.book(line)
        self.receive(line, ("cash", "100.00"), on=DUE)
        self.work("2026-03-02 15:05:00")
        self.assertEqual(charge.state, "closing")
        self.server.process_lots()
        self.work("2026-03-02 15:10:00")
        self.assertEqual((charge.state, self.at_bank(charge)), ("cancelled", REMOVED))

    def test_removal_that_the_bank_refuses_calls_a_person(self):
        line = self.make_installments(("2026-04-01", "100.00"))
        charge = self.charge(line)
        self.receive(line, ("cash", "100.00"), on=DUE)
        self.server.on("PATCH", charge.txid, *[REFUSED] * 5)
        for minute in (1, 3, 6, 12, 25):
            self.work(f"2026-03-02 15:{minute:02d}:30")
        self.assertEqual((charge.state, charge.tries), ("closing", 5))
        self.assertEqual(
            self.account.activity_ids.mapped("summary"), ["A Pix code cannot be withdrawn"]
        )
        self.work("2026-03-02 16:30:00")
        self.assertEqual((charge.state, self.at_bank(charge)), ("cancelled", REMOVED))

    def test_refused_and_unknown_is_refused(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        self.server.on("PUT", "/cobv/", REFUSED)
        self.assertEqual(self.charge(line).kind, "static")
        failed = self.env["pix.charge"].search([("kind", "=", "cobv")], limit=1)
        self.assertEqual((failed.state, failed.todo), ("failed", False))


class TestLostRequest(BankWordCommon):
    """What a request asked of the bank and did not keep."""

    def test_a_code_that_nobody_keeps_is_withdrawn(self):
        line = self.make_installments((DUE, "105.58"))
        lost = self.charge(line)
        txid = lost.txid
        lost.unlink()  # as when the process dies, or a later step of the request fails
        self.work("2026-03-02 15:09:00")
        self.assertEqual(self.active_at_bank(), {txid})
        self.work("2026-03-02 15:11:00")
        found = self.env["pix.charge"].search([("txid", "=", txid)])
        self.assertEqual(
            (found.state, found.line_ids, found.amount, found.partner_id),
            ("cancelled", line, 105.58, self.customer),
        )
        self.assertEqual(self.at_bank(found), REMOVED)
        self.assertFalse(self.env["pix.attempt"].search([]))

    def test_paid_all_the_same_its_money_finds_the_installment(self):
        line = self.make_installments((DUE, "105.58"))
        lost = self.charge(line)
        found = self.customer_pays(lost.txid, "105.58")
        lost.unlink()
        self.minute("2026-03-02 15:11:00")
        self.assertEqual((self.received(found).state, self.residuals(line)), ("settled", ["0.00"]))

    def test_the_next_code_is_not_in_its_way(self):
        line = self.make_installments((DUE, "105.58"))
        self.charge(line).unlink()
        shown = self.charge(line, "2026-03-02 15:01:00")
        self.work("2026-03-02 15:12:00")
        self.assertEqual(self.active_at_bank(), {shown.txid})

    def test_what_was_kept_is_left_alone(self):
        charge = self.charge(self.make_installments((DUE, "105.58")))
        self.assertEqual(self.env["pix.attempt"].search([]).txid, charge.txid)
        self.work("2026-03-02 15:11:00")
        self.assertEqual((charge.state, self.active_at_bank()), ("active", {charge.txid}))
        self.assertFalse(self.env["pix.attempt"].search([]))


class TestWithoutCode(BankWordCommon):
    def test_neither_code_nor_location(self):
        self.server.leaves_out = {"location", "pixCopiaECola"}
        charge = self.charge(self.make_installments(("2026-04-01", "105.58")))
        self.assertEqual((charge.kind, bool(charge.code)), ("static", True))
        self.assertIn("without a code", self.account.last_error)
        self.work("2026-03-02 15:01:00")
        self.assertEqual(self.active_at_bank(), set())

    def test_location_is_longer_than_published(self):
        self.server.leaves_out = {"pixCopiaECola"}
        self.server.host = "pix.example.com/" + "a" * 60
        self.assertEqual(self.charge(self.make_installments(("2026-04-01", "5.00"))).kind, "static")

    def test_location_alone_is_enough(self):
        self.server.leaves_out = {"pixCopiaECola"}
        charge = self.charge(self.make_installments(("2026-04-01", "5.00")))
        self.assertEqual(charge.kind, "cobv")
        self.assertIn(charge.location, charge.code)

    def test_removed_by_the_bank_is_told_apart(self):
        charge = self.charge(self.make_installments(("2026-04-01", "5.00")))
        self.server.remove(charge.txid)
        self.assertEqual(self.at_bank(charge), REMOVED_BY_BANK)
