from . import optica_campaign_forecast
from . import optica_occurrence_handle
