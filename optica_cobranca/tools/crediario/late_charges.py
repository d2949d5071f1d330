from odoo.tools import SQL

from ...domain.crediario.late_charges import DAYS_OF_MONTH


def late_charge_sql(kind: str, *, residual: SQL, percent: SQL, days: SQL, grace: SQL) -> SQL:
    """The formula of late charges of an installment without a history, in SQL.

    The same as ``domain.crediario.late_charges`` with the same rounding; divided last, as there.

    :param kind: ``fine`` or ``interest``
    :param days: days charged, from the due date rolled to a business day
    :return: numeric, to the cent; NULL while nothing is charged
    """
    share = SQL("/ 100") if kind == "fine" else SQL("* %s / %s", days, 100 * DAYS_OF_MONTH)
    return SQL(
        """CASE WHEN %(residual)s > 0 AND %(days)s > %(grace)s
                THEN round(%(residual)s * %(percent)s %(share)s, 2) END""",
        residual=residual,
        percent=percent,
        days=days,
        grace=grace,
        share=share,
    )
