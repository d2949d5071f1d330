"""Pure rules of store credit and collection.

Nothing here knows Odoo, a database, the network or a clock: dates, instants, rates and random
generators come in as arguments, dataclasses go out. Money is BRL as `Decimal` cents, rates are
percentages (`Decimal("1.00")` is 1 %), instants are aware and returned in UTC. A broken rule
raises a `DomainError` with a code that the ORM edge translates once.
"""
