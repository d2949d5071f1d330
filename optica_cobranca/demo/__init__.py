from . import shop, shop_history, shop_sales
