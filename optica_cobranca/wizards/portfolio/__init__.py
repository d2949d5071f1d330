from . import portfolio_import
from . import portfolio_import_problem
from . import portfolio_import_report
