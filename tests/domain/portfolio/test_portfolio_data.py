"""Who is who in a file of debts and the database, and what a contract of it is worth."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.portfolio.portfolio import PortfolioRow
from odoo.addons.optica_cobranca.domain.portfolio.portfolio_data import (
    Comparison,
    Contract,
    Customer,
    CustomerBook,
    ImportedContract,
    by_contract,
)

D = Decimal
VAT, OTHER_VAT = "12345678909", "00123456797"
PHONE, BORN = "+5511996123456", date(1980, 2, 29)


def row(line, contract="C-1", value="100.00", paid="0.00", **more):
    return PortfolioRow(
        line, "Ana Lima", contract, line, date(2026, 3, 10), D(value), D(paid), **more
    )


@pytest.mark.parametrize(
    ("customer", "signs"),
    [
        (Customer("Ána  LIMA"), []),
        (Customer("Ana", vat=VAT), [("vat", VAT)]),
        # with and without the ninth digit it is one telephone
        (Customer("Ána  LIMA", phone=PHONE), [("phone", "ana lima", "551196123456")]),
        (Customer("Ana", phone="+551196123456"), [("phone", "ana", "551196123456")]),
        (Customer("Ana", birthdate=BORN), [("birthdate", "ana", BORN)]),
        (Customer("Ana", email="Ana@Example.com"), [("email", "ana", "ana@example.com")]),
        (
            Customer("Ana", VAT, PHONE, "a@b.co", BORN),
            [
                ("vat", VAT),
                ("phone", "ana", "551196123456"),
                ("birthdate", "ana", BORN),
                ("email", "ana", "a@b.co"),
            ],
        ),
    ],
)
def test_what_a_customer_is_known_by_the_strongest_first(customer, signs):
    assert list(customer.signs()) == signs


def test_a_row_describes_a_customer():
    found = Customer.of(row(2, vat=VAT, phone=PHONE, email="a@b.co", birthdate=BORN))
    assert found == Customer("Ana Lima", VAT, PHONE, "a@b.co", BORN)
    assert (found.partner_id, found.archived) == (None, False)


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Ana Souza", "ÁNA Lima", True),  # married
        ("Ana", "Ana Lima", True),
        ("Ana Lima", "Bia Lima", False),
    ],
)
def test_first_names(name, other, same):
    assert Customer(name).has_same_first_name(Customer(other)) is same


def test_only_what_is_not_known_is_taken_over():
    customer = Customer("Ana", vat=VAT, email="first@b.co")
    customer.complete(Customer("Ana B", OTHER_VAT, PHONE, "second@b.co", BORN))
    assert customer == Customer("Ana", VAT, PHONE, "first@b.co", BORN)
    bare = Customer("Ana", phone="+551133334444", birthdate=date(1990, 1, 1))
    bare.complete(Customer("Ana", VAT, PHONE, "a@b.co", BORN))
    assert bare == Customer("Ana", VAT, "+551133334444", "a@b.co", date(1990, 1, 1))


@pytest.mark.parametrize(
    ("asked", "is_known"),
    [
        (Customer("Somebody Else", vat=VAT), True),
        (Customer("ANA", phone="+551196123456"), True),
        (Customer("Ana", email="A@B.CO"), True),
        (Customer("Ana", birthdate=BORN), True),
        # another CPF is another person, whatever else agrees
        (Customer("Ana", OTHER_VAT, PHONE, "a@b.co", BORN), False),
        # the same telephone under another name
        (Customer("Bia", phone=PHONE), False),
        # by the name alone nobody of the database is meant
        (Customer("Ana"), False),
        # an unknown CPF, but the same telephone and name: the entry has one, too
        (Customer("Ana", phone=PHONE, birthdate=date(1990, 1, 1)), True),
        (Customer("Ana", phone="+5521996123456"), False),
    ],
)
def test_who_is_found(asked, is_known):
    known = Customer("Ana", VAT, PHONE, "a@b.co", BORN, partner_id=7)
    assert CustomerBook([known]).find(asked) is (known if is_known else None)


def test_a_customer_without_cpf_may_turn_out_to_have_one():
    known = Customer("Ana", phone=PHONE)
    book = CustomerBook([known])
    asked = Customer("Ana", vat=VAT, phone=PHONE)
    assert book.find(asked) is known
    assert book.find_or_add(asked) is known
    assert known.vat == VAT
    # from now on the CPF alone finds it, and another CPF does not
    assert book.find(Customer("A. Lima", vat=VAT)) is known
    assert book.find(Customer("Ana", vat=OTHER_VAT, phone=PHONE)) is None


def test_a_name_alone_is_one_customer_of_the_file():
    book = CustomerBook()
    first = book.find_or_add(Customer("Ana Lima"))
    assert book.find_or_add(Customer("ÁNA  lima")) is first
    assert book.find_or_add(Customer("Bia Lima")) is not first
    # who has a sign is not taken for who has none
    assert book.find_or_add(Customer("Ana Lima", vat=VAT)) is not first


def test_who_came_first_keeps_a_sign_that_two_have():
    first, second = Customer("Ana", VAT, PHONE), Customer("Ana", OTHER_VAT, PHONE)
    book = CustomerBook([first, second])
    assert book.find(Customer("Ana", phone=PHONE)) is first
    assert book.find(Customer("Ana", vat=OTHER_VAT)) is second


CUSTOMERS = st.builds(
    Customer,
    st.sampled_from(["Ana", "Ana Lima", "Bia"]),
    st.sampled_from([None, VAT, OTHER_VAT]),
    st.sampled_from([None, PHONE, "+551133334444"]),
    st.sampled_from([None, "a@b.co"]),
    st.sampled_from([None, BORN]),
)


@given(st.lists(CUSTOMERS, max_size=8))
def test_who_was_added_is_found_and_nobody_has_two_cpfs(customers):
    book = CustomerBook()
    for customer in customers:
        vat = customer.vat
        entry = book.find_or_add(customer)
        assert vat is None or entry.vat == vat
        assert book.find(customer) is not None


def test_a_contract_is_worth_its_rows():
    contract = Contract("C-1", Customer("Ana"), 10)
    assert (contract.value, contract.paid, contract.entry_id) == (0, 0, 0)
    contract.rows += [row(2, paid="5.58"), row(3, value="105.58", paid="0.42")]
    assert (contract.value, contract.paid) == (D("205.58"), D("6.00"))


def test_rows_by_contract_in_the_order_of_the_file():
    rows = [row(2, "B"), row(3, "A"), row(4, "B")]
    assert list(by_contract(rows).items()) == [("B", [rows[0], rows[2]]), ("A", [rows[1]])]
    assert by_contract([]) == {}


def test_nothing_is_shared_between_two_comparisons():
    first, second = Comparison(), Comparison()
    assert (first, first.already) == (second, 0)
    first.contracts.append(Contract("C-1", Customer("Ana"), 1))
    imported = ImportedContract(7, 2, Customer("Ana"))
    imported.installments[1] = None
    assert second.contracts == []
    assert ImportedContract(8, 2, Customer("Ana")).installments == {}
