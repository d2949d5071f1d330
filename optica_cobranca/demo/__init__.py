from . import shop, shop_history, shop_prescriptions, shop_sales
from . import shop, shop_history, shop_sales, shop_service
from . import shop, shop_history, shop_inbox, shop_sales
from . import shop, shop_history, shop_results, shop_sales
