"""Typed errors of the rules: a code from a closed vocabulary and the values that explain it."""

from .vocabulary import Vocabulary


class ErrorCode(Vocabulary):
    """Why a rule refused its input. The comment names the keys of `DomainError.values`."""

    # money
    NOT_AN_AMOUNT = "not_an_amount"  # value
    PARTS_BELOW_ONE = "parts_below_one"  # count
    PARTS_ABOVE_MOST = "parts_above_most"  # count, most
    # schedule
    BAD_RANGE = "bad_range"  # min_days, max_days
    BAD_DUE_DAY = "bad_due_day"  # day
    NO_ALLOWED_FIRST_DUE = "no_allowed_first_due"  # earliest, latest, allowed_days
    YEAR_TOO_FAR = "year_too_far"  # first_due, last_year
    ANCHOR_MISMATCH = "anchor_mismatch"  # first_due, anchor_day
    # price of the credit
    NEGATIVE_PRINCIPAL = "negative_principal"  # principal
    NEGATIVE_RATE = "negative_rate"  # rate
    UNKNOWN_METHOD = "unknown_method"  # method, allowed
    CET_UNDEFINED = "cet_undefined"  # principal
    # business days
    UNKNOWN_STATE = "unknown_state"  # state
    NO_BUSINESS_DAY = "no_business_day"  # day
    # late charges
    FINE_ABOVE_LIMIT = "fine_above_limit"  # fine_percent, limit
    NEGATIVE_VALUE = "negative_value"  # field, value
    # ladder
    DUPLICATE_LEVEL = "duplicate_level"  # offset_days
    LEVEL_AFTER_STOP = "level_after_stop"  # offset_days, limit
    # contact window
    HOURS_NOT_ALLOWED = "hours_not_allowed"  # day, start, end, allowed_from, allowed_to
    NAIVE_INSTANT = "naive_instant"  # value
    UNKNOWN_TIMEZONE = "unknown_timezone"  # timezone
    NO_PERMITTED_TIME = "no_permitted_time"  # after
    # message states
    UNKNOWN_EVENT = "unknown_event"  # event
    NOT_REQUEUABLE = "not_requeuable"  # state
    BAD_ATTEMPT = "bad_attempt"  # attempt
    # gate
    WINDOW_MISSING = "window_missing"  # purpose
    # phone
    BAD_AREA_CODE = "bad_area_code"  # area_code
    # message text
    UNKNOWN_PLACEHOLDER = "unknown_placeholder"  # name
    MISSING_VALUE = "missing_value"  # name
    MALFORMED_PLACEHOLDER = "malformed_placeholder"  # text
    # portfolio
    BAD_MONEY = "bad_money"  # value
    BAD_DATE = "bad_date"  # value
    MISSING_COLUMN = "missing_column"  # columns
    REPEATED_COLUMN = "repeated_column"  # column, headers
    # division of an amount by weights
    NO_WEIGHTS = "no_weights"  # total
    # terms of a sale or an agreement
    DOWN_PAYMENT_TOO_HIGH = "down_payment_too_high"  # down_payment, limit
    FIRST_DUE_TOO_EARLY = "first_due_too_early"  # first_due, earliest
    BAD_PERCENT = "bad_percent"  # field, value
    # Pix
    PIX_FIELD_EMPTY = "pix_field_empty"  # field
    PIX_FIELD_INVALID = "pix_field_invalid"  # field, value, limit
    PIX_MALFORMED = "pix_malformed"  # position
    PIX_BAD_CHECK = "pix_bad_check"  # expected, found
    # agreement
    DISCOUNT_ABOVE_DEBT = "discount_above_debt"  # field, discount, limit
    NOTHING_OWED = "nothing_owed"  # net
    PAID_ABOVE_AMOUNT = "paid_above_amount"  # key, paid, amount
    # allocation of what the cashier received
    REPEATED_KEY = "repeated_key"  # key
    WAIVER_ABOVE_OWED = "waiver_above_owed"  # key, field, waived, owed
    REDUCTION_ABOVE_PRINCIPAL = "reduction_above_principal"  # key, reduction, principal
    TENDER_ABOVE_OWED = "tender_above_owed"  # tendered, owed, excess
    NOTHING_TENDERED = "nothing_tendered"  # owed
    # promise
    PROMISE_IN_PAST = "promise_in_past"  # promised, today
    PROMISE_TOO_LATE = "promise_too_late"  # promised, latest
    PROMISE_NOT_POSITIVE = "promise_not_positive"  # amount
    PROMISE_ABOVE_OWED = "promise_above_owed"  # amount, owed
    # service order
    NO_SUCH_TRANSITION = "no_such_transition"  # state, target
    LAB_MISSING = "lab_missing"
    DELIVERY_DATE_MISSING = "delivery_date_missing"
    NOT_ACCEPTED = "not_accepted"
    SALE_NOT_CONFIRMED = "sale_not_confirmed"
    MANAGER_ONLY = "manager_only"
    UNDO_TOO_LATE = "undo_too_late"  # delivered
    # extension
    NEW_DUE_NOT_LATER = "new_due_not_later"  # new_due, current_due
    NEW_DUE_IN_PAST = "new_due_in_past"  # new_due, today
    NEW_DUE_TOO_FAR = "new_due_too_far"  # new_due, latest
    SHIFT_OUT_OF_RANGE = "shift_out_of_range"  # shift, longest
    # cash day
    NEGATIVE_CASH = "negative_cash"  # field, value
    TAKEN_ABOVE_COUNTED = "taken_above_counted"  # counted, taken_out
    CASH_NOT_POSITIVE = "cash_not_positive"  # amount
    OUT_ABOVE_EXPECTED = "out_above_expected"  # amount, expected
    # forgiveness
    REASON_MISSING = "reason_missing"
    FORGIVEN_ABOVE_LIMIT = "forgiven_above_limit"  # charges, principal
    DATE_IN_FUTURE = "date_in_future"  # on, today
    # fiscal document
    FISCAL_KEY_SHAPE = "fiscal_key_shape"  # found
    FISCAL_KEY_DIGIT = "fiscal_key_digit"  # found


class DomainError(ValueError):
    """A rule refused its input.

    `code` is an `ErrorCode`, `values` holds what a sentence about it needs (dates, limits,
    the refused value). The English text of the exception is for logs and developers only.
    """

    def __init__(self, code: ErrorCode, **values: object) -> None:
        self.code = code
        self.values = values
        details = ", ".join(f"{name}={value!s}" for name, value in values.items())
        super().__init__(f"{code}: {details}" if details else str(code))


class MoneyError(DomainError):
    """An amount or a division of it makes no sense."""


class ScheduleError(DomainError):
    """No due date, or not this one, is allowed by the plan."""


class PriceError(DomainError):
    """The credit cannot be priced with these terms."""


class CalendarError(DomainError):
    """A calendar of business days cannot be had or has no business day."""


class ChargeError(DomainError):
    """Terms of late charges are outside the law, or a payment is negative."""


class ForgivenessError(DomainError):
    """More would be forgiven than the role may, or without a reason."""


class LadderError(DomainError):
    """A dunning policy contradicts itself."""


class WindowError(DomainError):
    """Hours of contact are outside the limits, or no permitted hour exists."""


class MessageStateError(DomainError):
    """A message state, event or attempt is unknown or forbidden."""


class GateError(DomainError):
    """The gate was asked without the facts that it needs."""


class PhoneError(DomainError):
    """A telephone setting is not Brazilian."""


class TemplateError(DomainError):
    """A message text cannot be rendered."""


class PortfolioError(DomainError):
    """A cell or the header of an imported portfolio cannot be read."""


class SettlementError(DomainError):
    """An early settlement rule or amount makes no sense."""


class PixError(DomainError):
    """A Pix code or reference cannot be built or read."""


class AgreementError(DomainError):
    """An agreement cannot be made, or not be undone, with these amounts."""


class AllocationError(DomainError):
    """What the cashier received cannot be spread as asked."""


class ExtensionError(DomainError):
    """A due date cannot be moved to this day."""


class PromiseError(DomainError):
    """Nobody may promise this amount for this day."""


class ServiceOrderError(DomainError):
    """A service order may not take this step."""


class CashDayError(DomainError):
    """The drawer cannot hold what is said of it."""


class FiscalKeyError(DomainError):
    """What was given is no key of a fiscal document."""
