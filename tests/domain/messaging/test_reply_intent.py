"""What customers' messages want, as they type them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.reply_intent import Intent, Reading, read_reply

# A Wednesday.
TODAY = date(2026, 2, 11)
FRIDAY = date(2026, 2, 13)
TOMORROW = date(2026, 2, 12)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("pago sexta", FRIDAY),
        ("Pago sexta-feira sem falta", FRIDAY),
        ("vou pagar amanhã", TOMORROW),
        ("Vou pagar amanha cedo", TOMORROW),
        ("amanhã eu passo aí pra acertar", TOMORROW),
        ("dia 10", date(2026, 3, 10)),
        ("Dia 15 eu pago", date(2026, 2, 15)),
        ("até dia 20 eu acerto", date(2026, 2, 20)),
        ("só consigo pagar dia 5", date(2026, 3, 5)),
        ("recebo dia 20 e pago", date(2026, 2, 20)),
        ("posso pagar semana que vem?", date(2026, 2, 16)),
        ("vou pagar depois de amanhã", date(2026, 2, 13)),
        ("Consigo pagar 05/03", date(2026, 3, 5)),
        ("pago dia 05/03/2026", date(2026, 3, 5)),
        ("pago 5 de março", date(2026, 3, 5)),
        ("pago em 3 dias", date(2026, 2, 14)),
        ("daqui a cinco dias eu deposito", date(2026, 2, 16)),
        ("pago no fim do mês", date(2026, 2, 28)),
        ("pago hoje ainda", TODAY),
        ("pago qdo eu receber", None),
        ("quarta eu pago", date(2026, 2, 18)),
        ("pago até sex", FRIDAY),
        ("mando o pix amanhã, obrigada!", TOMORROW),
        ("amanhã", TOMORROW),
        ("Boa tarde, segunda feira", date(2026, 2, 16)),
    ],
)
def test_promises(text, day):
    assert read_reply(text, TODAY) == Reading((Intent.PROMISE,), day)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Já paguei", Intent.PAID),
        ("ja paguei ontem no pix", Intent.PAID),
        ("Paguei hoje de manhã", Intent.PAID),
        ("acabei de pagar", Intent.PAID),
        ("fiz o pix agora", Intent.PAID),
        ("Segue comprovante", Intent.PAID),
        ("comprovante em anexo", Intent.PAID),
        ("Essa parcela já foi paga!!", Intent.PAID),
        ("ta pago", Intent.PAID),
        ("pagamento efetuado, obrigado", Intent.PAID),
        ("me manda o boleto", Intent.SLIP),
        ("Pode me enviar a 2ª via?", Intent.SLIP),
        ("segunda via por favor", Intent.SLIP),
        ("manda a chave pix", Intent.SLIP),
        ("qual o pix de vcs", Intent.SLIP),
        ("não recebi o boleto", Intent.SLIP),
        ("perdi o carnê", Intent.SLIP),
        ("posso pagar por pix?", Intent.SLIP),
        ("como faço pra pagar", Intent.SLIP),
        ("pix?", Intent.SLIP),
        ("quero negociar", Intent.AGREEMENT),
        ("dá pra parcelar isso?", Intent.AGREEMENT),
        ("tem como dividir em 3x", Intent.AGREEMENT),
        ("vocês fazem um desconto?", Intent.AGREEMENT),
        ("quero fazer um acordo", Intent.AGREEMENT),
        ("consegue tirar os juros", Intent.AGREEMENT),
        ("número errado", Intent.WRONG_PERSON),
        ("Foi engano", Intent.WRONG_PERSON),
        ("não sou a Maria", Intent.WRONG_PERSON),
        ("não conheço essa pessoa", Intent.WRONG_PERSON),
        ("esse número não é mais dela", Intent.WRONG_PERSON),
        ("quem são vocês? nunca comprei aí", Intent.WRONG_PERSON),
        ("Meu óculos veio com defeito", Intent.DISPUTE),
        ("a lente riscou em uma semana", Intent.DISPUTE),
        ("o grau está errado, não enxergo nada", Intent.DISPUTE),
        ("vou no procon", Intent.DISPUTE),
        ("não recebi meu óculos ainda", Intent.DISPUTE),
        ("isso é um absurdo", Intent.DISPUTE),
        ("cobrança indevida", Intent.DISPUTE),
        ("obrigada!", Intent.THANKS),
        ("Valeu", Intent.THANKS),
        ("vlw obg", Intent.THANKS),
        ("Muito obrigado, Deus abençoe", Intent.THANKS),
    ],
)
def test_what_is_pointed_at(text, intent):
    assert read_reply(text, TODAY).intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "", None, "   ", "👍", "oi", "Bom dia", "quem fala?", "ok", "ainda não paguei",
        "vocês abrem sexta?", "que horas fecha hoje?", "qual o endereço da loja?",
        "meu óculos já está pronto?", "vou ver aqui e te falo",
    ],
)  # fmt: skip
def test_nothing_is_guessed(text):
    assert read_reply(text, TODAY) == Reading()


@pytest.mark.parametrize(
    ("text", "intents", "day"),
    [
        # Dispute first: what is wrong with the glasses decides about the money.
        ("os óculos vieram com defeito, pago sexta", (Intent.DISPUTE, Intent.PROMISE), FRIDAY),
        ("pago sexta, me manda o boleto", (Intent.SLIP, Intent.PROMISE), FRIDAY),
        ("não paguei ainda, pago amanhã", (Intent.PROMISE,), TOMORROW),
        ("Obrigada, vou pagar dia 15", (Intent.PROMISE,), date(2026, 2, 15)),
        # Who has paid promises nothing, whatever day is named.
        ("paguei sexta", (Intent.PAID,), None),
        ("já paguei, amanhã eu passo aí", (Intent.PAID,), None),
        # Nor does somebody else.
        ("não sou a Maria, mas posso pagar amanhã", (Intent.WRONG_PERSON,), None),
    ],
)
def test_several_at_once(text, intents, day):
    assert read_reply(text, TODAY) == Reading(intents, day)


@pytest.mark.parametrize(
    ("today", "text", "day"),
    [
        # The 31st that comes next, when the next month has none.
        (date(2026, 2, 11), "pago dia 31", date(2026, 3, 31)),
        (date(2026, 1, 31), "pago dia 31", date(2026, 1, 31)),
        (date(2025, 12, 28), "pago dia 5", date(2026, 1, 5)),
        (date(2025, 12, 28), "pago 05/01", date(2026, 1, 5)),
        (date(2025, 12, 28), "pago no fim do mês", date(2025, 12, 31)),
        # On a Friday "sexta" is the next one.
        (date(2026, 2, 13), "pago sexta", date(2026, 2, 20)),
        (date(2026, 2, 15), "pago semana que vem", date(2026, 2, 16)),
        # The past and days that do not exist are no promise.
        (date(2026, 3, 10), "pago 05/03", None),
        (date(2026, 2, 11), "pago 31/02", None),
    ],
)
def test_days(today, text, day):
    assert read_reply(text, today).day == day


@given(st.text(max_size=300), st.dates(date(2024, 1, 1), date(2035, 12, 31)))
def test_any_text_is_read(text, today):
    reading = read_reply(text, today)
    assert len(set(reading.intents)) == len(reading.intents)
    assert reading.day is None or reading.day >= today


@given(
    st.dates(date(2024, 1, 1), date(2035, 12, 1)),
    st.sampled_from(["segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo"]),
)
def test_a_weekday_is_within_the_next_seven_days(today, name):
    reading = read_reply(f"pago {name}", today)
    assert timedelta(1) <= reading.day - today <= timedelta(7)


@given(st.dates(date(2024, 1, 1), date(2035, 12, 1)), st.integers(1, 28))
def test_a_day_of_the_month_is_the_next_one(today, number):
    reading = read_reply(f"pago dia {number}", today)
    assert reading.day.day == number
    assert 0 <= (reading.day - today).days <= 31


@pytest.mark.parametrize(
    ("number", "days"),
    [
        ("um", 1), ("dois", 2), ("três", 3), ("quatro", 4), ("cinco", 5), ("dez", 10),
        ("quinze", 15), ("vinte", 20), ("trinta", 30), ("1", 1), ("60", 60),
    ],
)  # fmt: skip
def test_days_in_words_and_figures(number, days):
    assert read_reply(f"pago em {number} dias", TODAY).day == TODAY + timedelta(days)


@pytest.mark.parametrize("number", ["0", "61", "100"])
def test_no_day_in_so_many_days(number):
    assert read_reply(f"pago em {number} dias", TODAY).day is None


@pytest.mark.parametrize(
    ("name", "day"),
    [("seg", 16), ("ter", 17), ("qua", 18), ("qui", 12), ("sex", 13), ("sáb", 14), ("dom", 15)],
)
def test_short_names_of_weekdays(name, day):
    assert read_reply(f"pago na {name}", TODAY).day == date(2026, 2, day)


def test_names_of_months():
    names = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro"
    for month, name in enumerate([*names.split(), "dezembro"], start=1):
        read = read_reply(f"pago 10 de {name}", date(2026, 1, 1))
        assert read.day == date(2026, month, 10), name


@pytest.mark.parametrize(
    ("today", "day"),
    [
        # 5 January is 120 days after 7 September: soon enough to be meant; not a day earlier
        (date(2025, 9, 7), date(2026, 1, 5)),
        (date(2025, 9, 6), None),
    ],
)
def test_a_day_that_is_past_is_next_year_s_only_when_that_is_near(today, day):
    assert read_reply("pago 05/01", today).day == day
