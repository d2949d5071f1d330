"""What does a customer's message say about messages: none any more, no offers, again, nothing?

Source: WhatsApp Business policy (every request to stop is honoured, in whatever words), LGPD
art. 8 §5 and 18. Texts are Portuguese as customers type it (no accents, abbreviations, slips of
the thumb), with the words that providers know in English and Spanish. Measured against a table of
phrases in the tests: a stop that nobody asked for silences a customer, a stop that is overlooked
breaks a law; what could be either goes to a person.
"""

import re

from ..shop.plain_text import without_accents
from ..shop.vocabulary import Vocabulary


class Wish(Vocabulary):
    """What a message asks for, as to messages."""

    NONE = "none"
    STOP = "stop"  # no messages at all
    STOP_OFFERS = "stop_offers"  # none that sell; those about the own account go on
    RESUME = "resume"  # messages again, after a stop
    RESUME_OFFERS = "resume_offers"
    UNSURE = "unsure"  # may be a stop: a person decides


# ------------------------------------------------------------------ spelling

_SPELLINGS = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), word)
    for pattern, word in (
        (r"n|naum|nn", "nao"),
        (r"num(?= (?:quero|me|mand|queremo))", "nao"),
        (r"qro|qero|kero|qer[oi]a?", "quero"),
        (r"q|qe", "que"),
        (r"vcs?|voces?|vces|ces", "voces"),
        (r"m(?:e?n|en)s+age(?:m|n|ns)?|m[gs][gs]s?|mensajes?|messages?", "mensagem"),
        (r"zap+|zapzap|what?s(?:ap+)?|wats(?:ap+)?|wp+", "whatsapp"),
        (r"resceber|reseber", "receber"),
        (r"paren", "parem"),
        (r"min?(?= mand)", "me"),
        (r"di(?= mand)", "de"),
        (r"pesso", "peco"),
        (r"pra|pro|pros|pras", "para"),
        (r"promo(?:s|ca\w*|co\w*|tions?|ciones|cional|cionais)?", "promocao"),
        (r"of[ae]rtas?|offers?", "oferta"),
        (r"(?:propaganda|anuncio|campanha|novidade)s", "propaganda"),
        (r"celular|cel|telefone|fone|tel|numeros", "numero"),
    )
)
# Courtesy around a request; it changes nothing.
_COURTESY = re.compile(
    r"\b(?:oi+|ola|bom dia|boa tarde|boa noite|por favor|por gentileza|porfa(?:vor)?|favor|pfv|pf"
    r"|pls|please|obrigad[oa]|obg|grat[oa]|atenciosamente|ai|eu|entao|gente|amig[oa])\b"
)

# --------------------------------------------------------------------- words

_OFFER = r"(?:promocao|oferta|propaganda|anuncio|marketing|publicidade|campanha|divulgac\w+)"
_MESSAGE = (
    r"(?:mensagem|sms|whatsapp|avisos?|lembretes?|cobrancas?(?! (?:de|da|do|ja|que))|notificac\w+)"
)
_ANY = rf"(?:{_MESSAGE}|{_OFFER})"
_NUMBER = r"(?:numero|contato|whatsapp)"
# Words that may stand between a verb and what it is about. A list, not "any word": in "não posso
# falar agora, manda mensagem" the "não" has nothing to do with the message.
_D = (
    r"(?:(?:mais|me|[ao]s?|d?ess[ae]s?|est[ae]s?|suas?|seus?|meus?|minhas?|tipo|d[aeo]s?|com|em"
    r"|n[ao]s?|nenhuma?|nada|mim|para|por|tant[ao]s?|nov[ao]s?|outr[ao]s?|toda|todo|hora|dia|voces"
    r"|isso|qualquer|receber|recebendo|ficar|fique[mn]?|fica|ench\w+|saco|perturb\w+|incomod\w+"
    r"|perseguicao|que|envio|recebimento|disparo|cadastro"
    r"|assinatura|inscricao|tudo|negocio|servico|ser|fazer|usar|chamar|ofer\w+|saber|nem) )"
)
_SEND = r"(?:mand|envi|encaminh|dispar)(?:ar|arem|a|e|em|ando|assem?)"
_QUIT = r"(?:par|deix|cess)(?:a|e|em|ar|arem|assem?)"
_TAKE_OUT = (
    r"(?:(?:tir|retir|apagu?|delet|bloque|bloquei)(?:a|e|em|am|ar|arem|ou|ad[oa]|assem?)"
    r"|remov(?:a|am|e|er|erem|id[oa]|essem?)|exclu(?:a|am|i|ir|irem|id[oa]|issem?)"
    r"|esque(?:c|\u00e7)(?:a|am|e|er|erem)|exclusao|remocao|retirada)"
)
# Not wanting, in the moods in which people do not want.
_NOT = (
    r"(?:nunca mais(?: me)?|nao(?: (?:mais|quero|queria|gostaria|desejo|aceito|autorizo"
    r"|preciso|precisa|precisam|e|para|que|voces|de|a|o|me|vou|podem?|ficar|fiquem?))*)"
)
_WANT_NOT = (
    r"(?:(?:nao(?: mais)? (?:quero|queria|desejo|gostaria|aceito|pretendo|autorizo|preciso|curto"
    r"|tenho(?: mais)? interesse)|dispenso|sem interesse)(?: mais)?)"
)

# ------------------------------------------------------------------ requests

_STRONG = r"(?:sair|parar|stop|stop ?al|unsubscribe|descadastr\w+|opt ?out)"
_KEYWORD = (
    r"(?:(?:quero|queria|desejo|gostaria de|solicito|me|pode|podem|voces) )*"
    rf"(?:{_STRONG}|sai|pare|parem|para|cancel\w{{0,3}}|revoke|end|quit|remov(?:er|a|e|am)"
    r"|exclu(?:ir|a|i|am)|bloque(?:ar|ia|ie)|baja|salir|(?:parar|sair) tudo"
    r"|descadastr\w+ me|nao (?:mais )?receber(?: mais)?)"
)
_REQUESTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^{_KEYWORD}$",
        rf"^(?:{_STRONG} ){{0,6}}{_STRONG}(?: (?:agora|ja|logo|dai|daqui|me))?$|^{_STRONG} \."
        rf"|\. {_STRONG}$|\bunsubscribe\b",
        r"\bdescadastr\w*",
        rf"\b(?:mandei|digitei|escrevi|respondi|pedi para|falei para) {_STRONG}\b",
        # parem de me mandar mensagem; quero parar de receber; para com essas propagandas
        rf"\b{_QUIT} (?:de|com) (?:{_D}|{_SEND} ){{0,6}}{_ANY}\b",
        rf"\b{_QUIT} de (?:me |ficar )?(?:{_SEND}|receber(?: isso)?|incomod\w+|perturb\w+)$",
        rf"\bparo de receber {_D}{{0,3}}{_ANY}\b",
        rf"\b(?:parar|stop|sair|cancel\w*|desativ\w+|bloque\w+|suspend\w+|interromp\w+|encerr\w+|remover"
        rf"|excluir|tir\w+|me remov\w+) {_D}{{0,4}}{_ANY}\b",
        rf"\b(?:cancel|suspend|interromp|encerr)\w* (?:[oa] )?(?:meu |minha )?(?:inscricao"
        rf"|assinatura|(?:envio|recebimento)(?: (?:para|n)o (?:meu )?{_NUMBER})?)$",
        # não me mandem mais nada; não precisa mais mandar mensagem; nunca mais mande mensagem
        rf"\b{_NOT} {_SEND} {_D}{{0,4}}(?:{_ANY}|nada|contato)\b",
        rf"\b{_NOT} {_SEND}(?: me)? (?:mais|nada)(?: para mim| nada)?$",
        rf"\bnao (?:precisa )?(?:me )?mais (?:me )?{_SEND}\b|\bnao precisa mais (?:me )?{_SEND}\b",
        r"\bnao (?:entr\w+|quero) (?:mais )?(?:em )?contato\b",
        rf"\bnao (?:me )?(?:perturb|incomod|ench)\w+ {_D}{{0,4}}{_ANY}\b",
        # não quero mais receber mensagens; não quero propaganda; prefiro não receber
        rf"\b{_WANT_NOT} {_D}{{0,6}}receber(?: mais)?(?: nada| {_D}{{0,4}}{_ANY}\b|$)",
        rf"\b{_WANT_NOT} {_D}{{0,4}}{_ANY}\b",
        rf"\bnao autorizo {_D}{{0,3}}(?:uso d[oe] )?(?:meu )?{_NUMBER}\b",
        rf"\bnao (?:mais )?receber (?:mais )?(?:nada|{_D}{{0,4}}{_ANY})\b",
        rf"\bnao me ofer\w+ (?:mais )?{_OFFER}\b",
        # tira meu número; me tira dessa lista; meu contato fosse removido
        rf"\b{_TAKE_OUT} (?:o |[od]o |de )?(?:meus?|est[ea]|ess[ea]) {_NUMBER}\b",
        rf"^(?:quero |pode )?{_TAKE_OUT} (?:o )?{_NUMBER}(?: d[aoe]\w* \w+)?$",
        rf"\b(?:meu|este|esse) {_NUMBER} (?:fosse|seja) {_TAKE_OUT}\b",
        rf"\b(?:sair|{_TAKE_OUT}|fora) (?:me )?(?:d[aeo]|dess[ea]|d?est[ea])"
        r" (?:lista|grupo|cadastro|sistema|base)\b",
        r"\bser (?:removid|retirad|excluid|descadastrad)[oa]\b",
        rf"\b(?:me|contato|numero) {_TAKE_OUT} (?:d[aeo]s?|dess[ea]s?|d?est[ea]) (?:lista|grupo"
        rf"|{_OFFER})\b",
        rf"\b(?:retiro|revogo|cancelo) {_D}{{0,2}}(?:autorizacao|consentimento)\b",
        rf"\b(?:chega|basta) (?:de|com|d?ess[ae]s?) {_D}{{0,2}}{_ANY}\b|\bnada de {_OFFER}\b",
        rf"^sem (?:mais )?{_OFFER}\b|\bsem {_OFFER}$|\bsem mais {_MESSAGE}\b",
        rf"\b{_OFFER} nao(?: quero)?$|^{_MESSAGE} nao(?: quero)?$|^sem {_MESSAGE}$",
        rf"^(?:pare|parem|para|chega) (?:as? )?{_ANY}$",
        # isso é spam, parem; se continuarem mandando
        r"(?<!nao )\bpar(?:em|e)$",
        r"\bse (?:voces )?(?:continuarem|continuar) (?:me )?mandando\b",
        rf"\bno (?:me |quiero |mas |recibir |enviar |envien |manden |mandar )+{_ANY}\b",
        rf"\bdar(?:me)? de baja\b|\bcancelar suscripcion\b|\bstop (?:sending|the) (?:me )?{_ANY}\b",
    )
)
_NOT_A_REQUEST = re.compile(
    r"\bnao (?:quero|vou|queria|pretendo|precisa|preciso) (?:mais )?(?:parar|sair|cancelar)\b"
    r"|(?<!se )\bnao (?:parem|pare|para|deixem?|deixa) de\b"
    r"|\bnao (?:se )?esque\w+ de\b|\bnao me (?:tir|remov|exclu)\w+"
)
_RESUMES = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(?:quero )?(?:start|unstop|iniciar|reativar|recadastrar|retomar|voltar a receber)"
        rf"(?: {_D}{{0,2}}{_ANY})?$",
        rf"\b(?:voltar a|continuar) receb(?:er|endo)(?: {_D}{{0,3}}{_ANY}\b|$)",
        r"^quero receber (?:de novo|novamente)$",
        rf"\b(?:quero|aceito|autorizo|gostaria de|desejo) (?:o )?"
        rf"(?:receber|envio de|recebimento de) {_D}{{0,2}}{_ANY}\b",
        rf"\b(?:volt|continu)(?:ar|em|a) (?:a )?(?:me )?(?:{_SEND}|avisar)"
        rf"(?: {_D}{{0,2}}{_ANY}\b|$)",
        r"\bvolt\w+ (?:para|a|na) (?:a )?lista\b",
        rf"\b(?:me )?{_SEND} {_D}{{0,1}}{_ANY} (?:de novo|novamente|sim)$",
        rf"\bmudei de ideia\b.* {_SEND}\b",
        rf"\bpodem? (?:me )?{_SEND} (?:as |os |a )?{_OFFER}\b|\bme {_SEND} as {_OFFER}\b",
        rf"\b(?:reativ|ativ|desbloque|retom)\w+ {_D}{{0,2}}(?:{_ANY}|{_NUMBER})\b",
        r"\bme (?:coloc|adicion|inclu|cadastr)\w+ (?:de novo|de volta|novamente|na lista)\b",
    )
)
# Whoever asks for less, at other hours or elsewhere, does not ask for silence.
_LIMITED = re.compile(
    r"\b(?:domingos?|madrugada|(?:de|a) noite|feriados?|fim de semana|horario|no trabalho"
    r"|para (?:o |a )?(?:minha|meu) (?!numero|whatsapp)\w+"
    r"|(?:manda|mandem|mande|mandar) n?o (?:outro|novo|\d+))"
)
_MISTAKE = re.compile(r"\b(?:sem querer|mudei de ideia|foi engano)\b")
_NOT_ALLOWED = re.compile(r"\b(?:nao|quem) autoriz(?:ei|ou)\b")
_PAID = re.compile(r"\b(?:ja )?(?:paguei|quitei|quitad\w|acertei|pago ja|ja pago)\b")
_NO_NEED = re.compile(r"\b(?:podem? parar|nao precisa)\b")
_OFFERS = re.compile(_OFFER)
_DOUBTS = re.compile(
    rf"\b{_QUIT} (?:de|com) (?:cobr|lig|ench|perturb|incomod|isso|me )\w*"
    rf"|\b{_QUIT} de {_SEND} isso\b|\bnao (?:me )?{_SEND} isso\b|\bnao quero mais isso\b"
    rf"|^nao (?:me )?{_SEND}$"
    r"|\bnao me (?:cobr|lig|perturb|incomod|ench)\w+|\bnao enche\b"
    r"|\bme (?:esquec\w+|deix\w+ (?:em paz|quiet\w))|\bme tir\w+ da\w*$"
    r"|\b(?:vou|irei) (?:te |voces |ess[ae] )?(?:bloque|denunci|process)\w+\b(?! (?:o|meu) cartao)"
    r"|\bspam\b|^denunciar$|\bchei[oa] de mensagem\b|\blgpd\b|^(?:chega|basta|fim)$"
    r"|\b(?:cancel|exclu|apag|remov|delet)\w* (?:\w+ ){0,3}(?:cadastro|conta|dados|tudo)\b"
    r"|\b(?:nao|quem) autoriz\w+"
    r"|\bnao (?:quero|sou) mais (?:cliente|comprar (?:com|aqui|nada)|papo|nada)"
    r"|\bnunca mais compro|\bnao me procur\w+|\bpar(?:ar|em|e|o) de receber\b"
    r"|\b(?:muita|menos|tanta|quantas|(?:todo|toda) (?:dia|hora)|ess[ae]s) mensagem\b"
    r"|\bmensagem demais\b|\bnao aguento mais\b|\bque (?:saco|inferno|chatice)\b"
    rf"|\bpodem? parar de\b|\bnao mais {_SEND}\b|\b{_SEND} mais mensagem\b"
)
# Whatever else it says with a verb of stopping, or of not wanting, about messages.
_NEAR = re.compile(
    rf"\b(?:{_QUIT} (?:de|com)|cans\w+|encerr\w+|remov\w+|exclu\w+|retir\w+|bloque\w+|suspend\w+"
    rf"|cancel\w+|nao (?:quero|precis\w+|gost\w+|{_SEND})) (?:(?!{_SEND})\w+ ){{0,5}}{_MESSAGE}\b"
)
_BOTH = re.compile(rf"\b(?:mensagem|nada|sms)(?: \w+)? (?:nem|ou|e) (?:\w+ )?{_OFFER}\b")
# More than this nobody writes to be left alone.
_READ = 600
# A first sentence of one word, and a last one.
_FIRST_WORD = re.compile(r"^\W*(\w+)(?=[\s.!?,;:]*[.!?,;:\n])[\s.!?,;:]+(?=\w)")
_LAST_WORD = re.compile(r"[.!?,;:\n]\s*(\w+)\W*$")
_WORD = re.compile(r"[a-z0-9]+|DOT")
_LETTERS = re.compile(r"(?:[a-z] ){2,}[a-z]")
_TRIPLED = re.compile(r"([a-z])\1{2,}")
_DOUBLED = re.compile(r"([b-df-hj-np-qt-vxz]|[aeiou])\1")


def read_wish(text: str | None) -> Wish:
    """What a message asks for, as to messages.

    Accents, case, punctuation, emoji, courtesy and common slips do not matter. A sentence that
    only contains such a word ("posso parar aí amanhã?", "quero cancelar a compra") asks for
    nothing.
    """
    said = _NOT_A_REQUEST.sub(" . ", _plain(text))
    asks = any(pattern.search(said) for pattern in _REQUESTS)
    if asks and not _MISTAKE.search(said):
        return _kind_of_request(said)
    if any(pattern.search(said) for pattern in _RESUMES):
        return Wish.RESUME_OFFERS if _OFFERS.search(said) else Wish.RESUME
    return Wish.UNSURE if _DOUBTS.search(said) or _NEAR.search(said) else Wish.NONE


def _kind_of_request(said: str) -> Wish:
    pays = _PAID.search(said) and _NO_NEED.search(said)
    if pays or _LIMITED.search(said) or _NOT_ALLOWED.search(said):
        return Wish.UNSURE
    sells = _OFFERS.search(said) and not _BOTH.search(said)
    return Wish.STOP_OFFERS if sells else Wish.STOP


def _plain(text: str | None) -> str:
    """Words without accents, spelled as the patterns have them, without courtesy.

    A first sentence of one word keeps a dot behind it: "SAIR! Já pedi três vezes".
    """
    words = without_accents((text or "")[:_READ]).casefold()
    words = _FIRST_WORD.sub(r"\1 DOT ", words)
    words = _LAST_WORD.sub(r" DOT \1", words)
    plain = " ".join(_WORD.findall(words))
    if _LETTERS.fullmatch(plain):
        plain = plain.replace(" ", "")
    plain = _TRIPLED.sub(r"\1", plain)
    plain = _DOUBLED.sub(r"\1", plain)
    for pattern, word in _SPELLINGS:
        plain = pattern.sub(word, plain)
    plain = " ".join(_COURTESY.sub(" ", plain.replace("DOT", " . ")).split())
    return plain.removesuffix(" .").removeprefix(". ")
