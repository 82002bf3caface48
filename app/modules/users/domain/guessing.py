"""How easily a password is guessed, by zxcvbn (https://github.com/dropbox/zxcvbn).

Its lists have 30,000 passwords and 64,000 words and names; its rules find years, dates, keyboard patterns, repetitions
and letters that are replaced by signs.
"""

import re

from zxcvbn.matching import RANKED_DICTIONARIES, build_ranked_dict, omnimatch
from zxcvbn.scoring import most_guessable_match_sequence

ENOUGH = 10**8  # guesses: score 3 of 4 of zxcvbn, safe even if hashes are stolen, as each guess costs about 30 ms
WINDOW = 24  # characters that are estimated together: the cost rises steeply with their number
SIGNS = str.maketrans({"@": "a", "!": "i", "|": "i", "+": "t", "$": "s", "%": "x", **dict.fromkeys("({[<", "c")})
LATE_YEARS = re.compile(r"20[2-4](?=\d)")  # zxcvbn recognises years up to 2019
REPEATED = re.compile(r"(.{1,16}?)(?:[\W_]?\1)+", re.DOTALL)
LAST_SIGNS = re.compile(r"([\W_])\1*\Z")
NOT_LETTERS = re.compile(r"[\W\d_]+")
LISTED = RANKED_DICTIONARIES["passwords"]
FAMOUS = frozenset(
    {
        "correct horse battery",
        "correcthorsebattery",
        "correcthorsebatterystaple",
        "i love you so much",
        "iloveyousomuch",
        "let me in please",
        "letmeinplease",
        "passwordispassword",
        "this is my password",
        "thisismypassword",
        "!qaz2wsx3edc",
    }
)


def is_easily_guessed(password: str, *own: str) -> bool:
    """Whether an attacker who has the `own` words of the user guesses it early. The password is in lower case.

    Takes about 1 ms, and 50 ms for the most expensive passwords.
    """
    plain = _collapsed(password)
    if password.rstrip("0123456789!?.") in FAMOUS or _is_one_listed_word(password):
        return True
    windows = {plain[:WINDOW], plain[-WINDOW:]}
    return all(_guesses(window, own) < ENOUGH for window in windows)


def _collapsed(password: str) -> str:
    """Without the signs that many users append; if a third or more of it is repetition, each part only once."""
    plain = LAST_SIGNS.sub("", password) or password
    once = REPEATED.sub(r"\1", plain)
    return once if len(once) * 3 <= len(plain) * 2 else plain


def _is_one_listed_word(password: str) -> bool:
    """Whether it is one word of the list of common passwords, with nothing but digits and signs around it."""
    words = {word for word in NOT_LETTERS.split(password) if word}
    word = next(iter(words)) if len(words) == 1 else ""
    return word in LISTED and len(word) * 3 >= len(password)


def _guesses(text: str, own: tuple[str, ...]) -> float:
    """Signs are replaced by letters first: zxcvbn tries every reading of them, which takes seconds for many signs."""
    plain = LATE_YEARS.sub("201", text.translate(SIGNS))
    known = {**RANKED_DICTIONARIES, "own": build_ranked_dict(own)}
    return float(most_guessable_match_sequence(plain, omnimatch(plain, known))["guesses"])
