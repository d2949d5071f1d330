"""Verify every company's evidence, a line for each; ``env`` comes from Odoo's shell."""

evidence = env["optica.evidence"].sudo()
for company in env["res.company"].sudo().search([], order="id"):
    found = evidence._verify(company)
    mark = "BROKEN" if found["broken"] else "VERIFIED"
    print(mark, " ".join(evidence._told(found).split("\n")))
