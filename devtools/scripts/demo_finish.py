"""Take the marks of ``demo_company`` off again and check that the demo data came in."""

others = env["ir.module.module"].search([("demo", "=", True), ("name", "!=", "optica_cobranca")])
others.write({"demo": False})
env.cr.commit()
failures = env["ir.demo_failure"].search([])
if failures:
    raise SystemExit(f"The demo data cannot be loaded: {failures[0].error}")
