def post_init_hook(env):
    """Give the companies that already keep books the accounts that the product needs."""
    env["res.company"].search([])._create_crediario_accounts()
