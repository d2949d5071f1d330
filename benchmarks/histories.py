"""Random histories of contracts with bookings out of order, and how many break a rule: none.

    ./dev bench histories [--histories N] [--from SEED]

Each history is played by the product's own methods (see ``tests/crediario/money_history.py``) and
rolled back. ``violations`` counts what did not hold after some act: a fine of more than the plan's
percentage in an installment's life, charges in the books that nobody paid, an amount that depends
on the order in which facts became known, an undo that is not exact, a list that says something
else. Each is printed with its seed, by which it can be played again.
"""

import argparse
from collections.abc import Sequence

from benchmarks import harness
from tests.crediario.money_history import MoneyHistory

DEFAULT_HISTORIES = 1_000


def main(argv: Sequence[str]) -> int:
    """Play ``--histories`` histories from seed ``--from`` on."""
    parser = argparse.ArgumentParser(prog="histories", description=__doc__)
    parser.add_argument("--histories", type=int, default=DEFAULT_HISTORIES)
    parser.add_argument("--from", type=int, default=0, dest="first")
    options = parser.parse_args(argv)
    violations = broken = 0
    with harness.odoo_environment() as env:
        player = _manager(env)
        company = env.ref("base.main_company")
        company._create_crediario_accounts()
        company._create_counter_methods()
        with harness.measured() as work:
            for seed in range(options.first, options.first + options.histories):
                found = _play(env, player, company, seed)
                violations += len(found)
                broken += bool(found)
                for sentence in found:
                    print(f"seed {seed}: {sentence}", flush=True)
        env.cr.rollback()
    return harness.report(
        "histories", options.histories, work, violations=violations, broken=broken
    )


def _manager(env):
    """Whoever books: a manager who keeps the books, too."""
    groups = ("optica_cobranca.group_manager", "account.group_account_manager")
    return env["res.users"].create(
        {
            "name": "Manager",
            "login": "histories.manager",
            "group_ids": [(4, env.ref(name).id) for name in groups],
        }
    )


def _play(env, player, company, seed):
    with env.cr.savepoint(flush=False) as savepoint:
        found = MoneyHistory(env(user=player), company, seed).play()
        savepoint.rollback()
    env.invalidate_all()
    env.registry.clear_cache()
    return found
