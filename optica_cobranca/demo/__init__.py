from . import shop, shop_history, shop_prescriptions, shop_sales
