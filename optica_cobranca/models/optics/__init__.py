"""Prescriptions, patients, and glasses on their way from the counter to the lab and back."""

from . import optica_service_order
from . import optica_service_order_line
from . import optica_service_order_message
from . import product_template
from . import sale_order_service
from . import account_move_service
from . import res_partner
from . import dunning_evaluation_service
from . import res_company
from . import optica_prescriber
from . import optica_prescription
from . import optica_prescription_words
from . import optica_prescription_access
from . import optica_prescription_paper
from . import placeholder_values
