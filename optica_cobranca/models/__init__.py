"""Odoo's models, room by room, the lowest first: a room uses those before it, never those after.

What a later room adds to a method of an earlier one goes through a door, a method that the head of
the earlier room's package names. ``./dev lint`` checks both; docs/architecture.md tells more.
"""

from . import shop
from . import crediario
from . import portfolio
from . import receiving
from . import ladder
from . import messaging
from . import agreement
from . import claims
from . import rating
from . import recovery
from . import pix
from . import optics
from . import worklist
from . import inbox
from . import calendar
from . import portal
from . import desk
