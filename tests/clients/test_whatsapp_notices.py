"""News about templates, the number and the account, read."""

from datetime import datetime, timezone

import pytest

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook
from odoo.addons.optica_cobranca.clients.meta.whatsapp_notices import (
    AccountNews,
    AccountState,
    NumberNews,
    TemplateNews,
    read_news,
)

ID = "278077987957091"


def test_news(sample):
    batch = parse_webhook(sample("webhook_news"))
    assert batch.unknown == ()
    assert {notice.account_id for notice in batch.notices} == {"102290129340398"}
    assert [notice.news for notice in batch.notices] == [
        TemplateNews("aviso_parcela", "pt_BR", ID, status="PAUSED", category="UTILITY"),
        TemplateNews("aviso_parcela", "pt_BR", ID, category="MARKETING"),
        TemplateNews("lembrete", "pt_BR", ID, coming_category="MARKETING"),
        TemplateNews("aviso_parcela", "pt_BR", ID, quality="RED"),
        NumberNews("555133330000", "FLAGGED", "TIER_10K"),
        AccountNews("DISABLED_UPDATE", AccountState.DISABLED, detail="DISABLE"),
        AccountNews(
            "ACCOUNT_RESTRICTION",
            AccountState.RESTRICTED,
            datetime(2025, 12, 3, 12, 0, tzinfo=timezone.utc),
            "RESTRICTED_BIZ_INITIATED_MESSAGING, RESTRICTED_ADD_PHONE_NUMBER_ACTION",
        ),
        AccountNews("ACCOUNT_VIOLATION", AccountState.WARNED, detail="SPAM"),
        AccountNews("DISABLED_UPDATE", AccountState.REINSTATED, detail="REINSTATE"),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "news"),
    [
        ("security", {"event": "PIN_CHANGED"}, None),
        ("message_template_status_update", {"event": "APPROVED"}, None),
        (
            "message_template_status_update",
            {
                "event": "REJECTED",
                "reason": "PROMOTIONAL",
                "message_template_id": None,
                "message_template_name": "a",
                "message_template_language": "pt_BR",
            },
            TemplateNews("a", "pt_BR", status="REJECTED", reason="PROMOTIONAL"),
        ),
        (
            "message_template_quality_update",
            {
                "new_quality_score": "UNKNOWN",
                "message_template_name": "a",
                "message_template_language": "pt_BR",
            },
            TemplateNews("a", "pt_BR"),
        ),
        (
            "business_capability_update",
            {"max_daily_conversations_per_business": "TIER_2K"},
            NumberNews(None, "BUSINESS_CAPABILITY_UPDATE", "TIER_2K"),
        ),
        (
            "business_capability_update",
            {"max_daily_conversation_per_phone": 1000},
            NumberNews(None, "BUSINESS_CAPABILITY_UPDATE", "1000"),
        ),
        (
            "phone_number_quality_update",
            {"current_limit": []},
            NumberNews(None, "PHONE_NUMBER_QUALITY_UPDATE"),
        ),
        ("account_review_update", {"decision": "APPROVED"}, AccountNews("APPROVED")),
        (
            "account_review_update",
            {"decision": "REJECTED"},
            AccountNews("REJECTED", AccountState.DISABLED),
        ),
        (
            "account_update",
            {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}},
            AccountNews("DISABLED_UPDATE", AccountState.WARNED, detail="SCHEDULE_FOR_DISABLE"),
        ),
        (
            "account_update",
            {"event": "DISABLED_UPDATE"},
            AccountNews("DISABLED_UPDATE", AccountState.DISABLED),
        ),
        (
            "account_update",
            {"event": "ACCOUNT_RESTRICTION", "restriction_info": [5, {"restriction_type": "X"}]},
            AccountNews("ACCOUNT_RESTRICTION", AccountState.WARNED, detail="X"),
        ),
        (
            "account_update",
            {
                "event": "ACCOUNT_RESTRICTION",
                "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}],
            },
            AccountNews(
                "ACCOUNT_RESTRICTION",
                AccountState.RESTRICTED,
                detail="RESTRICTED_BIZ_INITIATED_MESSAGING",
            ),
        ),
        (
            "account_update",
            {"event": "ACCOUNT_DELETED"},
            AccountNews("ACCOUNT_DELETED", AccountState.DISABLED),
        ),
        ("account_update", {"event": "PARTNER_ADDED"}, AccountNews("PARTNER_ADDED")),
        ("account_update", {}, AccountNews("")),
    ],
)
def test_read_news(kind, value, news):
    assert read_news(kind, value) == news
