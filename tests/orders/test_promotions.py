"""What staff set up: promotions and codes, tried on a basket; and the audit of the counters."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from app.kernel.audit import AuditScope, Discrepancy
from app.kernel.money import Money
from app.modules.orders.infrastructure.promotions.tables import coupons, promotions, uses
from app.modules.orders.infrastructure.tables import orders
from tests.orders.coupons import EARLIER, WHY, buys, code_used, coupon, eur, ordered, promotion, refusal, used
from tests.orders.methods import V1, V2, trail
from tests.orders.promoting import NOW
from tests.shop import Shop


@pytest.fixture(scope="module")
def shop(one_shop: Shop) -> Shop:
    one_shop.offers("MUG", Money(900, "EUR"))
    return one_shop


def test_a_promotion_is_created_once_and_changed_by_its_version(shop: Shop) -> None:
    staff = shop.as_staff()
    body = {
        "id": "mugs-off",
        "name": "Mugs",
        "kind": "percent",
        "ppm": 250_000,
        "target": {"skus": ["MUG"], "categories": ["mugs"]},
        "min_items": [eur(500)],
        "starts_at": EARLIER,
        "ship_to": ["DE", "AT", "DE"],
        **WHY,
    }

    created, again = (staff.post("/promotions", body, key="mine") for _ in range(2))
    change = {"active": True, "max_discount": [eur(300)], **WHY}
    changed: Any = staff.patch("/promotions/mugs-off", change, headers=V1)

    assert created.json == again.json
    assert refusal(staff.post("/promotions", body)) == (409, "promotion_exists")
    assert created.headers["Location"] == "/api/v1/promotions/mugs-off"
    assert (created.json["ship_to"], created.json["active"], created.json["version"]) == (["AT", "DE"], False, 1)  # type: ignore[index]
    assert changed.json["max_discount"] == [eur(300)]
    assert staff.get("/promotions/mugs-off").json == changed.json
    assert staff.patch("/promotions/mugs-off", change, headers=V2).json == changed.json, "no change, no version"
    assert refusal(staff.patch("/promotions/mugs-off", change, headers=V1)) == (412, "stale_version")
    assert refusal(staff.patch("/promotions/mugs-off", change)) == (428, "precondition_required")
    assert refusal(staff.get("/promotions/none")) == (404, "no_such_promotion")
    listed: Any = staff.get("/promotions").json
    assert changed.json in listed["items"]
    assert ("change promotion", "mugs-off", WHY["reason"]) in trail(shop)


BAD: list[Any] = [
    ({"ppm": 1_000_001}, "invalid_request"),
    ({"ppm": 0}, "bad_promotion"),
    ({"value": [eur(1)]}, "bad_promotion"),
    ({"kind": "fixed_once", "ppm": 0, "value": []}, "bad_promotion"),
    ({"kind": "fixed_once", "ppm": 0, "value": [eur(0)]}, "invalid_request"),
    ({"kind": "fixed_once", "ppm": 0, "value": [eur(1), eur(2)]}, "invalid_request"),
    ({"kind": "fixed_once", "ppm": 0, "value": [{"amount": 1, "currency": "XXX"}]}, "bad_promotion"),
    ({"kind": "fixed_once", "ppm": 0, "value": [{"amount": 1, "currency": "KWD"}]}, "bad_promotion"),
    ({"kind": "buy_get", "buy_quantity": 0, "get_quantity": 1}, "bad_promotion"),
    ({"kind": "buy_get", "buy_quantity": 1, "get_quantity": 0}, "bad_promotion"),
    ({"buy_quantity": 1}, "bad_promotion"),
    ({"ends_at": EARLIER}, "bad_promotion"),
    ({"first_order": True}, "bad_promotion"),
    ({"total_limit": 0}, "invalid_request"),
    ({"ship_to": ["XX"]}, "invalid_request"),
    ({"target": {"skus": ["MUG"] * 501}}, "invalid_request"),
    ({"used": 3}, "invalid_request"),
    ({"starts_at": "yesterday"}, "invalid_request"),
    ({"priority": 1001}, "invalid_request"),
]


@pytest.mark.parametrize(("bad", "code"), BAD, ids=[str(each[0])[:50] for each in BAD])
def test_hostile_promotions_are_refused(shop: Shop, bad: dict[str, Any], code: str) -> None:
    assert refusal(promotion(shop, "bad", **{"kind": "percent", "ppm": 1, **bad})) == (422, code)


def test_amounts_are_in_the_same_currencies(shop: Shop) -> None:
    dollars = {"amount": 500, "currency": "USD"}

    answer = promotion(shop, "lacking", min_items=[eur(500), dollars])

    assert refusal(answer) == (409, "amount_missing")
    assert answer.json["currencies"] == ["USD"]  # type: ignore[index]


def test_a_limit_is_neither_added_nor_removed_nor_below_what_is_used(shop: Shop) -> None:
    staff = shop.as_staff()
    coupon(shop, "LIMITED", total_limit=3)
    promotion(shop, "unlimited")
    for _ in range(2):
        ordered(buys(shop.as_customer(uuid4()), 800, "LIMITED"))

    def limited(id: str, limit: int | None) -> Any:
        return staff.patch(f"/promotions/{id}", {"total_limit": limit, **WHY}, headers=V1)

    assert refusal(limited("limited", None)) == (409, "limit_is_fixed")
    assert refusal(limited("unlimited", 5)) == (409, "limit_is_fixed")
    assert refusal(limited("limited", 1)) == (409, "limit_below_used")
    assert limited("limited", 2).json["used"] == 2


def test_codes_are_made_listed_and_are_known_by_whoever_uses_them(shop: Shop) -> None:
    staff = shop.as_staff()
    promotion(shop, "printed")
    made = staff.post("/promotions/printed/coupons", {"count": 250, "use_limit": 1, **WHY})
    first: Any = staff.get("/promotions/printed/coupons?limit=100")
    code = first.json["items"][0]["code"]
    order = ordered(buys(shop.as_customer(uuid4()), 800, code.lower()))

    assert (made.status_code, made.json) == (201, {"promotion": "printed", "count": 250})
    assert len(code) == 12
    pages, following = [first.json["items"]], first.json["next"]
    while following:
        page: Any = staff.get(f"/promotions/printed/coupons?limit=100&cursor={following}").json
        pages, following = [*pages, page["items"]], page["next"]
    assert len({each["code"] for page in pages for each in page}) == 250
    again: Any = staff.get("/promotions/printed/coupons?limit=1").json["items"]  # type: ignore[index]
    assert again == [{"code": code, "use_limit": 1, "used": 1, "active": True, "orders": [order["id"]]}]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"codes": ["TAKEN1"]}, 409, "code_exists"),
        ({"codes": ["taken-i"]}, 409, "code_exists"),
        ({"codes": ["NEW1", "new-I"]}, 409, "code_exists"),
        ({"codes": ["abc"]}, 422, "bad_code"),
        ({"codes": ["Ä" * 5]}, 422, "bad_code"),
        ({"codes": []}, 422, "invalid_request"),
        ({"codes": ["NEW2"], "count": 1}, 422, "invalid_request"),
        ({"count": 0}, 422, "invalid_request"),
        ({"count": 10_001}, 422, "invalid_request"),
        ({}, 422, "invalid_request"),
    ],
    ids=str,
)
def test_hostile_coupons_are_refused(shop: Shop, body: dict[str, Any], status: int, code: str) -> None:
    if shop.as_staff().get("/promotions/hostile").status_code == 404:
        coupon(shop, "TAKEN1", "hostile")

    assert refusal(shop.as_staff().post("/promotions/hostile/coupons", {**body, **WHY})) == (status, code)


def test_an_automatic_promotion_has_no_codes(shop: Shop) -> None:
    promotion(shop, "by-itself", automatic=True, target={"skus": ["NONE"]})

    answer = shop.as_staff().post("/promotions/by-itself/coupons", {"count": 1, **WHY})

    assert refusal(answer) == (409, "promotion_is_automatic")


def test_a_promotion_is_tried_before_it_starts(shop: Shop) -> None:
    promotion(shop, "later", active=False, starts_at="2030-01-01T00:00:00Z", min_quantity=2)
    path, items = "/promotions/later/try", [{"sku": "MUG", "quantity": 2}]

    def tried(**body: Any) -> Any:
        return shop.as_staff().post(path, {"items": items, **body}).json

    then = tried(at="2030-01-02T00:00:00Z")
    assert (then["reason"], then["totals"]["discount"], then["discounts"][0]["amount"]) == (None, eur(100), eur(100))
    assert (tried()["reason"], tried()["discounts"]) == ("not_yet", [])
    few = [{"sku": "MUG", "quantity": 1}]
    assert tried(at="2030-01-02T00:00:00Z", items=few)["reason"] == "too_little"


def test_the_audit_finds_counters_that_are_wrong_and_corrects_them(shop: Shop) -> None:
    alice_id = uuid4()
    coupon(shop, "AUDITED", use_limit=5, total_limit=5, per_customer_limit=5)
    ordered(buys(shop.as_customer(alice_id), 800, "AUDITED"))

    (audit,) = [each for each in shop.modules["orders"].audits if each.name == "promotions"]
    scope = AuditScope(since=NOW, wait=0)

    def found() -> list[Discrepancy]:
        return [each for each in audit.compare(scope) if isinstance(each, Discrepancy)]

    assert found() == []
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(update(promotions).where(promotions.c.id == "audited").values(used=3))
        connection.execute(update(coupons).where(coupons.c.promotion_id == "audited").values(used=0))
        connection.execute(update(uses).where(uses.c.promotion_id == "audited").values(used=4))
    wrong = found()
    assert [each.sentence for each in wrong][:2] == [
        "promotions audited: 3 uses are counted, and orders have 1",
        "coupons AUD1TED: 0 uses are counted, and orders have 1",
    ]
    assert audit.fix and audit.fix(wrong, "shell:test") == 3
    assert found() == []
    assert (used(shop, "audited"), code_used(shop, "AUD1TED")) == ((1, 1), 1)
    assert ("correct uses", "promotions audited", "audit: 3, not 1") in trail(shop)


def test_the_audit_finds_uses_that_an_older_version_did_not_return(shop: Shop) -> None:
    coupon(shop, "OLDER", total_limit=1)
    placed = [ordered(buys(shop.as_customer(uuid4()), 800, "OLDER"))["id"]]
    (audit,) = [each for each in shop.modules["orders"].audits if each.name == "promotions"]
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(update(orders).where(orders.c.id == UUID(placed[0])).values(status="cancelled"))

    found = [each for each in audit.compare(AuditScope(since=NOW, wait=0)) if isinstance(each, Discrepancy)]
    assert [each.subject for each in found] == placed
    assert audit.fix and audit.fix(found, "shell:test") == 1

    assert list(audit.compare(AuditScope(since=NOW, wait=0))) == [1]
    assert used(shop, "older") == (0, 0)


def test_100_codes_are_made_by_command_in_parts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    promotion(shop, "commanded")
    monkeypatch.setattr("app.modules.orders.commands.BATCH", 40)

    made = shop.app.test_cli_runner().invoke(
        args=["orders", "coupons", "commanded", "--count", "100", "--use-limit", "1", "--reason", "a mailing"]
    )

    assert made.exit_code == 0, made.output
    codes = [line for line in made.stdout.splitlines() if len(line) == 12 and line.isalnum()]
    assert len(set(codes)) == 100
    ordered(buys(shop.as_customer(uuid4()), 800, codes[-1]))
    assert trail(shop)[0] == ("add coupons", "commanded", "a mailing") or trail(shop)[-1][0] == "add coupons"
