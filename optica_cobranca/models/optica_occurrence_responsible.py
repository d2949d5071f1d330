from odoo import api, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL

from .optica_occurrence import ID_SLOTS
from .optica_occurrence_branches import INSTALLMENT_SLOT, OPEN_INSTALLMENT

CONTRACTS = SQL("SELECT id FROM account_move WHERE crediario_plan_id IS NOT NULL")


class AccountMove(models.Model):
    """Contracts by who is responsible for them, those that name nobody included."""

    _inherit = "account.move"

    _contracts_by_seller = models.Index(
        "(invoice_user_id) INCLUDE (id) WHERE crediario_plan_id IS NOT NULL"
    )


class ResPartner(models.Model):
    """Customers by who is responsible for them."""

    _inherit = "res.partner"

    _by_responsible = models.Index("(user_id) INCLUDE (id) WHERE user_id IS NOT NULL")


class OpticaOccurrence(models.Model):
    """“My customers” among a million installments.

    The responsible of an installment stands in its contract or its customer. Joined to each
    installment of a month they take seconds; here the contracts and customers of the people asked
    for are looked up once, and the index of installments is read against them.
    """

    _inherit = "optica.occurrence"

    @api.model
    def _split_responsible(self, domain):
        """Whose occurrences alone a domain asks for, and the rest of the domain.

        :return: ``(ids of users, domain)``; None for the users where it names nobody
        """
        domain = Domain(domain).optimize(self)
        parts = domain.children if isinstance(domain, DomainAnd) else (domain,)
        for part in parts:
            if (
                isinstance(part, DomainCondition)
                and (part.field_expr, part.operator) == ("user_id", "in")
                and all(user and isinstance(user, int) for user in part.value)
            ):
                return list(part.value), Domain.AND(other for other in parts if other is not part)
        return None, domain

    @api.model
    def _of_responsible(self, kind, users):
        """The condition that an installment ``line`` is of these people; TRUE without people.

        The same as that ``INSTALLMENT_USER`` is one of them, asked of the index alone.
        """
        if users is None:
            return SQL("TRUE")
        own = SQL(
            """(line.move_id IN (%(contracts)s AND invoice_user_id = ANY(%(users)s))
                OR line.partner_id IN (SELECT id FROM res_partner WHERE user_id = ANY(%(users)s))
               AND line.move_id IN (%(contracts)s AND invoice_user_id IS NULL))""",
            contracts=CONTRACTS,
            users=users,
        )
        fixed, theirs = self._companies_with_responsible(kind, users)
        if not fixed:
            return own
        return SQL(
            "(line.company_id = ANY(%s) OR line.company_id <> ALL(%s) AND %s)", theirs, fixed, own
        )

    @api.model
    def _companies_with_responsible(self, kind, users):
        """Companies with one responsible for all of a kind, and those where it is one of these."""
        settings = self.env["optica.occurrence.type"]._settings()[kind]
        return (
            [company for company, _user in settings.user_ids],
            [company for company, user in settings.user_ids if user in users],
        )

    @api.model
    def _named_domain(self, domain, kinds, first, last):
        """``domain`` over these kinds, of which there are few from ``first`` to ``last``.

        The installments of the people asked for come by their ids, from their own indexes.
        """
        users, rest = self._split_responsible(domain)
        installments = [kind for kind in kinds if kind.startswith("installment")]
        if users is None or not installments or not self._is_totalled(rest):
            return domain & Domain("kind", "in", kinds)
        others = [kind for kind in kinds if kind not in installments]
        found = self._few_installments(installments, users, first, last)
        return domain & (
            Domain("kind", "in", others)
            | Domain("kind", "in", installments) & Domain("id", "in", found)
        )

    @api.model
    def _few_installments(self, kinds, users, first, last):
        """Ids of occurrences: all of these people's installments, and maybe some more."""
        within = SQL("%s AND line.date_maturity BETWEEN %s AND %s", OPEN_INSTALLMENT, first, last)
        theirs = {
            company
            for kind in kinds
            for company in self._companies_with_responsible(kind, users)[1]
        }
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE move.crediario_plan_id IS NOT NULL AND move.invoice_user_id = ANY(%(users)s)
                   AND %(within)s
                 UNION ALL
                SELECT line.id FROM account_move_line line
                  JOIN res_partner partner ON partner.id = line.partner_id
                  JOIN account_move move ON move.id = line.move_id
                 WHERE partner.user_id = ANY(%(users)s) AND move.invoice_user_id IS NULL
                   AND %(within)s
                 UNION ALL
                SELECT line.id FROM account_move_line line
                 WHERE line.company_id = ANY(%(theirs)s) AND %(within)s
                """,
                users=users,
                theirs=list(theirs),
                within=within,
            )
        )
        return [line_id * ID_SLOTS + INSTALLMENT_SLOT for (line_id,) in rows]
