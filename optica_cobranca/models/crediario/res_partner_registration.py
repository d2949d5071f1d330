from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ...domain.shop import phone, tax_number

BRAZIL = "BR"


class ResPartner(models.Model):
    """Taking down a new customer: checked while it is typed, told what is known already."""

    _inherit = "res.partner"

    registration_warning = fields.Char(
        compute="_compute_registration_warning",
        help="Other contacts with this CPF, CNPJ or telephone, and what cannot be right.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("vat", "phone", "country_id")
    def _compute_registration_warning(self):
        """Of what is being typed: an opened contact that is left as it is costs nothing."""
        for partner in self:
            partner.registration_warning = (
                " ".join(partner._registration_warnings()) if partner._is_being_typed() else False
            )

    def _is_being_typed(self):
        stored = self._origin
        return self != stored and (
            not stored or (self.vat, self.phone) != (stored.vat, stored.phone)
        )

    def _registration_warnings(self):
        number = tax_number.plain(self.vat or "")
        if number and self._is_brazilian() and not tax_number.is_valid(number):
            yield self.env._(
                "%(number)s is no CPF or CNPJ: its check digits do not fit. Compare it with the "
                "customer's document.",
                number=self.vat,
            )
        if self.phone and self._is_brazilian() and not self._contact_number():
            yield self.env._(
                "The telephone needs its area code, such as (11) 96123-4567: without it no message "
                "reaches the customer."
            )
        twins = self._registration_twins()
        if twins:
            yield self.env._(
                "Known already with this CPF, CNPJ or telephone: %(customers)s.",
                customers=format_list(self.env, twins.mapped("display_name")),
            )

    def _registration_twins(self):
        """Others with the same CPF or CNPJ, however it is written, or the same telephone.

        With sudo: that somebody is registered already is no secret of the colleague who did it.
        Archived ones, too: whoever comes back has a history.
        """
        domains = []
        number = tax_number.plain(self.vat or "")
        if tax_number.is_valid(number):
            domains.append(Domain("vat", "in", [number, tax_number.formatted(number)]))
        reached = self._contact_number(self.env.company._contact_area_code())
        if reached:
            domains.append(Domain("contact_phone_key", "=", phone.match_key(reached)))
        if not domains:
            return self.browse()
        companies = [False, *(self.company_id or self.env.companies).ids]
        others = Domain("id", "not in", self._origin.ids) & Domain("company_id", "in", companies)
        known = self.sudo().with_context(active_test=False)
        return known.search(Domain.OR(domains) & others, limit=5).sudo(False)

    def _is_brazilian(self):
        country = self.country_id or self.env.company.country_id
        return country.code == BRAZIL

    # ------------------------------------------------------------ onchange

    @api.model
    def _with_registration_defaults(self):
        """A person who is typed in lives where the shop is, until somebody says otherwise."""
        country = self.env.company.country_id
        if country.code != BRAZIL or "default_country_id" in self.env.context:
            return self
        return self.with_context(default_country_id=country.id)

    def onchange(self, values, field_names, fields_spec):
        """A form that opens for a new contact names the country of the shop."""
        is_new = not field_names and not self
        records = self._with_registration_defaults() if is_new else self
        return super(ResPartner, records).onchange(values, field_names, fields_spec)

    @api.model
    def name_create(self, name):
        """The same for a name typed into a field of customers."""
        return super(ResPartner, self._with_registration_defaults()).name_create(name)

    @api.onchange("vat")
    def _onchange_vat_format(self):
        if self.vat and self._is_brazilian():
            self.vat = tax_number.formatted(self.vat)

    @api.onchange("phone")
    def _onchange_phone_area_code(self):
        """A number as it is told at the counter, without its area code, has that of the shop."""
        if not self.phone or not self._is_brazilian() or self._contact_number():
            return
        number = self._contact_number(self.env.company._contact_area_code())
        if number:
            self.phone = self._phone_format(number=number, force_format="INTERNATIONAL") or number

    @api.onchange("zip")
    def _onchange_zip_city(self):
        """City and state of a CEP, from the ranges that came with Odoo; nobody outside is asked."""
        if not self.zip or not self._is_brazilian():
            return
        digits = "".join(filter(str.isdigit, self.zip))
        if len(digits) != 8:  # a CEP has eight digits
            return
        self.zip = f"{digits[:5]}-{digits[5:]}"
        city = self._city_of_zip(self.zip)
        if city:
            self.city_id = city
            self.city = city.name
            self.state_id = city.state_id
            self.country_id = city.country_id

    @api.onchange("city_id")
    def _onchange_city_id(self):
        """Core empties the CEP when a city is chosen; one that lies in this city stays."""
        code = self.zip
        result = super()._onchange_city_id()
        if code and self.city_id and self._city_of_zip(code) == self.city_id:
            self.zip = code
        return result

    @api.model
    def _city_of_zip(self, code):
        """The city whose range a CEP such as 01014-000 lies in; empty where none is known."""
        ranges = self.env["l10n_br.zip.range"].sudo()
        return ranges.search([("start", "<=", code), ("end", ">=", code)], limit=1).city_id

    # --------------------------------------------------------- constraints

    @api.constrains("birthdate")
    def _check_birthdate_is_past(self):
        today = fields.Date.context_today(self)
        for partner in self.filtered("birthdate"):
            if partner.birthdate > today or partner.birthdate.year < today.year - 130:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: a date of birth lies in the past, within 130 years; "
                        "%(date)s was entered.",
                        customer=partner.display_name or "",
                        date=format_date(self.env, partner.birthdate),
                    )
                )

    @api.model
    def _run_vat_checks(self, country, vat, partner_name="", validation="error"):
        """A CPF or CNPJ that passed core's check is kept as people read it."""
        checked, code = super()._run_vat_checks(country, vat, partner_name, validation)
        if checked and country.code == BRAZIL and tax_number.is_valid(checked):
            checked = tax_number.formatted(checked)
        return checked, code

    def _run_check_identification(self, validation="error"):
        """Core leaves numbers of the kind CPF unchecked, since that kind is no VAT number."""
        result = super()._run_check_identification(validation=validation)
        kinds = self.env.ref("l10n_br.cpf", raise_if_not_found=False)
        for partner in self.filtered("vat"):
            if not kinds or partner.l10n_latam_identification_type_id != kinds:
                continue
            if tax_number.is_valid(partner.vat):
                text = tax_number.formatted(partner.vat)
                if partner.vat != text:
                    partner.vat = text
            elif validation == "error":
                raise ValidationError(
                    self.env._(
                        "%(customer)s: %(number)s is no CPF: its check digits do not fit.",
                        customer=partner.display_name or "",
                        number=partner.vat,
                    )
                )
        return result

    # ------------------------------------------------------------ business

    def _registration_missing(self, plan):
        """What ``plan`` wants to know of a buyer on credit and the shop does not know.

        :return: list of translated names, empty when nothing is missing
        """
        self.ensure_one()
        buyer = self.sudo().commercial_partner_id
        wanted = [
            (
                plan.requires_tax_number,
                tax_number.is_valid(buyer.vat or "") or (buyer.vat and not buyer._is_brazilian()),
                self.env._("CPF"),
            ),
            (plan.requires_address, buyer.street and buyer.city, self.env._("address")),
            (
                plan.requires_phone,
                buyer._contact_number(self.env.company._contact_area_code()),
                self.env._("telephone with area code"),
            ),
            (
                plan.requires_birthdate,
                buyer.is_company or buyer.birthdate,
                self.env._("date of birth"),
            ),
        ]
        return [name for is_wanted, is_there, name in wanted if is_wanted and not is_there]

    def _registration_problem(self, plan):
        """A sentence on what is missing before this customer buys with ``plan``, or False."""
        missing = self._registration_missing(plan)
        if not missing:
            return False
        return self.env._(
            "Before %(customer)s buys on credit, enter in the contact: %(missing)s.",
            customer=self.commercial_partner_id.name or "",
            missing=format_list(self.env, missing),
        )
