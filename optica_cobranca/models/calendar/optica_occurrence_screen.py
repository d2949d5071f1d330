from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL, format_date

from ...domain.shop import phone
from .optica_occurrence import ID_SLOTS, INSTALLMENT_SLOT, OPEN_INSTALLMENT

# So many records of one kind show by name in a view of the calendar; more become one chip a day.
NAMED = {"day": 60, "week": 100, "month": 200, "year": 0}
MOVABLE = ("delivery_promised", "delivery_late", "promise_due")
# What was missed is still to do for so many days; kinds that are not here until it is handled.
LOOK_BACK = {"birthday": 3, "prescription_expired": 30}
# Messages queued by one click.
MAX_AT_ONCE = 500
OF_DEPENDANT = "birthday_dependant"
CONTRACTS = SQL("SELECT id FROM account_move WHERE crediario_plan_id IS NOT NULL")


class OpticaOccurrence(models.Model):
    """What the calendar asks for: one call, whatever the number of occurrences in its range."""

    _inherit = "optica.occurrence"

    @api.model
    def load_calendar(self, domain, first, last, scale, names):
        """Occurrences from ``first`` to ``last`` that match ``domain``.

        A kind with few of them comes as records. Of one with many there is a count and a sum for
        each day: nobody reads three thousand names in a month, and PostgreSQL answers this from
        its indexes alone.

        :param scale: ``day``, ``week``, ``month`` or ``year``
        :param names: fields of the records, as for ``read``
        :return: ``records`` and ``days``: dicts of ``date``, ``kind``, ``color``, ``is_handled``,
            ``count``, ``amount`` (sum, None if the kind has none) and ``title``
        """
        within = Domain("date", ">=", first) & Domain("date", "<=", last) & Domain(domain)
        groups = self.env.execute_query(self._query_by_day(within))
        totals = {}
        for _day, kind, _is_handled, count, _amount in groups:
            totals[kind] = totals.get(kind, 0) + count
        limit = NAMED.get(scale, 0)
        named = [kind for kind, count in totals.items() if count <= limit]
        records = []
        if named:
            records = self.search_read(self._named_domain(within, named, first, last), names)
        return {
            "records": records,
            "days": self._as_chips([group for group in groups if group[1] not in named]),
        }

    @api.model
    def _query_by_day(self, domain):
        """Rows day, kind, handled or not, count, sum; through the reader's record rules."""
        return self._query_totals(domain, ["date", "kind", "is_handled"])

    @api.model
    def _as_chips(self, groups):
        settings = self.env["optica.occurrence.type"]._settings()
        labels = dict(self._fields["kind"]._description_selection(self.env))
        currency = self.env.companies.currency_id
        return [
            {
                "date": fields.Date.to_string(day),
                "kind": kind,
                "color": settings[kind].color,
                "is_handled": is_handled,
                "count": count,
                # Sums of several currencies say nothing.
                "amount": float(amount) if amount is not None and len(currency) == 1 else None,
                "title": " · ".join(
                    [
                        f"{count} × {labels[kind]}",
                        *(
                            [currency._text(amount)]
                            if amount is not None and len(currency) == 1
                            else []
                        ),
                    ]
                ),
            }
            for day, kind, is_handled, count, amount in groups
        ]

    @api.model
    def action_open_day(self, kind, day, is_handled, domain=()):
        """The list of one kind on one day, as the calendar counted it.

        :param domain: what else the calendar was filtered by
        """
        labels = dict(self._fields["kind"]._description_selection(self.env))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_optica_occurrence_list"
        )
        shown = [("kind", "=", kind), ("date", "=", day), ("is_handled", "=", is_handled)]
        return {
            **action,
            "name": labels[kind],
            "domain": [*shown, *domain],
            "context": {},
        }

    # ------------------------------------ Occurrences that somebody took care of

    def action_mark_handled(self):
        """Ask for the result and a note, for one or many."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark as Handled"),
            "res_model": "optica.occurrence.handle",
            "views": [(False, "form")],
            "target": "new",
            "context": {"active_model": self._name, "active_ids": self.ids},
        }

    def action_undo_handled(self):
        """Back to what is to do."""
        self._undo_handled()

    def _mark_handled(self, result="done", note=""):
        """Mark these occurrences as handled by the present user.

        A call that stands in Odoo's own activities is done there, too.

        :return: the marks that are new; those handled before keep who, when and what
        """
        self.check_access("read")
        occurrences = self.filtered(lambda occurrence: not occurrence.is_handled)
        marks = self.env["optica.occurrence.mark"]._add(
            [
                {
                    "kind": occurrence.kind,
                    "source_model": occurrence.source_model,
                    "source_id": occurrence.source_id,
                    "date": occurrence.event_date,
                    "partner_id": occurrence.partner_id.id,
                    "company_id": occurrence.company_id.id,
                }
                for occurrence in occurrences
            ],
            result,
            note,
        )
        occurrences._source_activities().filtered("active").action_feedback(feedback=note or False)
        self._forget()
        return marks

    def _mark_key(self):
        """What its mark is found by: kind, model and id of the source, day."""
        self.ensure_one()
        return (self.kind, self.source_model, self.source_id, self.event_date)

    def _undo_handled(self):
        """Take the marks of these occurrences back; what the activities' list had comes back."""
        self.check_access("read")
        handled = self.filtered("is_handled")
        handled._source_activities().filtered(lambda activity: not activity.active).write(
            {"active": True}
        )
        # With sudo: whoever reads the occurrence takes the mark back, and need not read its note.
        handled.sudo().mark_id._undo()
        self._forget()

    def _source_activities(self):
        ids = self.filtered(lambda occurrence: occurrence.source_model == "mail.activity").mapped(
            "source_id"
        )
        return self.env["mail.activity"].with_context(active_test=False).browse(ids).exists()

    def _forget(self):
        """Nothing of an occurrence is stored, so its values are read again after a change."""
        self.env["optica.occurrence"].invalidate_model()

    # ---- Dragging in the calendar: a delivery or a promise gets another day, after a question
    # All else stands where its record says: an installment is moved by an extension, with its
    # reason.

    def question_of_move(self, day):
        """What is asked before the record is changed.

        :param day: the new day, as text
        :raise UserError: it may not be moved there
        """
        day = self._check_move(day)
        values = {
            "customer": self.partner_name or "",
            "old": format_date(self.env, self.date),
            "new": format_date(self.env, day, date_format="full"),
        }
        question = (
            self.env._(
                "Promise the glasses of %(customer)s for %(new)s instead of %(old)s?", **values
            )
            if self.kind != "promise_due"
            else self.env._(
                "%(customer)s promises to pay until %(new)s instead of %(old)s? The old promise is "
                "replaced by a new one.",
                **values,
            )
        )
        if self.env.company._business_calendar().is_business_day(day):
            return question
        return f"{question}\n{self.env._('On this day the shop does not work.')}"

    def move_to(self, day):
        """Change the record: the promised day of the glasses, or a new promise for the old one.

        :raise UserError: it may not be moved there, or what the rules of promises say
        """
        day = self._check_move(day)
        if self.kind == "promise_due":
            promise = self.env["dunning.promise"].browse(self.source_id)
            promise._register_promise(
                promise.partner_id,
                promise.company_id,
                day,
                promise.missing_amount,
                lines=promise.move_line_ids.filtered("amount_residual"),
                note=promise.note,
            )
        else:
            self.env["optica.service.order"].browse(self.source_id).promised_date = day
        self._forget()

    def _check_move(self, day):
        self.ensure_one()
        if self.kind not in MOVABLE:
            raise UserError(
                self.env._(
                    "This cannot be dragged to another day. Only deliveries that are promised and "
                    "promises to pay can."
                )
            )
        day = fields.Date.to_date(day)
        if not day or day < fields.Date.context_today(self):
            raise UserError(self.env._("Choose today or a later day."))
        return day

    # ---- What is to do on a day, and sending the message of a kind to all of it

    @api.model
    def _todo_domain(self, kind, today):
        """What of a kind is to do on ``today``: due within its lead days, or missed before."""
        lead_days = self.env["optica.occurrence.type"]._settings()[kind].lead_days
        domain = (
            Domain("kind", "=", kind)
            & Domain("is_handled", "=", False)
            & Domain("date", "<=", today + timedelta(days=lead_days))
        )
        if kind in LOOK_BACK:
            domain &= Domain("date", ">=", today - timedelta(days=LOOK_BACK[kind]))
        return domain

    def _send_by_kind(self, author=None):
        """Queue the message of each occurrence's kind, and mark it as handled.

        Marked first, so that two people, or a person and a job, never write twice about the same.

        :return: the new messages
        :raise UserError: a kind has no message
        """
        messages = self.env["contact.message"]
        for template, occurrences in self.grouped(lambda each: each._template()).items():
            if not template:
                raise UserError(self._without_message(occurrences[0].kind))
            mine = occurrences._mark_handled("sent").mapped("source_id")
            for model, records in occurrences._sources(mine).items():
                messages |= self.env["contact.message"]._enqueue(
                    self.env[model].browse(records), template, author=author
                )
        # The job repeats none of it, the report counts it.
        self.env["optica.campaign.sending"].sudo()._remember(self, messages)
        return messages

    def _template(self):
        """The message of this occurrence; of a child's birthday the guardian gets another text."""
        self.ensure_one()
        kind = self.env["optica.occurrence.type"]._of_kind(self.kind)
        company = self.company_id or self.env.company
        if self.kind == "birthday" and self.partner_id.payer_id:
            return kind._template_for(company, code=OF_DEPENDANT)
        return kind._template_for(company)

    def _sources(self, source_ids):
        """``{model: ids}`` of the records these occurrences come from, among ``source_ids``."""
        wanted = self.filtered(lambda occurrence: occurrence.source_id in set(source_ids))
        return {
            model: group.mapped("source_id")
            for model, group in wanted.grouped("source_model").items()
        }

    @api.model
    def _without_message(self, kind):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "“%(kind)s” has no message yet. Choose one in Configuration > Kinds of Occurrences.",
            kind=labels[kind],
        )

    def contact_links(self):
        """Where a click calls or writes: ``tel`` and ``whatsapp``, False without a number."""
        self.ensure_one()
        self.check_access("read")
        number = phone.to_e164(self.phone) if self.phone else None
        return {
            "tel": f"tel:{number}" if number else False,
            "whatsapp": f"https://wa.me/{number.lstrip('+')}" if number else False,
        }

    # ------------------------------- “My customers” among a million installments
    # The responsible of an installment stands in its contract or its customer. Joined to each
    # installment of a month they take seconds; here the contracts and customers of the people
    # asked for are looked up once, and the index of installments is read against them.

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

    # ------------------------------------------------------------- actions

    def action_send_birthday(self):
        """Choose the message to these customers, the greeting proposed."""
        kind = self.env["optica.occurrence.type"]._of_kind("birthday")
        action = self._action_send_message()
        template = kind._template_for(self.env.company)
        return {**action, "context": {**action["context"], "default_template_id": template.id}}
