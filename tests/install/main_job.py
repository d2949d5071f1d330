"""The main job with real commits, as the shop's people do it, in whatever database it is played.

``play(env)`` runs in Odoo's shell: glasses (out of the stock, if there is one) are sold in three
installments, the first is late, the customer is written to, pays with charges, and is left alone
afterwards.
"""

from freezegun import freeze_time

from odoo import Command

SOLD = "2026-01-05 15:00:00"
LATE = "2026-02-23 15:00:00"  # a Monday noon in São Paulo, 18 days after the first due date
NEXT_DAY = "2026-02-24 15:00:00"
GROUPS = (
    "optica_cobranca.group_manager",
    "sales_team.group_sale_manager",
    "account.group_account_invoice",
    "stock.group_stock_user",
)


def play(env):
    """Returns, by step, what there is to see."""
    env = env(context={**env.context, "tracking_disable": True})
    clerk = person(env)
    with freeze_time(SOLD):
        sale, invoice = sell(clerk)
        env.cr.commit()
    lines = invoice.installment_ids.sorted("installment_number")
    told = {
        "installments": [
            [line.installment_number, str(line.date_maturity), line.balance] for line in lines
        ]
    }
    if has_stock(env):
        goods = sale.order_line.filtered("product_id.is_storable")
        told |= {"delivered": goods.qty_delivered, "in_stock": goods.product_id.qty_available}
    with freeze_time(LATE):
        gateway = env["contact.gateway"].create(
            {"name": "Try", "channel": "whatsapp", "provider": "sandbox", "state": "live"}
        )
        env.cr.commit()
        told |= collect(env, sale.partner_id, gateway)
        told |= pay(clerk, lines[0])
        env.cr.commit()
    with freeze_time(NEXT_DAY):
        env["dunning.run"].collect_now()
        told["notices_after_payment"] = env["dunning.notice"].search_count(
            [("partner_id", "=", sale.partner_id.id), ("date", "=", NEXT_DAY[:10])]
        )
    return told


def person(env):
    """The environment of a manager who also sells and delivers, with no rights beyond that."""
    env.company.write(
        {
            "name": "Otica Teste",
            "phone": "(11) 3333-4444",
            "state_id": env.ref("base.state_br_sp").id,
        }
    )
    groups = [env.ref(group, raise_if_not_found=False) for group in GROUPS]
    user = env["res.users"].create(
        {
            "name": "Gerente",
            "login": "gerente_teste",
            "tz": "America/Sao_Paulo",
            "group_ids": [Command.link(group.id) for group in groups if group],
        }
    )
    env.cr.commit()
    return env(user=user.id)


def has_stock(env):
    return "stock.quant" in env


def sell(clerk):
    """Glasses for 900.00, one of five in stock, delivered and invoiced in three installments."""
    goods = {"name": "Glasses", "type": "consu", "list_price": 900.0, "invoice_policy": "order"}
    product = clerk["product.product"].sudo().create(goods)
    if has_stock(clerk):
        product.is_storable = True
        place = clerk["stock.warehouse"].search([], limit=1).lot_stock_id
        clerk["stock.quant"].sudo()._update_available_quantity(product, place, 5)
    customer = clerk["res.partner"].create(
        {
            "name": "Maria da Silva",
            "phone": "+55 11 96123-4567",
            "vat": "529.982.247-25",
            "birthdate": "1985-09-20",
            "street": "Rua Augusta, 100",
            "zip": "01304-001",
            "city": "São Paulo",
            "state_id": clerk.ref("base.state_br_sp").id,
            "country_id": clerk.ref("base.br").id,
        }
    )
    sale = clerk["sale.order"].create(
        {
            "partner_id": customer.id,
            "crediario_plan_id": clerk.ref("optica_cobranca.plan_interest_free").id,
            "installment_count": 3,
            "first_due_date": "2026-02-05",
            "order_line": [
                Command.create(
                    {"product_id": product.id, "price_unit": 900.0, "tax_ids": [Command.clear()]}
                )
            ],
        }
    )
    sale.action_confirm()
    if has_stock(clerk):
        sale.picking_ids.move_ids.write({"quantity": 1, "picked": True})
        # Asks nobody whether the customer gets an SMS about it.
        sale.picking_ids.with_context(skip_sms=True).button_validate()
    invoice = sale._create_invoices()
    invoice.action_post()
    return sale, invoice


def collect(env, customer, gateway):
    """The night's run and the morning's messages, and what the provider says of them."""
    env["dunning.run"].collect_now()
    env["contact.event"].sudo()._play_sandbox(gateway)
    env.cr.commit()
    notice = env["dunning.notice"].search([("partner_id", "=", customer.id)])
    message = env["contact.message"].search([("notice_id", "=", notice.id)])
    return {
        "level": notice.level_id.offset_days,
        "message": [message.channel, message.state],
        "asked": notice.amount_total,
    }


def pay(clerk, line):
    """The late installment with its fine and interest."""
    wizard = (
        clerk["account.payment.register"]
        .with_context(active_model="account.move.line", active_ids=line.ids)
        .create({})
    )
    wizard._create_payments()
    payment = line.move_id._get_reconciled_payments()
    company = clerk.company.sudo()
    accounts = {"fine": company.late_fine_account_id, "interest": company.late_interest_account_id}
    booked = {
        kind: -sum(
            payment.move_id.line_ids.filtered_domain([("account_id", "=", account.id)]).mapped(
                "balance"
            )
        )
        for kind, account in accounts.items()
    }
    return {"paid": payment.amount, "residual": line.amount_residual, "booked": booked}
