from . import crediario_paper
from . import carne_report
from . import contract_report
from . import statement_report
from . import offer_report
