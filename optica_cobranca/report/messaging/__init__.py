from . import contact_report
from . import contact_report_tally
from . import contact_report_page
