"""Cleaning of incoming text: harmless deviations are normalised; invisible and direction-changing characters refused.

Sizes are checked before a text is normalised, which takes quadratic time if one letter has thousands of marks.
"""

import re
import unicodedata
from collections.abc import Iterator

MAX_MARKS = 30  # marks on one letter, as in the Stream-Safe Text Format (UAX #15, 13); languages need a handful
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
ENDS = " \t\n\r\x0b\x0c\x85\u00a0\u2028\u2029\u3000\ufeff\u200b"  # no characters that join letters or set a direction
REFUSED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|(?P<half>[\ud800-\udfff])"
    "|(?P<turns>[\u202a-\u202e\u2066-\u2069])|(?P<none>[\ufdd0-\ufdef\ufffe\uffff])"
)
WHY = {
    "half": "is half a character",
    "turns": "changes the direction of the text",
    "none": "is not a character",
    None: "is a control character",
}
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # invisible, although their class is that of letters and signs

# Unassigned, and reserved for invisible characters.
UNSEEN = frozenset(map(chr, (0x2065, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))))

# The same for other programs, as parts of classes in ECMA-262 with the flag u
TURNING = r"\u202a-\u202e\u2066-\u2069"
NO_TEXT = r"\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufdd0-\ufdef\ufffe\uffff"
LINE_ENDING = r"\n\r\u000b\u000c\u0085\u2028\u2029"
AT_ENDS = r" \t\n\r\u000b\u000c\u0085\u00a0\u2028\u2029\u3000\ufeff\u200b"
FORMATS = (  # Unicode's class Cf; not every program knows \p{Cf}
    r"\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
BLANKS = r"\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
INVISIBLE = BLANKS + r"\u115f\u1160\u2065\u2800\u3164\uffa0\ufff0-\ufff8" + LINE_ENDING + TURNING + FORMATS


class BadText(ValueError):
    """A text is refused. The message says which character is wrong, and why."""


def without_turns(text: str) -> str:
    """The text without characters that change its direction, which have no meaning in a search."""
    return TURNS.sub("", text)


def without_formats(text: str) -> str:
    """The text without characters of Unicode's class Cf, which mean nothing in numbers and codes."""
    return "".join(each for each in text if unicodedata.category(each) != "Cf")


def is_plain(text: str) -> bool:
    """Whether all of it is letters, digits, signs and blanks of ASCII, as in most texts: only its ends are cut."""
    return text.isascii() and text.isprintable()


def cleaned(text: str, lines: bool) -> str:
    """The text as it is stored: in NFC and trimmed. Unless `lines`, it is one line, and tabs are blanks.

    Raises BadText.
    """
    if found := REFUSED.search(text):
        raise BadText(f"Character {found.start() + 1} (U+{ord(found[0]):04X}) {WHY[found.lastgroup]}: leave it out.")
    text = LINE_ENDS.sub("\n", text)
    if not lines:
        text = text.replace("\t", " ")
        if "\n" in (line := text.strip(ENDS)):
            raise BadText(f"Character {text.index(line) + line.index(chr(10)) + 1} ends the line: write one line.")
    if not text.isascii():
        _refuse_heaps(text)
        text = unicodedata.normalize("NFC", text)
    return text.strip(ENDS)


def pattern(lines: bool, lacking: str, refused: str = NO_TEXT + TURNING) -> str:
    """What `cleaned` lets pass, but for marks; where it must not be empty, with a character not `lacking`."""
    inner = f"[^{refused}{'' if lines else LINE_ENDING}]*"
    core = f"{inner}[^{refused}{LINE_ENDING}{lacking}]{inner}" if lacking else inner
    return f"^{core}$" if lines else f"^[{AT_ENDS}]*{core}[{AT_ENDS}]*$"


def is_visible(text: str) -> bool:
    """Whether the text has at least one visible character."""
    return any(_is_visible(each) for each in text)


def folded(text: str) -> str:
    """The text for caseless comparison: equal for two texts that differ only in case (Unicode 3.13, D145)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _is_visible(letter: str) -> bool:
    """Marks alone are not visible. Private-use characters are: some fonts have logos there."""
    kind = unicodedata.category(letter)
    return letter not in BLANK and (kind[0] in "LNPS" or kind == "Co" or (kind == "Cn" and letter not in UNSEEN))


def _refuse_heaps(text: str) -> None:
    for index, height in _heights(text):
        if height > MAX_MARKS:
            raise BadText(f"Character {index + 1}: one letter has more than {MAX_MARKS} marks.")


def _heights(text: str) -> Iterator[tuple[int, int]]:
    """Yield for each character its index and the number of consecutive marks that end with it."""
    height = 0
    for index, letter in enumerate(text):
        height = height + 1 if letter > "\u02ff" and unicodedata.combining(letter) else 0
        yield index, height
