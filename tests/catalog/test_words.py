"""How text is cut: what is kept and what is asked meet, whatever signs are in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.modules.catalog.domain.highlighting import excerpt, lit, means
from app.modules.catalog.domain.words import SORTED_BY, Term, cut, sort_key, terms_of, whole_of
from tests.catalog.names import CLASSES


def meets(name: str, asked: str) -> bool:
    """Whether every word asked for is one of the name's, or begins one."""
    words, terms = cut(name), terms_of(asked)
    found = [term.text in words or (term.begins and any(w.startswith(term.text) for w in words)) for term in terms]
    return bool(terms) and all(found)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Women's rain jacket", "women's"),
        ("Huile d'olive vierge", "olive"),
        ("Audio cable 3.5mm 1.5 m", "3.5mm"),
        ("USB_C-hub", "usb c hub"),
        ("Läufer 3 m²", "m2"),
        ("H₂O Flasche", "h2o"),
        ("№ 5", "no 5"),
        ("ＡＢＣ Tasse", "abc"),
        ("Straße Poster", "strasse"),
        ("Ёлка", "елка"),
        ("保温杯不锈钢", "不锈钢"),
        ("保温杯不锈钢", "杯"),
        ("한국머그컵", "머그"),
        ("แก้วน้ำสแตนเลส", "สแตนเลส"),
        ("ガラスのコップ", "ｶﾞﾗｽ"),
        ("Smørrebrød", "smorrebrod"),
        ("İstanbul bardağı", "istanbul bardagi"),
        ("Mug™ original", "mug original"),
        ("كِتاب", "كتاب"),
        ("Café", "CAFE\u0301"),
        ("☕ & 🍰", "🍰"),
        ("Müller & Söhne", "&"),
        ("👩\u200d🚀 mug", "👩\u200d🚀"),
        ("Νέος ΟΔΥΣΣΕΑΣ", "οδυσσεας"),
    ],
)
def test_what_is_meant_is_met(name: str, asked: str) -> None:
    assert meets(name, asked)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("कप", "कॉपी"), ("Mug", "mugs"), ("不锈钢", "钢锈"), ("カップ", "ガップ"), ("Mug", "?!"), ("Mug", "\u200d")],
)
def test_what_is_not_meant_is_not_met(name: str, asked: str) -> None:
    assert not meets(name, asked)


SIGNS = st.one_of(*map(st.sampled_from, CLASSES.values()))
NAMES = st.lists(st.text(SIGNS | st.sampled_from("aZ9 '\"\\-*"), min_size=1, max_size=8), min_size=1, max_size=5)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(NAMES)
def test_a_name_of_any_signs_meets_itself_and_each_of_its_words(parts: list[str]) -> None:
    name = " ".join(parts)[:200]

    for asked in [name, *name.split()]:
        if asked.strip():
            assert meets(name, asked), ascii(asked)


@pytest.mark.parametrize("kind", [kind for kind in sorted(CLASSES) if kind not in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}])
def test_each_character_of_a_class_meets_itself(kind: str) -> None:
    members = CLASSES[kind]
    some = members[:: max(1, len(members) // 2000)]

    assert [ascii(each) for each in some if not meets(each, each)] == []


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(NAMES)
def test_words_hold_neither_spaces_nor_what_cannot_be_kept(parts: list[str]) -> None:
    words = cut(" ".join(parts))

    assert all(len(word.split()) == 1 and "\x00" not in word for word in words)
    assert all(len(word.encode()) <= 256 for word in words)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.text(SIGNS | st.just('"'), min_size=1, max_size=60))
def test_what_names_are_sorted_by_is_short(name: str) -> None:
    name *= 4

    assert len(sort_key(name).encode()) <= SORTED_BY
    assert len(whole_of(name)) <= 200


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        ("Enamel mug", "ena", "<em>Enamel</em> mug"),
        ("Mug <b>", "mug", "<em>Mug</em> &lt;b&gt;"),
        ("保温杯不锈钢", "不锈钢", "保温杯<em>不锈钢</em>"),
        ("Straße 5", "strasse", "<em>Straße</em> 5"),
        ("Women's (mug)", "mug", "Women's (<em>mug</em>)"),
        ("Plain", "other", "Plain"),
    ],
)
def test_what_was_found_is_lit(text: str, asked: str, shown: str) -> None:
    assert lit(text, means(terms_of(asked))) == shown


def test_a_long_text_is_shown_around_what_was_found() -> None:
    shown = excerpt("word " * 100 + "mug " + "more " * 100, means([Term("mug")]))

    assert "<em>mug</em>" in shown
    assert (shown[0], shown[-1], len(shown) < 200) == ("…", "…", True)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(NAMES)
def test_what_is_lit_is_the_text_and_nothing_else(parts: list[str]) -> None:
    name = " ".join(parts).replace("<", "").replace("&", "").replace(">", "")

    assert lit(name, means(terms_of(name))).replace("<em>", "").replace("</em>", "") == name
