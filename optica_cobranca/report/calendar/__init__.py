from . import birthday_report
from . import optica_campaign_report
