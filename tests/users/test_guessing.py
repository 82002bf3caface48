"""Estimating how easily a password is guessed, at a bounded cost."""

from typing import Any

import pytest

from app.kernel.errors import Invalid
from app.modules.users.domain import guessing
from app.modules.users.domain.guessing import LISTED, SIGNS, WINDOW, is_easily_guessed
from app.modules.users.domain.password import MAX_LENGTH, accept_password

DEAREST = ["4@8({[<369&#!1/|0$5+7%2" * 9, "password" * 25, "6g9g1l7t1i7l" * 17, "2g5a3eooe0i7oat9o9i35s4le55l30o7" * 7]


def test_three_thousand_common_passwords_are_refused_however_they_are_lengthened() -> None:
    common = [word for word in list(LISTED)[:3000] if len(word) >= 4]

    accepted = [word for word in common[::10] if not is_easily_guessed(word * (12 // len(word) + 1))]

    assert len(common) > 2500 and accepted == []


@pytest.mark.parametrize("password", DEAREST, ids=lambda each: each[:8])
def test_no_more_than_two_windows_are_looked_at_and_no_sign_that_can_be_read_in_many_ways(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    looked_at: list[str] = []

    def limits(text: str, *about: Any) -> Any:
        looked_at.append(text)
        return omnimatch(text, *about)

    omnimatch = guessing.omnimatch
    monkeypatch.setattr(guessing, "omnimatch", limits)

    is_easily_guessed(password[:MAX_LENGTH])

    assert 1 <= len(looked_at) <= 2
    assert all(len(text) <= WINDOW and not set(text) & set(map(chr, SIGNS)) for text in looked_at)


def test_the_words_of_one_user_are_not_used_for_the_next() -> None:
    accept_password("zebulonquist 7", "someone@shop.example.com")
    with pytest.raises(Invalid):
        accept_password("zebulonquist 7", "zebulonquist@shop.example.com")

    accept_password("zebulonquist 7", "someone@shop.example.com")


def test_a_long_password_with_a_weak_beginning_is_good_for_its_end() -> None:
    accept_password("1234567890123456789012345 my neighbours zither is out of tune", "someone@shop.example.com")
