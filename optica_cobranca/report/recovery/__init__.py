from . import letter_report
from . import dossier_report
