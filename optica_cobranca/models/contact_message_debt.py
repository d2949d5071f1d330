from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.tools import SQL

from ..domain.ladder import due_or_next
from ..domain.money import cents
from .contact_values import OF_DEBT, Subject


@dataclass
class Debt:
    """What of a message's debt is still to be collected.

    :param open_ids: open installments that nothing holds
    :param residual: their residual, BRL
    :param is_held: something is open, and all of it is held
    """

    open_ids: tuple[int, ...] = ()
    residual: Decimal = Decimal(0)
    is_held: bool = False


class ContactMessage(models.Model):
    """What messages are about: the installments, what is open of them, and the words for it."""

    _inherit = "contact.message"

    def _gather_debts(self, facts):
        concerned = self.filtered(lambda message: message._is_about_debt())
        lines_of = concerned._installment_ids(facts.now)
        states = concerned._installment_states(lines_of, facts.now)
        for message in concerned:
            facts.debts[message.id] = self._debt_of(lines_of[message.id], states)

    @api.model
    def _debt_of(self, line_ids, states):
        known = [(line_id, *states[line_id]) for line_id in line_ids if line_id in states]
        unpaid = [(line_id, residual, held) for line_id, residual, held in known if residual > 0]
        free = [(line_id, residual) for line_id, residual, held in unpaid if not held]
        return Debt(
            open_ids=tuple(line_id for line_id, _residual in free),
            residual=sum((residual for _line_id, residual in free), Decimal(0)),
            is_held=bool(unpaid) and not free,
        )

    def _is_about_debt(self):
        used = self.template_id._placeholders_used(
            "whatsapp"
        ) | self.template_id._placeholders_used("sms")
        return self.purpose == "collection" or bool(OF_DEBT & used)

    def _installment_ids(self, now=None):
        """Installments each message is about: of its notice, its contract, or the customer's.

        :param now: aware instant at which a customer is asked for what is due, else what comes
            next; without it, and in messages that ask for nothing, all of the customer's count
        :return: dict of message id -> list of account.move.line ids
        """
        found = defaultdict(list)
        found.update(self._installments_of_notices())
        moves, others = self._contracts_and_others()
        found.update(self._installments_by("move_id", moves, now))
        found.update(self._installments_by("partner_id", others, now))
        return found

    def _installments_of_notices(self):
        messages = self.filtered("notice_id")
        if not messages:
            return {}
        lines = defaultdict(list)
        query = SQL(
            "SELECT notice_id, move_line_id FROM dunning_notice_line WHERE notice_id = ANY(%s)",
            messages.notice_id.ids,
        )
        for notice_id, line_id in self.env.execute_query(query):
            lines[notice_id].append(line_id)
        return {message.id: lines[message.notice_id.id] for message in messages}

    def _contracts_and_others(self):
        """Messages about contracts with their moves' ids, and those about the whole customer."""
        moves, others = {}, {}
        for message in self.filtered(lambda message: not message.notice_id):
            if message.res_model == "account.move":
                moves[message] = [message.res_id]
            elif message.res_model == "sale.order":
                order = self.env["sale.order"].sudo().browse(message.res_id).exists()
                moves[message] = order.invoice_ids.ids
            else:
                others[message] = message.partner_id.commercial_partner_id.ids
        return moves, others

    @api.model
    def _installments_by(self, column, keys_of_message, now=None):
        if not keys_of_message:
            return {}
        lines = defaultdict(dict)
        query = SQL(
            """SELECT %(column)s, company_id, id, date_maturity FROM account_move_line
                WHERE %(column)s = ANY(%(keys)s) AND crediario_plan_id IS NOT NULL
                  AND parent_state = 'posted' AND amount_residual > 0""",
            column=SQL.identifier(column),
            keys=[key for keys in keys_of_message.values() for key in keys],
        )
        for key, company_id, line_id, due in self.env.execute_query(query):
            lines[key, company_id][line_id] = due
        return {
            message.id: [
                line
                for key in keys
                for line in message._asked_for(lines[key, message.company_id.id], now)
            ]
            for message, keys in keys_of_message.items()
        }

    def _asked_for(self, dues, now):
        """Of a customer's open installments (id: due date) those that this message is about."""
        if not now or self.purpose != "collection":
            return list(dues)
        return due_or_next(dues, self._local_day(now))

    def _local_day(self, now):
        return now.astimezone(ZoneInfo(self.company_id.contact_timezone)).date()

    def _installment_states(self, lines_of, now, ignored=()):
        """Residual and hold of installments.

        :param ignored: ranks of holds that do not count for these messages
        :return: dict of line id -> (residual in cents, whether a hold silences it)
        """
        states = {}
        for company, messages in self.grouped("company_id").items():
            ids = [line for message in messages for line in lines_of[message.id]]
            if not ids:
                continue
            today = now.astimezone(ZoneInfo(company.contact_timezone)).date()
            holds = self.env["dunning.evaluation"].sudo()._hold_queries(company, today)
            query = SQL(
                """
                WITH hold (partner_id, move_id, move_line_id, rank) AS (%(holds)s)
                SELECT line.id, line.amount_residual,
                       COALESCE(partner.dunning_excluded, false) OR EXISTS (
                           SELECT FROM hold
                            WHERE hold.rank <> ALL(%(ignored)s) AND (
                                  hold.partner_id = line.partner_id OR hold.move_id = line.move_id
                               OR hold.move_line_id = line.id))
                  FROM account_move_line line
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.id = ANY(%(ids)s) AND line.parent_state = 'posted'
                """,
                holds=SQL(" UNION ALL ").join(holds),
                ids=ids,
                ignored=list(ignored),
            )
            for line_id, residual, held in self.env.execute_query(query):
                states[line_id] = cents(residual), held
        return states

    def _gather_values(self, facts):
        for company, messages in self.grouped("company_id").items():
            names = set()
            for template in messages.template_id:
                names.update(
                    *(template._placeholders_used(channel) for channel in template._channels())
                )
            facts.values.update(
                self.env["contact.values"]._for_subjects(
                    [message._subject(facts.debts.get(message.id)) for message in messages],
                    names,
                    facts.now.astimezone(ZoneInfo(company.contact_timezone)).date(),
                )
            )

    def _subject(self, debt):
        return Subject(
            key=self.id,
            company_id=self.company_id.id,
            partner_id=self.partner_id.id,
            line_ids=debt.open_ids if debt else (),
            lang=self._lang(),
            stop_link=self._stop_link(),
            res_model=self.res_model or None,
            res_id=self.res_id or None,
            leaves=bool(self._origin.id),
        )

    def _lang(self):
        """Language of the words around dates and amounts: the template's, if installed."""
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self.template_id.whatsapp_language, self.partner_id.lang)
        return next((code for code in wanted if code in installed), None)
