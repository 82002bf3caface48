"""The products of the demo shop, composed from word lists; the result is always the same."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

CATEGORIES = [  # slug, name, parent
    ("kitchen", "Kitchen", None),
    ("mugs", "Mugs & cups", "kitchen"),
    ("cookware", "Pots & pans", "kitchen"),
    ("home", "Home", None),
    ("lighting", "Lighting", "home"),
    ("textiles", "Cushions & throws", "home"),
    ("desk", "Desk", None),
    ("notebooks", "Notebooks", "desk"),
    ("pens", "Pens", "desk"),
    ("wardrobe", "Wardrobe", None),
    ("knitwear", "Knitwear", "wardrobe"),
    ("bags", "Bags", "wardrobe"),
]
COLOURS = ("blue", "white", "red", "sage", "charcoal", "mustard")
LETTERS = (("Small", "S"), ("Medium", "M"), ("Large", "L"))
TWO = (("Small", "S"), ("Large", "L"))
PAPER = (("A6", "A6"), ("A5", "A5"), ("A4", "A4"))
TIPS = (("Fine", "F"), ("Medium", "M"), ("Broad", "B"))
ONE = (("", ""),)


@dataclass(frozen=True)
class Kind:
    """One kind of product: there is one in each of `makes` and each colour, with a variant for each size."""

    category: str
    noun: str
    code: str
    makes: tuple[str, ...]
    sizes: tuple[tuple[str, str], ...]
    cents: int
    about: str


KINDS = (
    Kind("mugs", "mug", "MUG", ("Enamel", "Stoneware", "Porcelain"), TWO, 990, "Keeps coffee hot and tea honest."),
    Kind(
        "mugs", "espresso cup", "CUP", ("Stoneware", "Porcelain", "Glazed"), ONE, 790, "Two sips, a saucer beside it."
    ),
    Kind("cookware", "frying pan", "PAN", ("Cast-iron", "Steel", "Ceramic"), LETTERS, 3490, "Heats evenly to the rim."),
    Kind(
        "cookware", "casserole", "POT", ("Cast-iron", "Enamelled", "Ceramic"), TWO, 5990, "From the stove to the table."
    ),
    Kind("cookware", "kettle", "KET", ("Enamel", "Steel", "Copper"), ONE, 4490, "Sings when it is ready."),
    Kind("lighting", "table lamp", "LMP", ("Linen", "Brass", "Oak"), ONE, 6990, "Warm light for long evenings."),
    Kind("lighting", "pendant", "PEN", ("Glass", "Brass", "Paper"), TWO, 8990, "Hangs well above a table for six."),
    Kind("lighting", "candle holder", "CDL", ("Brass", "Glass", "Stoneware"), ONE, 1490, "For one tall candle."),
    Kind(
        "textiles",
        "cushion",
        "CSH",
        ("Linen", "Velvet", "Wool"),
        TWO,
        2490,
        "The cover comes off and goes in the wash.",
    ),
    Kind(
        "textiles",
        "throw",
        "THR",
        ("Lambswool", "Cotton", "Mohair"),
        ONE,
        7990,
        "Woven on old looms, soft from the first day.",
    ),
    Kind(
        "notebooks", "notebook", "NTB", ("Ruled", "Dotted", "Plain"), PAPER, 890, "Lies flat; 160 pages of heavy paper."
    ),
    Kind(
        "notebooks",
        "sketchbook",
        "SKB",
        ("Hardback", "Spiral", "Pocket"),
        PAPER,
        1290,
        "Takes ink without bleeding through.",
    ),
    Kind("pens", "fountain pen", "FTN", ("Resin", "Brass", "Aluminium"), TIPS, 3990, "Starts at the first stroke."),
    Kind("pens", "pencil set", "PCL", ("Cedar", "Graphite", "Carpenter’s"), ONE, 690, "Six pencils and a sharpener."),
    Kind("knitwear", "jumper", "JMP", ("Merino", "Lambswool", "Cotton"), LETTERS, 7490, "Knitted in one piece."),
    Kind(
        "knitwear", "beanie", "BNE", ("Merino", "Cashmere", "Ribbed"), ONE, 2490, "Covers the ears and does not itch."
    ),
    Kind("bags", "tote bag", "TOT", ("Canvas", "Waxed", "Leather"), TWO, 3490, "Carries a week's shopping."),
)


@dataclass(frozen=True)
class Form:
    """A variant to create; `cents` is its price, `on_hand` its opening stock."""

    sku: str
    name: str
    cents: int
    attributes: dict[str, str]
    on_hand: int


@dataclass(frozen=True)
class Good:
    """A product to create, with its variants."""

    slug: str
    name: str
    description: str
    category: str
    attributes: dict[str, str]
    forms: tuple[Form, ...]


def goods() -> Iterator[Good]:
    """Yield all products. The first is the blue enamel mug, MUG-BLUE-S and MUG-BLUE-L, which the tutorials rely on."""
    for kind in KINDS:
        for position, make in enumerate(kind.makes):
            for colour in COLOURS:
                yield _good(kind, position, make, colour)


def slug_of_good(kind: Kind, make: str, colour: str) -> str:
    return f"{make} {kind.noun} {colour}".lower().replace("’", "").replace(" ", "-")


def _good(kind: Kind, position: int, make: str, colour: str) -> Good:
    stem = "-".join([kind.code, *([_code(make)] if position else []), colour.upper()])
    return Good(
        slug=slug_of_good(kind, make, colour),
        name=f"{make} {kind.noun}, {colour}",
        description=f"{make} {kind.noun} in {colour}. {kind.about}",
        category=kind.category,
        attributes={"colour": colour, "material": make.lower()},
        forms=tuple(_form(kind, stem, position, index, size) for index, size in enumerate(kind.sizes)),
    )


def _form(kind: Kind, stem: str, position: int, index: int, size: tuple[str, str]) -> Form:
    name, code = size
    sku = f"{stem}-{code}" if code else stem
    chance = zlib.crc32(sku.encode())
    cents = kind.cents * (10 + 3 * position + 4 * index) // 10 // 100 * 100 + 90
    on_hand = 0 if chance % 16 == 0 else 40 + chance % 400
    bestseller = kind.code == "MUG" and position == 0
    return Form(sku, name, cents, {"size": name.lower()} if name else {}, 10_000 if bestseller else on_hand)


def _code(make: str) -> str:
    return "".join(each for each in make.upper() if each.isalnum())[:5]
