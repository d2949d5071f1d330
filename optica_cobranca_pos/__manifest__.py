{
    "name": "Ótica: Crediário at the Point of Sale",
    "summary": "A sale on the customer's account is a contract with plan and due dates",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Ótica Cobrança",
    "license": "LGPL-3",
    "depends": ["optica_cobranca", "point_of_sale"],
    "data": ["views/pos_order_views.xml"],
    "assets": {
        "point_of_sale._assets_pos": ["optica_cobranca_pos/static/src/**/*"],
    },
    "auto_install": True,
}
