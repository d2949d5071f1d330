"""What a refusal says in a log."""

from decimal import Decimal

from odoo.addons.optica_cobranca.domain.shop.errors import DomainError, ErrorCode, MoneyError


def test_the_words_of_a_refusal():
    assert str(DomainError(ErrorCode.REASON_MISSING)) == "reason_missing"
    refused = MoneyError(ErrorCode.NOT_AN_AMOUNT, value=Decimal("1.5"), most=7)
    assert str(refused) == "not_an_amount: value=1.5, most=7"
    assert refused.values == {"value": Decimal("1.5"), "most": 7}
