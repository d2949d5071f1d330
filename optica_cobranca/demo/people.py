"""The customers of the demo shop. All of them are made up; so are their numbers."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True, slots=True)
class Person:
    """A customer. The last four digits of some phones play a fate in the sandbox gateway.

    ``birthday`` is (month, day), or the days from today on which the next one falls.
    """

    name: str
    state: str
    city: str
    phone: str
    birthday: tuple[int, int] | int
    year: int

    @property
    def email(self) -> str:
        """First and last name at a domain that exists for examples only."""
        first, *_middle, last = plain(self.name).split()
        return f"{first}.{last}@example.com"


def plain(text: str) -> str:
    """Lower case without the accents that occur in these names."""
    return text.lower().translate(str.maketrans("áâãàçéêíóôõúü", "aaaaceeiooouu"))


# A street in the middle of each town and its postcode: letters can be printed and maps drawn.
STREETS = {
    "Belo Horizonte": ("Rua da Bahia", "30160-011"),
    "Belém": ("Avenida Presidente Vargas", "66017-000"),
    "Brasília": ("SCS Quadra 2", "70302-000"),
    "Campinas": ("Rua Barão de Jaguara", "13015-001"),
    "Campo Grande": ("Rua 14 de Julho", "79002-330"),
    "Caxias do Sul": ("Rua Sinimbu", "95020-001"),
    "Cuiabá": ("Avenida Getúlio Vargas", "78005-370"),
    "Curitiba": ("Rua XV de Novembro", "80020-310"),
    "Feira de Santana": ("Rua Conselheiro Franco", "44002-128"),
    "Florianópolis": ("Rua Felipe Schmidt", "88010-001"),
    "Fortaleza": ("Rua Major Facundo", "60025-100"),
    "Goiânia": ("Avenida Goiás", "74010-010"),
    "Guarulhos": ("Rua Dom Pedro II", "07011-003"),
    "Joinville": ("Rua do Príncipe", "89201-001"),
    "Jundiaí": ("Rua Barão de Jundiaí", "13201-010"),
    "Londrina": ("Avenida Paraná", "86010-390"),
    "Manaus": ("Avenida Eduardo Ribeiro", "69010-001"),
    "Natal": ("Avenida Rio Branco", "59025-001"),
    "Niterói": ("Rua da Conceição", "24020-084"),
    "Osasco": ("Rua Antônio Agu", "06013-006"),
    "Porto Alegre": ("Rua dos Andradas", "90020-005"),
    "Recife": ("Rua da Aurora", "50050-000"),
    "Ribeirão Preto": ("Rua General Osório", "14010-000"),
    "Rio Branco": ("Avenida Ceará", "69900-088"),
    "Rio de Janeiro": ("Rua da Carioca", "20050-008"),
    "Salvador": ("Avenida Sete de Setembro", "40060-001"),
    "Santos": ("Rua XV de Novembro", "11010-151"),
    "Sorocaba": ("Rua Sete de Setembro", "18035-001"),
    "São Paulo": ("Rua Barão de Itapetininga", "01042-001"),
    "Uberlândia": ("Avenida Afonso Pena", "38400-128"),
    "Vitória": ("Avenida Jerônimo Monteiro", "29010-002"),
}

_TABLE = """
Adriana Moreira Campos|SP|São Paulo|(11) 98812-4410|0|1984
Alberto Nogueira Prado|SP|São Paulo|(11) 97755-0002|3,14|1961
Aline Fagundes Rocha|SP|Guarulhos|(11) 96642-1873|0|1992
Antônio Carlos Brandão|SP|Campinas|(19) 99123-4567|7,2|1957
Beatriz Sampaio Leal|SP|São Paulo|(11) 95530-0003|1|1988
Benedito Arruda Lima|MG|Belo Horizonte|(31) 98471-2290|5,20|1949
Bruna Castelo Dias|MG|Uberlândia|(34) 99655-0004|2,29|1996
Caio Vasconcelos Pinto|SP|São Paulo|(11) 94321-7788|3|1990
Camila Teixeira Borges|RJ|Rio de Janeiro|(21) 99888-0006|11,30|1986
Carlos Eduardo Matos|RJ|Niterói|(21) 98744-0001|8,8|1973
Cecília Amaral Freitas|PR|Curitiba|(41) 99234-5005|5|1965
Cláudio Barreto Neves|PR|Londrina|(43) 98812-3344|12,24|1970
Daniela Furtado Reis|SC|Florianópolis|(48) 99101-2020|6,12|1994
Diego Monteiro Paiva|SC|Joinville|(47) 98450-0005|9,7|1983
Edna Gonçalves Porto|SP|São Paulo||4,1|1952
Eduardo Salgado Luz|RS|Porto Alegre|(51) 99672-8181|1,15|1979
Fabiana Queiroz Maia|RS|Caxias do Sul|(54) 98123-0001|10,12|1987
Felipe Andrade Viana|SP|Santos|(13) 99711-6262|2|1999
Fernanda Lobo Meireles|BA|Salvador|(71) 98666-3030|12,8|1991
Francisco Xavier Duarte|BA|Feira de Santana|(75) 99190-4141|1,25|1946
Gabriela Moura Tavares|PE|Recife|(81) 98877-4545|3,8|1997
Geraldo Pacheco Silveira|CE|Fortaleza|(85) 99444-0002|6,29|1955
Helena Bittencourt Alves|SP|São Paulo|(11) 93215-6644|4|1982
Iara Peixoto Guedes|AM|Manaus|(92) 99333-0001|7,26|1989
Igor Santana Farias|PA|Belém|(91) 98222-0007|5,1|1993
Isabel Cristina Rangel|GO|Goiânia|(62) 99855-7070|9,30|1968
João Batista Coutinho|DF|Brasília|(61) 98181-6363|6,24|1963
Jorge Luiz Sarmento|MT|Cuiabá|(65) 99977-5252|4,23|1976
Juliana Esteves Braga|MS|Campo Grande|(67) 98404-0007|8,15|1985
Larissa Dantas Coelho|SP|Sorocaba|(15) 99606-1414|10,4|2000
Leonardo Pires Antunes|SP|São Paulo|(11) 92208-3535|11,2|1981
Luciana Bastos Veiga|ES|Vitória|(27) 99818-9494|2,2|1978
Marcelo Rezende Cunha|SP|Osasco|(11) 91145-0606|7,14|1972
Márcia Villela Soares|SP|Ribeirão Preto|(16) 98855-0003|3,21|1967
Nelson Toledo Guimarães|SP|São Paulo|(11) 98001-4848|12,13|1944
Patrícia Lacerda Melo|RN|Natal|(84) 99222-6868|5,13|1990
Rafael Siqueira Torres|AC|Rio Branco|(68) 99951-3737|1,6|1995
Sandra Regina Falcão|SP|São Paulo|(11) 3101-7272|9,21|1959
Tereza Cristina Lins|SP|Jundiaí|(11) 97432-5959|10,31|1953
Vinícius Abreu Cardoso|SP|São Paulo|(11) 96578-1010|6,5|1998
"""


def _person(line: str) -> Person:
    name, state, city, phone, birthday, year = line.split("|")
    month, _, day = birthday.partition(",")
    return Person(
        name, state, city, phone, (int(month), int(day)) if day else int(month), int(year)
    )


PEOPLE = tuple(_person(line) for line in _TABLE.strip().splitlines())


def birthdate(person: Person, today: date) -> date:
    """The day of birth, so that birthdays given in days from today fall there."""
    if isinstance(person.birthday, int):
        return today + timedelta(days=person.birthday) + relativedelta(year=person.year)
    return date(person.year, *person.birthday)


def cpf(index: int) -> str:
    """A CPF with valid check digits whose first digits show that it was made up."""
    digits = f"{1_000_101 + index:09d}"
    for length in (10, 11):
        pairs = zip(digits, range(length, 1, -1), strict=True)
        digits += str(sum(int(digit) * weight for digit, weight in pairs) * 10 % 11 % 10)
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"
