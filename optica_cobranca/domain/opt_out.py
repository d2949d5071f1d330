"""Does a customer's message ask the shop to stop writing?

Source: WhatsApp Business policy (every request to stop is honoured), LGPD art. 18.
"""

import re

from .plain_text import words

# Words of courtesy around the request, in Portuguese as customers write them.
_COURTESY = re.compile(
    r"\b(oi|ola|bom dia|boa tarde|boa noite|por favor|por gentileza|favor|pfv|pf|obrigad[oa]"
    r"|quero|queria|desejo|gostaria de)\b"
)
_STOP = (
    r"(me )?(sair|parar|pare|parem|stop|cancelar|cancela|cancele|descadastrar|descadastre"
    r"|remover|remova|remove|excluir|exclua|tirar|tire|bloquear|unsubscribe)"
)
_NO_MORE = r"nao (mais )?(me )?(receber|mandar|mande|mandem|enviar|envie|enviem)"
_OBJECT = (
    r"( (me|se|de|da|do|das|dos|desta|dessa|a|o|as|os|esta|essa|meu|mais|enviar|mandar|receber"
    r"|lista|cadastro|numero|envio|envios|mensagem|mensagens|sms|whatsapp))*"
)
_REQUEST = re.compile(rf"(?:{_STOP}|{_NO_MORE}){_OBJECT}|para")


def is_opt_out(text: str | None) -> bool:
    """True when the whole message is a request to stop: SAIR, Parar!, "não quero mais receber".

    Accents, case, punctuation, emoji and courtesy do not matter. A sentence that only contains
    such a word ("posso parar aí amanhã?", "quero cancelar a compra") is no request.
    """
    request = " ".join(_COURTESY.sub(" ", words(text or "")).split())
    return _REQUEST.fullmatch(request) is not None
