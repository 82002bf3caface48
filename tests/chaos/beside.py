"""Code for a process beside a live shop, which uses the modules directly on its databases."""

from app.config.settings import Settings
from app.kernel import clock
from app.kernel.ids import new_id
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.module import catalog
from app.modules.catalog.use_cases.products.add_product import AddProduct
from app.modules.users.domain.user import User
from app.modules.users.infrastructure.tokens import JwtTokens
from app.modules.users.module import users
from app.modules.users.settings import UsersSettings


def stock(sku: str, amount: str, currency: str, on_hand: str) -> None:
    """Add a product with one variant and this number of units."""
    product = Product(id=new_id(), slug=sku.lower(), name=sku.title(), description="", created_at=clock.now())
    variant = Variant(sku=sku, product_id=product.id, amount=int(amount), currency=currency)
    with catalog(Settings.from_environment()).transaction() as uow:
        AddProduct(uow).execute(product, [variant])
        uow.stock.receive(sku, int(on_hand), "test", "opening stock")


def staff_token() -> None:
    """Print an access token of staff."""
    _print_tokens(1, "staff")


def tokens(count: str) -> None:
    """Print access tokens of `count` customers, one per line. They do not sign in, because hashing is slow."""
    _print_tokens(int(count), "customer")


def _print_tokens(count: int, role: str) -> None:
    settings, now = Settings.from_environment(), clock.now()
    with users(settings).reading() as uow:
        key = uow.signing_keys.active(now)
    signer = JwtTokens(settings, settings.own(UsersSettings))
    for _ in range(count):
        someone = User(id=new_id(), email="", name="", password_hash="", role=role, created_at=now)
        print(signer.access_token(key, someone, new_id(), now))
