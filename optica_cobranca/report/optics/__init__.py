from . import service_order_report
from . import prescription_book_report
from . import prescription_copy_report
