"""Make the new database's company a Brazilian optician; ``env`` comes from Odoo's shell."""

sao_paulo = env.ref("base.state_br_sp")
env.company.partner_id.write(
    {
        "name": "Ótica Boa Vista",
        "street": "Rua Boa Vista, 254",
        "city": "São Paulo",
        "zip": "01014-000",
        "state_id": sao_paulo.id,
        "country_id": sao_paulo.country_id.id,
        "phone": "+55 11 3101-0254",
        "email": "contato@oticaboavista.example",
        "vat": "11.222.333/0001-81",
        "tz": "America/Sao_Paulo",
    }
)
env["res.users"].with_context(active_test=False).search([]).write({"tz": "America/Sao_Paulo"})
env["ir.default"].set("res.partner", "tz", "America/Sao_Paulo")
# Only modules whose dependencies carry the mark get their demo data: the shop's own comes
# with this addon, and that of Odoo's addons (furniture, in US dollars) stays out.
env["ir.module.module"].search([("state", "=", "installed")]).write({"demo": True})
env.cr.commit()
