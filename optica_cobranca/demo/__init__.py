from . import (
    shop,
    shop_campaigns,
    shop_history,
    shop_inbox,
    shop_pix,
    shop_prescriptions,
    shop_results,
    shop_sales,
    shop_service,
)
