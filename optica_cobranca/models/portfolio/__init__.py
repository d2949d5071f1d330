"""What the shop had before: contracts, customers and payments, taken over from a file."""

from . import portfolio_entry
from . import portfolio_customers
from . import portfolio_comparison
from . import portfolio_booking
