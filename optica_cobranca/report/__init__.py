from . import crediario
from . import receiving
from . import messaging
from . import agreement
from . import recovery
from . import optics
from . import calendar
