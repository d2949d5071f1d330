{
    "name": "Ótica: Crediário and Promotions",
    "summary": "Promotions and coupons discount what is sold, not the price of its credit",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Ótica Cobrança",
    "license": "LGPL-3",
    "depends": ["optica_cobranca", "sale_loyalty"],
    "auto_install": True,
}
