from . import (
    shop,
    shop_campaigns,
    shop_claims,
    shop_history,
    shop_inbox,
    shop_pix,
    shop_prescriptions,
    shop_recovery,
    shop_results,
    shop_sales,
    shop_service,
)
