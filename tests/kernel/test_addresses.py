"""Addresses as people write them are accepted and normalised; refused is what no parcel could reach."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.address import MAX_LENGTHS, Address, BadAddress, normalized_address
from app.kernel.countries import COUNTRIES, FORMER_REGIONS, FORMS, NEED_CITY_OR_REGION, NEED_POSTAL_CODE, REGIONS

REAL = [  # line1, city, region, postal code as typed and as it is stored, country
    ("Platz der Republik 1", "Berlin", "", "11011", "11011", "DE"),
    ("Marienplatz 8", "München", "Bayern", "D-80331", "80331", "DE"),
    ("Ballhausplatz 2", "Wien", "", "A-1010", "1010", "AT"),
    ("Bundesplatz 3", "Bern", "BE", "CH-3005", "3005", "CH"),
    ("Peter-Kaiser-Platz 1", "Vaduz", "", "FL-9490", "9490", "LI"),
    ("55 rue du Faubourg Saint-Honoré", "Paris", "", "75 008", "75008", "FR"),
    ("1 place du Maréchal-de-Lattre", "Saint-Denis", "", "97400", "97400", "RE"),
    ("10 Downing Street", "London", "", "sw1a2aa", "SW1A 2AA", "GB"),
    ("1 Victoria Square", "Birmingham", "England", "b1 1bd", "B1 1BD", "GB"),
    ("4th Regiment Royal Artillery", "BFPO", "", "bfpo 58", "BFPO 58", "GB"),
    ("Royal Square", "St Helier", "", "JE11BB", "JE1 1BB", "JE"),
    ("Leinster House, Kildare Street", "Dublin", "Co. Dublin", "d02a272", "D02 A272", "IE"),
    ("Knockaphunta", "Castlebar", "Mayo", "", "", "IE"),
    ("Plein 2", "Den Haag", "", "2511cr", "2511 CR", "NL"),
    ("Rue de la Loi 16", "Bruxelles", "", "B-1000", "1000", "BE"),
    ("4 rue de la Congrégation", "Luxembourg", "", "L-1352", "1352", "LU"),
    ("Riksgatan 1", "Stockholm", "", "SE-10012", "100 12", "SE"),
    ("Christiansborg Slotsplads 1", "København", "", "1218", "1218", "DK"),
    ("Karl Johans gate 22", "Oslo", "", "0026", "0026", "NO"),
    ("Mannerheimintie 30", "Helsinki", "", "FI-00100", "00100", "FI"),
    ("Jēkaba iela 11", "Rīga", "", "1811", "LV-1811", "LV"),
    ("Gedimino pr. 53", "Vilnius", "", "LT01109", "01109", "LT"),
    ("ul. Wiejska 4/6/8", "Warszawa", "", "00902", "00-902", "PL"),
    ("Sněmovní 4", "Praha 1", "", "11826", "118 26", "CZ"),
    ("Largo das Cortes", "Lisboa", "", "1249 068", "1249-068", "PT"),
    ("Calle Floridablanca s/n", "Madrid", "", "28014", "28014", "ES"),
    ("Piazza Montecitorio 1", "Roma", "RM", "00186", "00186", "IT"),
    ("Πλατεία Συντάγματος", "Αθήνα", "", "10557", "105 57", "GR"),
    ("Freedom Place, Republic Street", "Valletta", "", "vlt1115", "VLT 1115", "MT"),
    ("1600 Pennsylvania Avenue NW", "Washington", "dc", "205000003", "20500-0003", "US"),
    ("PSC 3 Box 4120", "APO", "AE", "09021", "09021", "US"),
    ("La Fortaleza", "San Juan", "US-PR", "00901", "00901", "US"),
    ("80 Wellington Street", "Ottawa", "on", "k1a0a2", "K1A 0A2", "CA"),
    ("Avenida Juárez 20", "Ciudad de México", "DIF", "06010", "06010", "MX"),
    ("Praça dos Três Poderes", "Brasília", "DF", "70150900", "70150-900", "BR"),
    ("Balcarce 50", "Buenos Aires", "", "c1064aab", "C1064AAB", "AR"),
    ("Balcarce 50", "Buenos Aires", "", "1064", "1064", "AR"),
    ("Parliament Drive", "Canberra", "act", "2600", "2600", "AU"),
    ("1 Museum Street", "Wellington", "", "6011", "6011", "NZ"),
    ("千代田1-1", "千代田区", "東京都", "〒１００−０００１", "100-0001", "JP"),
    ("161 Sajik-ro", "Seoul", "", "03045", "03045", "KR"),
    ("29, Gwonseon-ro", "Suwon", "", "16575", "16575", "KR"),
    ("中南路99号", "武汉市", "湖北省", "430071", "430071", "CN"),
    ("8 Connaught Place", "", "Hong Kong Island", "", "", "HK"),
    ("1 Parliament Place", "", "", "178880", "178880", "SG"),
    ("Rajpath", "New Delhi", "DL", "110 001", "110001", "IN"),
    ("Janpath", "Bhubaneswar", "OR", "751001", "751001", "IN"),
    ("شارع التحرير", "القاهرة", "", "١١٥١١", "11511", "EG"),
    ("Sheikh Zayed Road 1", "", "Dubai", "", "", "AE"),
    ("Plein Street", "Cape Town", "", "8001", "8001", "ZA"),
    ("12 Independence Avenue", "Accra", "", "GA-183-8164", "GA-183-8164", "GH"),
    ("Sheshi Nënë Tereza", "Prishtinë", "", "10000", "10000", "XK"),
]
GOOD = {
    "name": "Ada",
    "line1": "12 Main Street",
    "city": "Austin",
    "region": "TX",
    "postal_code": "78701",
    "country": "US",
}


def sent(**fields: str) -> dict[str, str]:
    return dict.fromkeys(MAX_LENGTHS, "") | GOOD | fields


def wrong(**fields: str) -> dict[str, str]:
    """The fields of this address that are refused, with the sentences."""
    with pytest.raises(BadAddress) as refused:
        normalized_address(sent(**fields))
    return refused.value.errors


@pytest.mark.parametrize(("line1", "city", "region", "typed", "stored", "country"), REAL)
def test_a_real_address_is_accepted(line1: str, city: str, region: str, typed: str, stored: str, country: str) -> None:
    address = normalized_address(sent(line1=line1, city=city, region=region, postal_code=typed, country=country))

    assert (address.line1, address.city, address.postal_code) == (line1, city, stored)
    assert normalized_address(address.__dict__) == address, "what is shown can be sent again"


def test_real_addresses_are_of_many_countries() -> None:
    assert len({each[-1] for each in REAL}) > 35


def test_texts_are_trimmed_and_composed() -> None:
    address = normalized_address(sent(name=" Ada\u00a0", company="Cafe\u0301 Ltd", line2="\t3rd floor "))

    assert (address.name, address.company, address.line2) == ("Ada", "Café Ltd", "3rd floor")


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("tx", "US", "TX"),
        ("us-tx", "US", "TX"),
        ("OR", "IN", "OD"),
        ("OR", "US", "OR"),
        ("by", "DE", "BY"),
        ("Bayern", "DE", "Bayern"),
    ],
)
def test_a_region_is_a_code_without_its_country(typed: str, country: str, stored: str) -> None:
    code = {"US": "78701", "IN": "751001", "DE": "80331"}[country]

    assert normalized_address(sent(region=typed, country=country, postal_code=code)).region == stored


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"name": ""}, "name"),
        ({"line1": ""}, "line1"),
        ({"line1": " \u00a0"}, "line1"),
        ({"city": ""}, "city"),
        ({"region": ""}, "region"),
        ({"postal_code": ""}, "postal_code"),
        ({"postal_code": "", "city": "", "region": ""}, "city postal_code region"),
        ({"country": ""}, "country"),
        ({"country": "us"}, "country"),
        ({"country": "XX"}, "country"),
        ({"country": "EU"}, "country"),
        ({"country": "UK"}, "country"),
        ({"country": "AN"}, "country"),  # the Netherlands Antilles, until 2010
        ({"region": "Texas"}, "region"),
        ({"region": "ON"}, "region"),
        ({"country": "CA", "region": "TX", "postal_code": "K1A 0A2"}, "region"),
        ({"country": "AE", "region": "", "city": ""}, "city"),
        ({"postal_code": "7870"}, "postal_code"),
        ({"postal_code": "78701-12"}, "postal_code"),
        ({"postal_code": "K1A 0A2"}, "postal_code"),
        ({"postal_code": "7870O"}, "postal_code"),
        ({"postal_code": "7870½"}, "postal_code"),
        ({"country": "GB", "region": "", "postal_code": "SW1A"}, "postal_code"),
        ({"country": "GB", "region": "", "postal_code": "1 1AA"}, "postal_code"),
        ({"country": "LV", "region": "", "postal_code": "LT-1010"}, "postal_code"),
        ({"country": "GH", "region": "", "postal_code": "'; DROP"}, "postal_code"),
        ({"country": "GH", "region": "", "postal_code": "\ufdfa" * 20}, "postal_code"),  # each is 18 letters in NFKC
        ({"country": "GH", "region": "", "postal_code": "ß" * 20}, "postal_code"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "++49 30"}, "phone"),
        ({"phone": "030\n1"}, "phone"),
        ({"phone": "⑴" * 30}, "phone"),
        ({"name": "Ada\x00"}, "name"),
        ({"line1": "12 Main\nStreet"}, "line1"),
        ({"city": "\ud800"}, "city"),
        ({"line2": "a\u2028b"}, "line2"),
    ],
    ids=str,
)
def test_it_is_refused_with_what_to_do(fields: dict[str, str], refused: str) -> None:
    errors = wrong(**fields)

    assert errors.keys() == set(refused.split())
    assert all(sentence.endswith(".") and len(sentence) < 400 for sentence in errors.values())


def test_a_refused_postal_code_is_answered_with_its_form() -> None:
    assert (
        wrong(country="CA", region="ON")["postal_code"] == "This is no postal code of CA: give one of the form A9A 9A9."
    )
    assert wrong(postal_code="")["postal_code"] == "Give the postal code of the form 99999 or 99999-9999."
    assert "NSW, NT, QLD" in wrong(country="AU", region="", postal_code="2600")["region"]


@pytest.mark.parametrize("phone", ["+49 30 227-0", "(030) 227 0", "030/2270", "0044.20.7219"])
def test_a_phone_number_is_taken_as_it_is_written(phone: str) -> None:
    assert normalized_address(sent(phone=phone)).phone == phone


@pytest.mark.parametrize(
    ("phone", "stored"),
    [
        ("０３－１２３４－５６７８", "03-1234-5678"),
        ("٠٣٠ ٢٢٧", "030 227"),
        ("+49\u00a030\u2011227", "+49 30-227"),
        ("（03）1234–5", "(03)1234-5"),
    ],
)
def test_a_phone_number_has_the_digits_and_signs_that_every_telephone_has(phone: str, stored: str) -> None:
    assert normalized_address(sent(phone=phone)).phone == stored


@pytest.mark.parametrize("field", MAX_LENGTHS)
@pytest.mark.parametrize("filling", ["a", "7", "e\u0301", "\u0301", "-", " ", "\ufdfa", "ͅ"])
def test_a_text_that_is_too_long_costs_no_work(monkeypatch: pytest.MonkeyPatch, field: str, filling: str) -> None:
    monkeypatch.setattr("app.kernel.address.unicodedata", None)  # what looks at each character fails now

    errors = wrong(**{field: filling * 1_000_000})

    assert errors == {field: f"Longer than maximum length {MAX_LENGTHS[field]}."}


@given(st.fixed_dictionaries({name: st.text(max_size=size + 1) for name, size in MAX_LENGTHS.items()}))
def test_whatever_is_sent_is_an_address_that_fits_or_refused(fields: dict[str, str]) -> None:
    for country in (fields["country"], *sorted(REGIONS), "GB", "JP", "AE"):
        try:
            address = normalized_address(fields | {"country": country})
        except BadAddress as refused:
            assert refused.errors.keys() <= MAX_LENGTHS.keys()
            continue
        stored = address.__dict__
        assert all(len(stored[name]) <= size for name, size in MAX_LENGTHS.items())
        assert all(unicodedata.is_normalized("NFC", text) for text in stored.values())
        assert normalized_address(stored) == address == Address(**stored)


def test_the_tables_are_of_known_countries() -> None:
    assert len(COUNTRIES) == 250
    assert FORMS.keys() | REGIONS.keys() | NEED_POSTAL_CODE | NEED_CITY_OR_REGION | FORMER_REGIONS.keys() <= COUNTRIES
    assert FORMS.keys() >= NEED_POSTAL_CODE, "who must give a code is told its form"
    assert all(REGIONS[country].issuperset(codes.values()) for country, codes in FORMER_REGIONS.items())
    assert not any(REGIONS[country] & codes.keys() for country, codes in FORMER_REGIONS.items())
