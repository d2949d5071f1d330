"""Every problem of a portfolio file as a sentence that says what to do."""

from collections.abc import Callable

from odoo.tools import format_date

from ...domain.portfolio.portfolio import Column, RowCode
from ...domain.portfolio.portfolio_cells import DecimalSign
from ...domain.shop.errors import DomainError, ErrorCode
from .portfolio_file import MAX_COLUMNS, MAX_ROWS, FileCode, FileError
from .portfolio_reading import ExtraCode


def column_label(env, column: Column) -> str:
    """What a column is called in the reader's language."""
    return {
        Column.NAME: env._("Customer name"),
        Column.VAT: env._("CPF/CNPJ"),
        Column.PHONE: env._("Phone"),
        Column.EMAIL: env._("E-mail"),
        Column.BIRTHDATE: env._("Birthdate"),
        Column.CONTRACT: env._("Contract"),
        Column.NUMBER: env._("Installment number"),
        Column.DUE_DATE: env._("Due date"),
        Column.VALUE: env._("Value"),
        Column.PAID: env._("Paid value"),
    }[column]


def refusal_reason(env, code: RowCode | ExtraCode, column: Column | None) -> str:
    """Why a cell was refused and what would be accepted."""
    reasons: dict[str, Callable[[], str]] = {
        RowCode.MISSING: lambda: env._(
            "%(column)s is missing: every row needs it.", column=column_label(env, column)
        ),
        RowCode.BAD_MONEY: lambda: env._(
            "This is no amount, or one that can be read in two ways. Write it like 1.234,56 or "
            "1234.56, or choose under “Decimal Sign” how the file writes amounts."
        ),
        RowCode.BAD_DATE: lambda: env._(
            "This is no date. Write it like 31/01/2026 or 2026-01-31, the year with four digits."
        ),
        RowCode.BAD_VAT: lambda: env._(
            "This is no valid CPF or CNPJ: its check digits are wrong. Correct or empty it."
        ),
        RowCode.BAD_PHONE: lambda: env._(
            "This is no phone number with area code (DDD). Correct it or leave it empty."
        ),
        RowCode.BAD_EMAIL: lambda: env._(
            "This is no e-mail address. Correct it or leave it empty."
        ),
        RowCode.BAD_NUMBER: lambda: env._(
            "The installment number must be a whole number from 1 to 999, such as 3 or 3/10."
        ),
        RowCode.NOT_POSITIVE: lambda: env._(
            "The value of an installment must be greater than zero."
        ),
        RowCode.NEGATIVE: lambda: env._(
            "The paid value cannot be negative. Leave it empty when nothing was paid."
        ),
        RowCode.PAID_ABOVE_VALUE: lambda: env._(
            "More was paid than the installment is worth. Leave out late charges paid with it."
        ),
        RowCode.BORN_AFTER_DUE: lambda: env._("The birthdate lies after the due date."),
        RowCode.REPEATED: lambda: env._(
            "This installment of the contract stands in an earlier line too."
        ),
        RowCode.OTHER_CUSTOMER: lambda: env._(
            "The contract belongs to another customer in an earlier line."
        ),
        RowCode.OTHER_NAME: lambda: env._(
            "This CPF/CNPJ stands further up with another name. Correct the number or the name."
        ),
        ExtraCode.SHIFTED: lambda: env._(
            "The row has more values than the header has columns. Put amounts with a comma between "
            "quotation marks, or separate columns by semicolons."
        ),
    }
    return reasons[code]()


def file_reason(env, error: FileError | DomainError) -> str:
    """Why the file as a whole, or the area code for its numbers, was refused."""
    if isinstance(error, DomainError):
        return _domain_reason(env, error)
    reasons: dict[str, Callable[[], str]] = {
        FileCode.EMPTY: lambda: env._("The file has no rows below its header."),
        FileCode.TOO_BIG: lambda: env._(
            "The file is too big. Divide it into files of up to 25 MB."
        ),
        FileCode.TOO_MANY_ROWS: lambda: env._(
            "The file has more than %(limit)s rows. Divide it by contracts into several files.",
            limit=MAX_ROWS,
        ),
        FileCode.TOO_MANY_COLUMNS: lambda: env._(
            "The file has more than %(limit)s columns. Leave out those that are not needed.",
            limit=MAX_COLUMNS,
        ),
        FileCode.OLD_EXCEL: lambda: env._(
            "This is an old Excel file (.xls). Save it as .xlsx or .csv and choose it again."
        ),
        FileCode.UNREADABLE: lambda: env._(
            "The file cannot be read. Save it as .xlsx or .csv and choose it again."
        ),
    }
    return reasons[error.code]()


def _domain_reason(env, error: DomainError) -> str:
    if error.code == ErrorCode.MISSING_COLUMN:
        columns = ", ".join(column_label(env, column) for column in error.values["columns"])
        return env._(
            "The first row of the file must name the columns. Missing: %(columns)s.",
            columns=columns,
        )
    if error.code == ErrorCode.REPEATED_COLUMN:
        return env._(
            "Several columns of the file mean %(column)s: %(headers)s. Keep one of them.",
            column=column_label(env, error.values["column"]),
            headers=", ".join(error.values["headers"]),
        )
    return env._("The area code must be two digits from 1 to 9, such as 11.")


def foreign_reason(env, owner: str) -> str:
    """Why a row is refused whose contract an earlier import booked for somebody else."""
    return env._("This contract was imported earlier for another customer: %(owner)s.", owner=owner)


def different_reason(env, row, booked, currency) -> str:
    """What an earlier import booked with other values than the file has now."""
    changes = []
    if row.due_date != booked.due_date:
        changes.append(
            (env._("due date"), *(format_date(env, day) for day in (booked.due_date, row.due_date)))
        )
    for label, before, now in (
        (env._("value"), booked.value, row.value),
        (env._("paid value"), booked.paid, row.paid),
    ):
        if before != now:
            changes.append((label, *(currency._text(amount) for amount in (before, now))))
    return env._(
        "Imported earlier with other values, and left as it is: %(changes)s.",
        changes="; ".join(
            env._("%(what)s %(before)s, now %(now)s", what=what, before=before, now=now)
            for what, before, now in changes
        ),
    )


def renamed_reason(env, name: str) -> str:
    """A warning that a CPF led to a contact of quite another name."""
    return env._(
        "The CPF/CNPJ belongs to %(name)s in your contacts: the contract goes there.", name=name
    )


def archived_reason(env, name: str) -> str:
    """A warning that a CPF led to a contact that was archived."""
    return env._(
        "The CPF/CNPJ belongs to %(name)s, archived in your contacts: the contract goes there, and "
        "the contact is active again.",
        name=name,
    )


def sign_label(env, sign: DecimalSign) -> str:
    """How the amounts of a file are written, for the person who checks it."""
    return {
        DecimalSign.COMMA: env._("comma, as in 1.234,56"),
        DecimalSign.POINT: env._("point, as in 1,234.56"),
        DecimalSign.MIXED: env._("comma in some rows, point in others"),
    }[sign]
