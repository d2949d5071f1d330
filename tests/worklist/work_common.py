"""Base of the tests of the work list: late customers, a collector, a frozen moment."""

from contextlib import contextmanager

from freezegun import freeze_time

from odoo.tests import new_test_user

from ..ladder.dunning_common import DunningCommon

# Friday, 20 March 2026, 10:00 in São Paulo.
NOW = "2026-03-20 13:00:00"
TODAY = "2026-03-20"


class WorkCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whatever the template's database has open is not the subject here.
        cls.env.cr.execute("UPDATE account_move_line SET amount_residual = 0 WHERE TRUE")
        cls.ana = cls.make_collector("Ana")
        cls.bia = cls.make_collector("Bia")

    @classmethod
    def make_collector(cls, name, group="collector"):
        return new_test_user(
            cls.env,
            f"work_{name}",
            f"optica_cobranca.group_{group}",
            name=name,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            tz="America/Sao_Paulo",
        )

    @classmethod
    def make_late(cls, name, due, amount, **values):
        """A customer with one installment."""
        values.setdefault("phone", "+55 11 96123-4567")
        partner = cls.make_customer(name, **values)
        cls.make_installments((due, amount), partner=partner)
        return partner

    def work(self, user=None, **context):
        """The work list as a collector sees it."""
        user = user or self.ana
        return (
            self.env["dunning.work"]
            .with_user(user)
            .with_context(tz=user.tz, lang="en_US", allowed_company_ids=self.company.ids, **context)
        )

    @contextmanager
    def at(self, moment=NOW):
        with freeze_time(moment):
            yield

    def listed(self, user=None, at=NOW, **filters):
        """Names of the list, in its order."""
        with freeze_time(at):
            return [row["name"] for row in self.work(user).load(filters)["rows"]]

    def counts(self, user=None, at=NOW, **filters):
        """How many are in each part of the list; those without anybody left out."""
        with freeze_time(at):
            counts = self.work(user).load(filters)["counts"]
        return {status: count for status, count in counts.items() if count}

    def record(self, partner, result, user=None, at=NOW, **values):
        """Open the customer and record a result."""
        with freeze_time(at):
            card = self.work(user).take(partner.id, self.company.id)
            values = {"opened_at": card["opened_at"], **values}
            done = self.work(user).record(partner.id, self.company.id, result, values)
        self.env.invalidate_all()
        return self.env["dunning.call"].browse(done["call_id"]), done

    def open_card(self, partner, user=None, at=NOW):
        with freeze_time(at):
            return self.work(user).take(partner.id, self.company.id)
