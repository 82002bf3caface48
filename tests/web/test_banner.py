"""The banner that a shop prints when it is up."""

from pathlib import Path

from app.cli.banner import banner
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from tests.shop import Shop


def published(shop: Shop) -> str:
    return banner(shop.app, "http://127.0.0.1:5000", shop.settings, with_demo=False)


def test_the_banner_says_what_an_embedded_shop_uses(shop: Shop) -> None:
    text = published(shop)

    for name in ("catalog", "orders", "users", "payments"):
        assert f"{name}: SQLite in {shop.settings.data}/{name}.sqlite" in text
    assert "bus: within this process · limits: counted by each process · search: a file · payments: our sandbox" in text


def test_the_banner_names_servers_without_their_passwords(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        *(catalog, orders, payments),
        KAFKA_BOOTSTRAP_SERVERS="kafka.example:9092",
        KAFKA_OPTIONS="sasl.username=u;sasl.password=hunter22",
        ELASTICSEARCH_URL="https://u:hunter22@search.example:9200",
        REDIS_URL="rediss://:hunter22@redis.example:6379/0",
        STRIPE_API_KEY="rk_test_hunter22",
    )
    shop.modules["orders"].database.url = "postgresql+psycopg2://u:hunter22@db.example:5442/orders"
    shop.modules["orders"].database.is_sqlite = False

    text = published(shop)
    shop.close()

    assert "orders: PostgreSQL at db.example:5442/orders" in text
    servers = "bus: Kafka at kafka.example:9092 · limits: Redis at redis.example:6379"
    assert f"{servers} · search: Elasticsearch at search.example:9200 · payments: Stripe in test mode" in text
    assert "hunter22" not in text
