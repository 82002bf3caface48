"""Names of products as real shops have them, in many languages and scripts, with signs, units and codes; with skus."""

import random
import sys
import unicodedata

from app.web.texts import is_visible

NAMES = {
    # English, with signs of all kinds
    "Women's rain jacket": "RJ-W-38",
    "T-shirt “Rock ’n’ Roll”": "TS_RNR-01",
    "Audio cable 3.5mm 1.5 m": "CABLE_35",
    "USB_C-hub": "USB_C-HUB.4",
    "Salt & Pepper mill (set of 2)": "S-P-2",
    "C++ in a nutshell, 2nd ed.": "BOOK-CPP-2",
    "AC/DC poster 24×36 in.": "ACDC-24X36",
    "50% wool / 50% cotton socks": "SOCK50.50",
    "Mug™ Original® №5": "MUG-TM-5",
    "Ruler 12″ (30 cm)": "RUL12",
    '1/2" hex bolt M6×1.25': "BOLT-M6.125",
    "iPhone 15 Pro case #1": "IP15-PRO",
    "½ litre jug": "JUG-05",
    "Wi-Fi 6E router @home": "RT-AX86",
    "Candle ☕ & 🍰": "CNDL-1",
    "👩\u200d🚀 astronaut pin": "PIN-ASTRO",
    "Ø 35 mm lens cap": "CAP35",
    "36 °C thermometer ±0.1": "THERM_36",
    "Water H₂O bottle": "H2O-B",
    "Set ①②③ x³": "SET123",
    "ﬁne china ﬂute": "FC-FL",
    "\"Quoted\" 'name' *bold* \\ slash": "QUOTE-1",
    "Plate ~20cm^2 [blue] {new} <sale>": "PLT_20",
    "$5 gift card = fun!": "GIFT5",
    "😀": "SMILE",
    "★★★": "STARS",
    "A": "A",
    # German, Dutch, Nordic
    "Läufer 3 m² Wolle": "LAEUF-3QM",
    "Straße nach Süden – Poster": "STR-S",
    "TISCHDECKE Größe 5": "TD.5",
    "Smørrebrødsbræt af eg": "SMB-EG",
    "Þvottaefni 2 l, ðægilegt": "TVO-2",
    "Blåbärssylt från Åland": "BLAB-1",
    "Hääyöaie lasi": "LASI-7",
    "Zeeuws vlegelbrood 's avonds": "BROOD-S",
    # Romance
    "Huile d'olive vierge": "HDO-750ML",
    "Crème brûlée à l’ancienne": "CB-4",
    "Señor Ñandú – cerámica": "NAN-1",
    "Pão de açúcar, coração": "PAO-2",
    "Tazza da caffè dell'amico": "TAZ-CAF",
    "Cană țărănească și șervet": "CANA-RO",
    "Col·lecció d'estiu": "COL-CAT",
    # Slavic, Baltic, others in Latin and Cyrillic
    "Кружка «Ёлка» эмалированная": "KR-ELKA",
    "Чашка з їжачком ґудзик": "CH-UK",
    "М'ята сушена": "MYATA-1",
    "Матрьошка з камʼяним дном": "MATR-1",
    "Oʻzbek choynagi": "UZ-1",
    "Чаша за кафе – синьо": "CH-BG",
    "Шоља љубичаста ђурђевак": "SO-SR",
    "Żółta łódź ślązaka": "LODZ-PL",
    "Příliš žluťoučký kůň": "KUN-CZ",
    "Ąžuolinė lentelė šviesi": "AZ-LT",
    "Glāžšķūņa rūķīši": "GL-LV",
    "Őrült tükörfúrógép": "TU-HU",
    "İstanbul bardağı ılık çay": "IST-TR",
    "Ấm trà sứ Bát Tràng": "AM-VN",
    # Greek, Armenian, Georgian
    "Κούπα ΟΔΥΣΣΕΑΣ καφές": "KU-GR",
    "Գավաթ սուրճի": "GAV-AM",
    "ყავის ჭიქა": "KIKA-GE",
    # right to left
    "כוס קפה עם חָלָב": "KOS-HE",
    "كوب قهوة بالحليب": "KUB-AR",
    "تلفزيون ٤٣ بوصة": "TV-AR",
    "فنجان می\u200cخواهم چای": "FNJ-FA",
    "چائے کا کپ": "CUP-UR",
    # South Asia
    "हिन्दी चाय का कप": "CHAI-HI",
    "गिलास ३२५ मिली": "GLAS-HI",
    "বাংলা চায়ের কাপ": "CHA-BN",
    "தமிழ் காபி கோப்பை": "KAPI-TA",
    "తెలుగు కాఫీ కప్పు": "KAPI-TE",
    "ಕನ್ನಡ ಲೋಟ": "LOTA-KN",
    "മലയാളം ചായ ഗ്ലാസ്": "CHAYA-ML",
    "ગુજરાતી ચા નો કપ": "CHA-GU",
    "ਪੰਜਾਬੀ ਚਾਹ ਕੱਪ": "CHA-PA",
    "සිංහල තේ කෝප්පය": "TE-SI",
    # without spaces
    "保温杯不锈钢500ml": "BWB-500",
    "日本製マグカップ・ブルー": "JP_MUG.B",
    "ﾏｸﾞｶｯﾌﾟ ｾｯﾄ": "JP-HALF",
    "Ｔシャツ ＡＢＣ": "JP-T",
    "한국 머그컵 (대)": "KR-MUG",
    "แก้วน้ำสแตนเลส 500 มล.": "TH-500",
    "ຈອກກາເຟ": "LA-1",
    "កែវកាហ្វេ": "KH-1",
    "ကော်ဖီခွက်": "MM-1",
    "ཇ་དཀར།": "BO-1",
    # Africa, the Americas, and the astral plane
    "የቡና ስኒ": "ET-1",
    "Ɗan ƙaramin kofi": "HA-1",
    "ᏣᎳᎩ ᎤᎭᏂ": "CHR-1",
    "ᐃᓄᒃᑎᑐᑦ": "IU-1",
    "𞤀𞤣𞤤𞤢𞤥": "ADLM-1",
    "𠮷野家の丼": "YOSHI-1",
}
PARTS = {  # a part of a run without spaces, and the name that contains it
    "不锈钢": "保温杯不锈钢500ml",
    "杯": "保温杯不锈钢500ml",
    "マグカップ": "日本製マグカップ・ブルー",
    "머그": "한국 머그컵 (대)",
    "컵": "한국 머그컵 (대)",
    "สแตนเลส": "แก้วน้ำสแตนเลส 500 มล.",
    "野家": "𠮷野家の丼",
}
MEANT = {  # a query as a customer types it, and the name that it means
    "usb c hub": "USB_C-hub",
    "strasse": "Straße nach Süden – Poster",
    "grosse": "TISCHDECKE Größe 5",
    "елка": "Кружка «Ёлка» эмалированная",
    "m2": "Läufer 3 m² Wolle",
    "h2o": "Water H₂O bottle",
    "abc": "Ｔシャツ ＡＢＣ",
    "lodz": "Żółta łódź ślązaka",
    "istanbul": "İstanbul bardağı ılık çay",
    "οδυσσεας": "Κούπα ΟΔΥΣΣΕΑΣ καφές",
    "חלב": "כוס קפה עם חָלָב",
    "no 5": "Mug™ Original® №5",
    "cable_35": "Audio cable 3.5mm 1.5 m",
    "cable 35": "Audio cable 3.5mm 1.5 m",
    "м’ята": "М'ята сушена",
    "мʼята": "М'ята сушена",  # the letter that Ukrainian keyboards have for the sign
    "кам'яним": "Матрьошка з камʼяним дном",
    "o'zbek": "Oʻzbek choynagi",
    "تلفزيون 43": "تلفزيون ٤٣ بوصة",
    "تلفزيون ۴۳": "تلفزيون ٤٣ بوصة",
    "325": "गिलास ३२५ मिली",
    "٣٦ °c": "36 °C thermometer ±0.1",
}


CLASSES: dict[str, list[str]] = {}  # all visible characters, by their Unicode category
for each in map(chr, range(sys.maxunicode + 1)):
    if (kind := unicodedata.category(each))[0] != "Z" and kind not in {"Cc", "Cf", "Cs", "Cn"}:
        CLASSES.setdefault(kind, []).append(each)


def of_every_class(chance: random.Random) -> list[str]:
    """For each category: a name that is the sign alone if it is visible, one with it in a word, one between words."""
    names = []
    for _, members in sorted(CLASSES.items()):
        alone, inside, between = (chance.choice(members) for _ in range(3))
        names += [alone] if is_visible(alone) else []
        names += [f"ab{inside}cd 7{inside}", f"{between} {between}x {chance.choice(members)}y"]
    return sorted(set(names))
