"""What happens on which day, the page of today, and messages to whom it concerns."""

from . import optica_occurrence_type
from . import optica_occurrence_mark
from . import optica_occurrence
from . import optica_occurrence_kinds
from . import optica_occurrence_screen
from . import optica_today
from . import optica_campaign_sending
from . import optica_campaign
from . import optica_campaign_run
