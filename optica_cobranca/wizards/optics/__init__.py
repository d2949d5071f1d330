from . import optica_prescription_book
from . import optica_service_step
