from odoo import api, models
from odoo.tools import SQL

from ...domain.portfolio.portfolio_data import Customer, CustomerBook
from ...domain.shop.phone import match_key, to_e164

CPF_LENGTH = 11
CREATE_AT_ONCE = 500


class PortfolioCustomers(models.AbstractModel):
    """Finds the customers of an imported portfolio among the contacts, and creates the others."""

    _name = "crediario.portfolio.customers"
    _description = "Customers of an Imported Portfolio"

    @api.model
    def _book_of_known(self, customers: list[Customer], company) -> CustomerBook:
        """The contacts that could be one of these customers, in one query.

        Contacts of the company go before shared ones, companies and people before their
        addresses, older before newer. An archived one is found by its CPF/CNPJ alone, when no
        other has it: a second contact with the same number would split one customer's debts.
        """
        self.env["res.partner"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT id, name, upper(regexp_replace(vat, '[^0-9A-Za-z]', '', 'g')),
                       phone, email, birthdate, active
                  FROM res_partner
                 WHERE (company_id IS NULL OR company_id = %(company)s)
                   AND (active
                        OR upper(regexp_replace(vat, '[^0-9A-Za-z]', '', 'g')) = ANY(%(vats)s))
                   AND (upper(regexp_replace(vat, '[^0-9A-Za-z]', '', 'g')) = ANY(%(vats)s)
                        OR contact_phone_key = ANY(%(phones)s)
                        OR birthdate = ANY(%(birthdates)s)
                        OR lower(email) = ANY(%(emails)s))
              ORDER BY active DESC, company_id IS NULL, parent_id IS NOT NULL, id
                """,
                company=company.id,
                vats=[customer.vat for customer in customers if customer.vat],
                phones=[match_key(customer.phone) for customer in customers if customer.phone],
                birthdates=[customer.birthdate for customer in customers if customer.birthdate],
                emails=[customer.email.lower() for customer in customers if customer.email],
            )
        )
        return CustomerBook(
            Customer(name or "", vat, to_e164(phone), email, birthdate, partner_id)
            if active
            else Customer(name or "", vat, partner_id=partner_id, archived=True)
            for partner_id, name, vat, phone, email, birthdate, active in self.env.cr.fetchall()
        )

    @api.model
    def _ensure_partners(self, customers: list[Customer], company):
        """Give every customer a contact: fill what its contact lacks, create the missing ones."""
        self._complete_known([customer for customer in customers if customer.partner_id])
        missing = [customer for customer in customers if not customer.partner_id]
        partners = self.env["res.partner"].with_company(company).with_context(tracking_disable=True)
        for start in range(0, len(missing), CREATE_AT_ONCE):
            part = missing[start : start + CREATE_AT_ONCE]
            created = partners.create(
                [self._partner_values(customer, company) for customer in part]
            )
            for customer, partner in zip(part, created, strict=True):
                customer.partner_id = partner.id
            self.env.flush_all()
            self.env.invalidate_all()

    def _complete_known(self, customers):
        partners = self.env["res.partner"].browse([customer.partner_id for customer in customers])
        for customer, partner in zip(customers, partners, strict=True):
            values = {
                name: value
                for name, value in self._contact_values(customer).items()
                if value and not partner[name]
            }
            if customer.archived:
                values["active"] = True
            if not partner.customer_rank:
                values["customer_rank"] = 1
            if values:
                partner.write(values)

    def _partner_values(self, customer, company):
        is_company = bool(customer.vat and len(customer.vat) > CPF_LENGTH)
        return {
            **self._contact_values(customer),
            "name": customer.name,
            "is_company": is_company,
            "customer_rank": 1,
            "country_id": company.country_id.id or self.env.ref("base.br").id,
            "l10n_latam_identification_type_id": self.env.ref(
                "l10n_br.cnpj" if is_company else "l10n_br.cpf"
            ).id,
        }

    def _contact_values(self, customer):
        return {
            "vat": customer.vat,
            "phone": customer.phone
            and self.env["res.partner"]._phone_format(
                number=customer.phone, force_format="INTERNATIONAL"
            ),
            "email": customer.email,
            "birthdate": customer.birthdate,
        }
