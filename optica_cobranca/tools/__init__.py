"""What models share that is no model: texts of SQL, values that carry records, the web client.

Nothing here is a model or asks for one (no ``env[…]`` of its own): records come in as arguments.
Of Odoo only ``odoo.tools`` is used. Rules that need no Odoo at all are in ``domain``; what speaks
with outside services is in ``clients``.
"""
