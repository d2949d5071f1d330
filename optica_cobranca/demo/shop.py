import base64
import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models

from ..domain.shop.tax_number import formatted
from ..hooks import post_init_hook
from .old_contracts import portfolio_file
from .people import PEOPLE, STREETS, cpf

_logger = logging.getLogger(__name__)

SHOP = "Ótica Boa Vista"
TIME_ZONE = "America/Sao_Paulo"
# login (also the password), name, group
STAFF = (
    ("vendedora", "Vanessa Lima", "group_seller"),
    ("caixa", "Carla Nogueira", "group_cashier"),
    ("cobradora", "Cíntia Ramos", "group_collector"),
    ("gerente", "Gilberto Nunes", "group_manager"),
)


class DemoShop(models.AbstractModel):
    """Opens the demo shop: an optician's with staff, customers and contracts of every kind.

    Everything is done through the code that users run: the portfolio import, quotations that
    are confirmed and invoiced, payments. Dates count from the day of installation.
    """

    _name = "optica.demo.shop"
    _description = "Demo Shop"

    @api.model
    def _open(self):
        """Fill the first company with the Brazilian chart of accounts; without one, do nothing."""
        company = self._company()
        if not company:
            _logger.info(
                "No company with the Brazilian chart of accounts: no demo shop was opened."
            )
            return
        shop = self.with_company(company).with_context(
            tz=TIME_ZONE, lang=self._language(), tracking_disable=True
        )
        today = fields.Date.context_today(shop)
        shop._introduce()
        staff = shop._hire()
        shop._open_cash(staff["caixa"])
        shop._import_old_contracts(staff["gerente"], today)
        shop._complete_customers()
        shop._prescribe(staff["vendedora"], today)
        shop._sell(staff["vendedora"], today)
        shop._make_glasses(staff["vendedora"], today)
        shop._remember_messages(today)
        shop._remember(staff["gerente"], today)
        shop._pause_some(staff["cobradora"], today)
        shop._hear(staff["cobradora"], today)
        shop._recover(staff["cobradora"], staff["gerente"], today)
        shop._rate(today)
        shop._converse(staff["cobradora"])
        shop._connect_bank(staff["gerente"], today)
        shop._campaign(today)
        shop._tally_messages(today)

    def _company(self):
        companies = self.env["res.company"].search([("chart_template", "=", "br")])
        return self.env.company if self.env.company in companies else companies[:1]

    def _introduce(self):
        """Name and address for a company that has none yet; the sandbox as its gateway."""
        company = self.env.company
        if not company.vat:
            company.write(
                {
                    "name": SHOP,
                    "street": "Rua Boa Vista, 254",
                    "city": "São Paulo",
                    "zip": "01014-000",
                    "state_id": self.env.ref("base.state_br_sp").id,
                    "country_id": self.env.ref("base.br").id,
                    "phone": "+55 11 3101-0254",
                    "email": "contato@oticaboavista.example",
                    "vat": "11.222.333/0001-81",
                }
            )
        # Odoo runs it after the demo data, which need the accounts already.
        post_init_hook(self.env)
        self._give_pix_key(company)
        company.self_service = True
        self.env["contact.gateway"].create(
            {
                "name": "WhatsApp (demonstração)",
                "company_id": company.id,
                "channel": "whatsapp",
                "provider": "sandbox",
                "state": "live",
            }
        )

    def _give_pix_key(self, company):
        """A Pix key on the bank journal, so that slips carry a code to pay."""
        journal = self.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
        )
        if journal and not journal.bank_account_id:
            journal.bank_account_id = self.env["res.partner.bank"].create(
                {
                    "acc_number": "0254-10254-1",
                    "partner_id": company.partner_id.id,
                    "company_id": company.id,
                    "proxy_type": "email",
                    "proxy_value": "pix@oticaboavista.example",
                }
            )

    def _hire(self):
        """A user of each group, with the login as password, by login."""
        company = self.env.company
        users = self.env["res.users"].with_context(no_reset_password=True)
        staff = {
            login: users.create(
                {
                    "name": name,
                    "login": login,
                    "password": login,
                    "email": f"{login}@oticaboavista.example",
                    "lang": self._language(),
                    "tz": TIME_ZONE,
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                    "group_ids": [Command.set(self.env.ref(f"optica_cobranca.{group}").ids)],
                }
            )
            for login, name, group in STAFF
        }
        company.dunning_user_id = staff["cobradora"]
        return staff

    def _open_cash(self, cashier):
        """The cashier has counted this morning and fetched coins."""
        days = self.with_user(cashier).env["crediario.cash.day"]
        day = days._open(self.env.company._usual_cash_journal().with_env(days.env), 150.0)
        day._move("supply", 50.0, "Moedas para troco")

    def _language(self):
        installed = dict(self.env["res.lang"].get_installed())
        return "pt_BR" if "pt_BR" in installed else self.env.user.lang or "en_US"

    # ------------------------------------------------------------ customers

    def _import_old_contracts(self, manager, today):
        wizard = self.with_user(manager).env["crediario.portfolio.import"]
        wizard = wizard.create(
            {
                "file": base64.b64encode(portfolio_file(today)),
                "file_name": "carteira-antiga.csv",
                "plan_id": self.env.ref("optica_cobranca.plan_interest_free").id,
                "date": today.replace(day=1) - relativedelta(months=1),
                "mode": "all",
            }
        )
        wizard.action_import()

    def _customers(self):
        """The contact of each of ``PEOPLE``, in their order."""
        vats = [formatted(cpf(index)) for index in range(len(PEOPLE))]
        contacts = self.env["res.partner"].search([("vat", "in", vats)])
        by_vat = {contact.vat: contact for contact in contacts}
        return [by_vat[vat] for vat in vats]

    def _complete_customers(self):
        """What the old system did not know: address, hour of contact, language, portal access."""
        states = {state.code: state for state in self.env.ref("base.br").state_ids}
        for number, (person, customer) in enumerate(
            zip(PEOPLE, self._customers(), strict=True), start=1
        ):
            street, postcode = STREETS[person.city]
            customer.write(
                {
                    "street": f"{street}, {10 * number + 7}",
                    "zip": postcode,
                    "city": person.city,
                    "state_id": states[person.state].id,
                    "lang": self._language(),
                }
            )
        self._customer("Antônio").preferred_contact_hour = "17"
        self._customer("Sandra").preferred_contact_hour = "10"
        portal = self.env.ref("base.group_portal")
        self.env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": "cliente",
                "password": "cliente",
                "partner_id": self._customer("Helena").id,
                "lang": self._language(),
                "tz": TIME_ZONE,
                "company_id": self.env.company.id,
                "company_ids": [Command.set(self.env.company.ids)],
                "group_ids": [Command.set(portal.ids)],
            }
        )

    def _customer(self, first_name):
        [found] = [
            customer for customer in self._customers() if customer.name.split()[0] == first_name
        ]
        return found

    # ---------------------------------------------------------------- holds

    def _pause_some(self, collector, today):
        """A customer who is away, a contract being checked, a customer who wants no messages."""
        holds = self.with_user(collector).env["dunning.hold"]
        company = self.env.company
        disputed = self.env["account.move.line"].search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "=", self._customer("Eduardo").id),
                ("crediario_plan_id", "!=", False),
                ("amount_residual", ">", 0),
            ],
            order="date_maturity",
            limit=1,
        )
        holds.create(
            [
                {
                    "company_id": company.id,
                    "partner_id": self._customer("Juliana").id,
                    "date_until": today + timedelta(days=4),
                    "reason": "Está viajando e pediu contato só na volta",
                },
                {
                    "company_id": company.id,
                    "move_id": disputed.move_id.id,
                    "reason": "Conferindo os pagamentos com o sistema antigo",
                },
            ]
        )
        self.env["contact.consent"].create(
            {
                "partner_id": self._customer("Larissa").id,
                "decision": "opt_out",
                "source": "reply",
                "proof": "SAIR",
            }
        )
