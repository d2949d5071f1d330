"""What does a customer's message probably want? A guess by words, to point at a button.

Nothing is ever done on the strength of it: a person reads the message and presses. Texts are
Portuguese as customers type it: no accents, abbreviations, doubled letters, slips of the thumb.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ..shop.plain_text import without_accents
from ..shop.vocabulary import Vocabulary


class Intent(Vocabulary):
    """What the customer wants; in the order in which one of several is pointed at."""

    WRONG_PERSON = "wrong_person"
    DISPUTE = "dispute"
    PAID = "paid"
    AGREEMENT = "agreement"
    SLIP = "slip"
    PROMISE = "promise"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message seems to say.

    :param intents: all that were found, the likeliest first; empty when nothing was
    :param day: the day the customer named for paying, today or later; only with a promise
    """

    intents: tuple[Intent, ...] = ()
    day: date | None = None

    @property
    def intent(self) -> Intent | None:
        """The likeliest, or None."""
        return self.intents[0] if self.intents else None


_WEEKDAYS = ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo")
_SHORT_WEEKDAYS = {"seg": 0, "ter": 1, "qua": 2, "qui": 3, "sex": 4, "sab": 5, "dom": 6}
_MONTHS = (
    "janeiro", "fevereiro", "marco", "abril", "maio", "junho", "julho", "agosto", "setembro",
    "outubro", "novembro", "dezembro",
)  # fmt: skip
_DAYS_IN_WORDS = {
    "um": 1, "dois": 2, "tres": 3, "quatro": 4, "cinco": 5, "dez": 10, "quinze": 15, "vinte": 20,
    "trinta": 30,
}  # fmt: skip

# "vou pagar", "pago", "deposito", "passo ai pra acertar": will, not deed.
_WILL = re.compile(
    r"\b(?:pago|pagarei|pagaria|acerto|quito|deposito|transfiro|faco o pix|mando o pix|faço"
    r"|(?:vou|irei|consigo|posso|pretendo|quero|vamos|da pra|da para|so vou|so consigo|conseguirei"
    r"|prometo|tenho como) (?:\w+ ){0,2}?(?:pagar|acertar|quitar|depositar|transferir|passar"
    r"|fazer o pix|mandar o pix|resolver|ir ai|ir na loja)|passo (?:ai|na loja|la)"
    r"|(?:eu )?(?:recebo|cai meu pagamento|sai meu pagamento|entra meu salario|cai o salario))\b"
)
_DEED = re.compile(
    r"\b(?:ja (?:\w+ )?(?:paguei|pago|foi pag[oa]|fiz o pix|depositei|transferi|quitei|acertei"
    r"|mandei o (?:pix|comprovante)|esta pag[oa]|ta pag[oa])"
    r"|paguei|quitei|depositei|transferi|acabei de (?:pagar|fazer o pix|transferir|depositar)"
    r"|fiz o (?:pix|pagamento|deposito|pgto)|pix feito|pagamento (?:feito|realizado|efetuado)"
    r"|(?:esta|ta|foi|tudo) (?:pag[oa]|quitad[oa])|segue (?:o )?comprovante"
    r"|comprovante (?:em anexo|anexo|do pix|do pagamento|de pagamento)|olha o comprovante"
    r"|(?:eis|aqui (?:esta|ta|vai)) o comprovante|pagamos)\b"
)
_NOT_YET = (
    r"\b(?:nao|ainda nao|nunca) (?:\w+ )?(?:paguei|consegui|fiz o pix|depositei|transferi|quitei)\b"
)
_IF_DEED = r"\b(?:se eu|quando eu|depois que eu|assim que eu?|como eu?) (?:ja )?(?:paguei|pagar)\b"
_NO_DEED = re.compile(f"{_NOT_YET}|{_IF_DEED}")
_THING = (
    r"(?:boleto|carne|2a via|segunda via|pix|chave|codigo de barras?|copia e cola|qr ?code"
    r"|link|dados (?:bancarios|da conta|pra|para)|conta (?:pra|para) (?:deposito|depositar))"
)
_SLIP = re.compile(
    rf"\b(?:(?:manda|mande|envia|envie|passa|passe|reenvia|reenvie|encaminha|encaminhe|gera|gere"
    rf"|preciso|quero|queria|gostaria|cade|qual|tem como|pode|poderia|consegue|me ve|nao recebi"
    rf"|perdi|nao chegou|nao tenho|como (?:eu )?(?:pego|consigo|acesso|baixo))"
    rf"(?: \w+){{0,5}}? {_THING}|(?:2a|segunda) via|{_THING}(?: \w+){{0,2}} por favor"
    rf"|(?:aceita|pode ser|da pra pagar|posso pagar|pagar) (?:\w+ )?(?:no|por|com|via|pelo) pix"
    rf"|(?:pode|podem) (?:me )?(?:mandar|enviar|passar)(?: \w+){{0,4}} {_THING}"
    rf"|onde (?:eu )?pago|como (?:eu )?(?:faco (?:pra|para) )?pag(?:o|ar))\b|^{_THING}$"
)
_AGREEMENT = re.compile(
    r"\b(?:acordo|negociar|renegociar|negociacao|renegociacao|parcelar|reparcelar|parcelamento"
    r"|dividir|em mais vezes|(?:fazer|divide|parcela) (?:\w+ )?em \d+ ?(?:x|vezes)?|desconto"
    r"|abater|abatimento|tirar (?:os |o )?juros|sem (?:os )?juros|diminuir (?:a |o |as )?"
    r"(?:parcela|parcelas|valor)|baixar (?:a |o )?(?:parcela|valor|juros)|proposta"
    r"|condicao melhor|condicoes (?:melhores|de pagamento)|entrada e o resto)\b"
)
_WRONG = re.compile(
    r"\b(?:numero errado|telefone errado|contato errado|pessoa errada|foi engano|e engano|engano"
    r"|nao sou (?:(?:a|o|essa|esse|esta|este) )?(?!de pagar|o tipo|assim)\w+$"
    r"|nao sou (?:a |o )?(?:pessoa|dona?|titular|maria|joao|jose|ana|esse|essa|ele|ela)\b"
    r"|nao (?:e|eh) (?:dela|dele|o numero|o telefone|mais o (?:numero|telefone))"
    r"|nao conheco (?:(?:essa|esse|esta|este|ninguem|nenhum|nenhuma|a|o) ?\w*|\w+$)"
    r"|(?:esse|este) (?:numero|telefone|cel\w*|zap|whats\w*) (?:nao e|nao eh|nao pertence|e meu)"
    r"|quem (?:e|eh) (?:voces?|vcs?)(?: \w+)?|nunca comprei|nao comprei"
    r"|nao tenho (?:conta|compra|divida)"
    r"|(?:ela|ele) (?:faleceu|morreu|nao mora)|faleceu)\b"
)
_DISPUTE = re.compile(
    r"\b(?:reclamar|reclamacao|procon|advogad[oa]|processar|absurdo|palhacada|descaso|vergonha"
    r"|com defeito|defeito|defeituos[oa]|quebr(?:ou|ad[oa]|aram)|risc(?:ou|ad[oa]|aram)"
    r"|descasc\w+|entort\w+|grau (?:errado|nao|ta errado|veio)|lente (?:errada|veio|trocada)"
    r"|nao enxergo|nao (?:to|estou|consigo) enxerga\w*|dor de cabeca|embacad[oa]|tontura"
    r"|(?:oculos|lentes?|armacao)(?: \w+){0,4} (?:nao ficou pront[oa]|nao chegou|nao veio"
    r"|errad[oa]s?|ruim|pessim[oa]|nao presta|atrasad[oa]s?|soltou|caiu)"
    r"|nao (?:recebi|peguei|entregaram|me entregaram)(?: \w+){0,3} (?:oculos|lentes?|armacao)"
    r"|cobran(?:ca|do) (?:indevida|errad[oa]|duas vezes)|valor (?:esta |ta )?errado"
    r"|ja reclamei|insatisfeit[oa]|pessimo|pessima|garantia|troca(?:r)? (?:o|a|as|os) "
    r"(?:oculos|lentes?|armacao))\b"
)
_THANKS = re.compile(
    r"\b(?:obrigad[oa]s?|obg|obgd[oa]?|brigad[oa]|brigadao|vlw|valeu|agradec\w+|grat[oa]"
    r"|deus (?:te |lhe |os )?abencoe|tmj|show|combinado|perfeito|maravilha)\b"
)
_TIME_WORD = re.compile(
    r"\b(?:amanha|hoje|semana que vem|mes que vem|proxim[oa] (?:semana|mes)|fim do mes"
    r"|final do mes|quando (?:eu )?receber|dia \d{1,2}|ate dia|salario|pagamento (?:cair|sair))\b"
)
# A question about the shop's hours is no promise: "vcs abrem sexta?".
_SHOP_HOURS = re.compile(
    r"\b(?:abre|abrem|fecha|fecham|funciona|funcionam|horario|aberto|aberta)\b"
)


def read_reply(text: str | None, today: date) -> Reading:
    """Guess what a customer's message wants.

    :param text: as it came
    :param today: the customer's day, from which "amanhã" and "sexta" count
    """
    said = _plain(text)
    if not said:
        return Reading()
    found = set(_stated(said))
    day = None
    if Intent.PAID not in found and Intent.WRONG_PERSON not in found:
        day = named_day(said, today)
        if _promises(said, day, found):
            found.add(Intent.PROMISE)
    if Intent.THANKS in found and len(found) > 1:
        found.discard(Intent.THANKS)
    intents = tuple(intent for intent in Intent if intent in found)
    return Reading(intents, day if Intent.PROMISE in found else None)


def _stated(said: str) -> Iterable[Intent]:
    if _WRONG.search(said):
        yield Intent.WRONG_PERSON
    if _DISPUTE.search(said):
        yield Intent.DISPUTE
    if _DEED.search(said) and not _NO_DEED.search(said):
        yield Intent.PAID
    if _AGREEMENT.search(said):
        yield Intent.AGREEMENT
    if _SLIP.search(said):
        yield Intent.SLIP
    if _THANKS.search(said):
        yield Intent.THANKS


def _promises(said: str, day: date | None, found: set) -> bool:
    if _SHOP_HOURS.search(said) and not _WILL.search(said):
        return False
    if _WILL.search(said):
        return bool(day) or bool(_TIME_WORD.search(said))
    # A day alone, in few words, answers "quando pode pagar?": "dia 10", "sexta sem falta".
    return bool(day) and len(said.split()) <= 6 and not found - {Intent.THANKS}


def named_day(said: str, today: date) -> date | None:
    """The first day that a plain text names, today or later; None when there is none.

    "dia 10" is the next 10th; "sexta" the next Friday, never today; "5/2" that day, next year
    when it is past; "em 3 dias", "semana que vem" (its Monday), "fim do mês" (its last day).
    """
    for pattern, read in _DAY_PATTERNS:
        for match in pattern.finditer(said):
            day = read(match, today)
            if day is not None and day >= today:
                return day
    return None


def _plain(text: str | None) -> str:
    """Lower case, no accents, abbreviations written out; ``/`` stays for dates."""
    plain = without_accents((text or "")[:_READ]).casefold()
    plain = _ORDINAL.sub(r"\1a", plain)
    plain = " ".join(_WORD.findall(plain))
    plain = _TRIPLED.sub(r"\1", plain)
    for pattern, word in _ABBREVIATIONS:
        plain = pattern.sub(word, plain)
    return plain


# What a person writes; of a novel the beginning is read.
_READ = 2000
_ORDINAL = re.compile(r"(\d)[ªº°]")
_WORD = re.compile(r"[a-z0-9]+(?:/\d+)*")
_TRIPLED = re.compile(r"([a-z])\1{2,}")
_ABBREVIATIONS = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), word)
    for pattern, word in (
        ("n|nao|naum|num|nn", "nao"),
        ("amnh|amanha|amn|amanh", "amanha"),
        ("hj|hje", "hoje"),
        ("pgto|pgmto|pagto", "pagamento"),
        ("vc|vcs|voce", "voces"),
        ("tb|tbm", "tambem"),
        ("q|qe", "que"),
        ("pq", "porque"),
        ("qdo|qd|qnd|qndo", "quando"),
        ("prox", "proxima"),
        ("sem q vem|semana q vem", "semana que vem"),
        ("eh", "e"),
        ("oq", "o que"),
        ("vo|vou|vow", "vou"),
        ("ate o dia|ate dia|no dia|la pelo dia|pelo dia", "dia"),
        ("2 via|2via|2avia|segunda via", "2a via"),
        ("bolet\\w*", "boleto"),
        ("pixe|piks|picpay", "pix"),
        ("pagei", "paguei"),
    )
)


def _relative(days: int):
    return lambda _match, today: today + timedelta(days=days)


def _in_days(match: re.Match, today: date) -> date | None:
    number = match["number"]
    count = _DAYS_IN_WORDS.get(number) or (int(number) if number.isdigit() else 0)
    return today + timedelta(days=count) if 0 < count <= 60 else None


def _weekday(match: re.Match, today: date) -> date:
    name = match["weekday"]
    number = _SHORT_WEEKDAYS.get(name[:3], 0) if name not in _WEEKDAYS else _WEEKDAYS.index(name)
    ahead = (number - today.weekday() - 1) % 7 + 1
    return today + timedelta(days=ahead)


def _day_and_month(match: re.Match, today: date) -> date | None:
    month = match["month"]
    number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month)
    year = match.groupdict().get("year")
    if year:
        return _date(int(year) + (2000 if len(year) == 2 else 0), number, int(match["day"]))
    this_year = _date(today.year, number, int(match["day"]))
    if this_year is None or this_year >= today:
        return this_year
    # "pago 05/01" in December is next January; in March it speaks of the past.
    next_year = _date(today.year + 1, number, int(match["day"]))
    return next_year if next_year and (next_year - today).days <= 120 else None


def _day_of_month(match: re.Match, today: date) -> date | None:
    number = int(match["day"])
    year, month = today.year, today.month
    for _month in range(3):
        found = _date(year, month, number)
        if found and found >= today:
            return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _next_week(_match: re.Match, today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


def _month_end(_match: re.Match, today: date) -> date:
    year, month = (today.year + 1, 1) if today.month == 12 else (today.year, today.month + 1)
    return date(year, month, 1) - timedelta(days=1)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# The more exact first: "sexta dia 10/04" is the 10th.
_DAY_PATTERNS = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"\b(?P<day>\d{1,2})/(?P<month>\d{1,2})(?:/(?P<year>\d{4}|\d{2}))?\b", _day_and_month),
        (rf"\b(?P<day>\d{{1,2}}) de (?P<month>{'|'.join(_MONTHS)})\b", _day_and_month),
        (r"\bdia (?P<day>\d{1,2})\b", _day_of_month),
        (r"\bdepois de amanha\b", _relative(2)),
        (r"\bamanha\b", _relative(1)),
        (
            rf"\b(?:em|daqui a?|dentro de) (?P<number>\d{{1,3}}|{'|'.join(_DAYS_IN_WORDS)}) dias\b",
            _in_days,
        ),
        (rf"\b(?P<weekday>{'|'.join(_WEEKDAYS)})(?: feira)?\b(?! via)", _weekday),
        (
            r"\b(?:na|nesta|nessa|ate|pra|para|pago) (?P<weekday>seg|ter|qua|qui|sex|sab|dom)\b",
            _weekday,
        ),
        (r"\b(?:semana que vem|proxima semana)\b", _next_week),
        (r"\b(?:fim|final) do mes\b", _month_end),
        (r"\b(?:hoje|agora|mais tarde|ainda hoje)\b", _relative(0)),
    )
)
