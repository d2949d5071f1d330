import pytest

from odoo.addons.optica_cobranca.domain.opt_out import is_opt_out


@pytest.mark.parametrize(
    "text",
    [
        "SAIR", "sair", " Sair! ", "*SAIR*", "SAIR 🙏", "...sair...", "Quero sair",
        "PARAR", "Parar.", "pare", "Pare!!!", "Para", "parem de me mandar mensagens", "STOP",
        "stop", "CANCELAR", "cancela", "cancelar mensagens", "Cancelar o envio de SMS",
        "descadastrar", "Por favor, me descadastre", "REMOVER", "me tire da lista",
        "Remova meu número da lista, por favor", "Bom dia, quero parar de receber mensagens",
        "NÃO QUERO RECEBER", "nao quero mais receber mensagens", "não me mande mais mensagem",
        "Não envie mais", "unsubscribe", "gostaria de sair da lista. obrigada",
    ],
)  # fmt: skip
def test_requests_to_stop(text):
    assert is_opt_out(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "", None, "   ", "!!!", "Oi", "bom dia", "obrigado", "não", "ok", "Já paguei",
        "posso parar aí amanhã?", "quero cancelar a compra", "vou sair agora, pago amanhã",
        "não quero sair", "Não recebi o boleto", "pare o carro na frente da loja",
        "quando vocês vão parar?", "sairei tarde", "stopper", "para mim é melhor dia 10",
        "quero receber", "para que dia?", "remover multa",
    ],
)  # fmt: skip
def test_other_messages(text):
    assert is_opt_out(text) is False
