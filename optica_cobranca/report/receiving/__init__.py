from . import receipt_report
from . import cash_day_report
