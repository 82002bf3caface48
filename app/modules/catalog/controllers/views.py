"""The JSON of catalog's responses."""

from collections.abc import Iterable, Mapping
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from app.kernel.money import CHARGES, Money
from app.modules.catalog.domain import category as domain
from app.modules.catalog.domain.media import Media
from app.modules.catalog.domain.product import is_below_minimum
from app.modules.catalog.domain.stock import Level, Movement
from app.modules.catalog.ports.reading import ProductPage, VariantOnPage
from app.modules.catalog.use_cases.stock.explain_stock import Explanation
from app.web.blueprint import Timestamp

BELOW_MINIMUM = "{} is below the minimum charge: an order whose total is less than {} is refused"

# the stored JSON is sent as it is, without decoding and encoding it
Attributes = Annotated[Raw, Meta(extra_json_schema={"type": "object", "additionalProperties": {"type": "string"}})]


class ProductMedia(Struct, frozen=True):
    """An image of a product, in the order of their positions; its size is in pixels, if known."""

    url: str
    alt: str
    position: int
    width: int | None
    height: int | None


class PriceWarning(Struct, frozen=True):
    """A warning about a price that was accepted; the only code is price_below_minimum."""

    code: str
    sku: str
    detail: str


class ProductVariant(Struct, frozen=True):
    """A variant with its available stock; `warnings`, if any, are in the response to a change.

    `weight_g`: of one unit. `ships`: whether it has to be sent.
    """

    sku: str
    name: str
    price: Money
    attributes: Attributes
    on_sale: bool
    available: int
    weight_g: int
    ships: bool
    tax_category: str
    version: int
    warnings: list[PriceWarning] | UnsetType = UNSET


class Product(Struct, frozen=True):
    """A product with its variants; `warnings`, if any, are in the response to its creation."""

    id: UUID
    slug: str
    name: str
    description: str
    category: str | None
    attributes: Attributes
    media: list[ProductMedia]
    on_sale: bool
    created_at: Timestamp
    version: int
    variants: list[ProductVariant]
    warnings: list[PriceWarning] | UnsetType = UNSET


class Category(Struct, frozen=True):
    """A category; `parent` is null at the top level."""

    slug: str
    name: str
    parent: str | None
    version: int


class CategoryBranch(Struct, frozen=True):
    """A category with all categories below it."""

    slug: str
    name: str
    version: int
    children: list["CategoryBranch"]


class CategoryTree(Struct, frozen=True):
    items: list[CategoryBranch]


class StockLevel(Struct, frozen=True):
    """The available stock of a SKU; only staff get `on_hand` and `held`."""

    sku: str
    available: int
    version: int
    on_hand: int | UnsetType = UNSET
    held: int | UnsetType = UNSET


class StockMovement(Struct, frozen=True):
    """One row of the stock ledger."""

    id: UUID
    sku: str
    kind: str
    quantity: int
    order_id: UUID | None
    who: str
    reason: str
    at: Timestamp


class StockMovementList(Struct, frozen=True):
    """One page of the stock ledger, newest first."""

    items: list[StockMovement]
    next: str | None


class StockHold(Struct, frozen=True):
    """The units of a SKU that an open order holds."""

    order_id: UUID
    quantity: int
    since: Timestamp


class StockExplanation(Struct, frozen=True):
    """Where the stock of a SKU is: the counters, the holds of open orders (the oldest 100), and the sums of the ledger
    by kind. `agrees`: whether `on_hand` equals the sum of the ledger. `unshipped`: sold and still on the shelf, so
    that a count of the shelf should find `on_hand` and `unshipped` together."""

    sku: str
    on_hand: int
    held: int
    available: int
    sold: int
    unshipped: int
    holds: list[StockHold]
    ledger: Mapping[str, int]
    on_hand_by_ledger: int
    agrees: bool


def product_view(page: ProductPage, warnings: list[PriceWarning] | UnsetType = UNSET) -> Product:
    return Product(
        id=page.id,
        slug=page.slug,
        name=page.name,
        description=page.description,
        category=page.category,
        attributes=Raw(page.attributes),
        media=[media_view(each, position) for position, each in enumerate(page.media, 1)],
        on_sale=page.on_sale,
        created_at=page.created_at,
        version=page.version,
        variants=[variant_view(each) for each in page.variants],
        warnings=warnings,
    )


def media_view(media: Media, position: int) -> ProductMedia:
    return ProductMedia(media.url, media.alt, position, media.width, media.height)


def variant_view(variant: VariantOnPage, warnings: list[PriceWarning] | UnsetType = UNSET) -> ProductVariant:
    return ProductVariant(
        variant.sku,
        variant.name,
        variant.price,
        Raw(variant.attributes),
        variant.on_sale,
        variant.available,
        variant.weight_g,
        variant.ships,
        variant.tax_category,
        variant.version,
        warnings,
    )


def warnings_of(variants: Iterable[VariantOnPage]) -> list[PriceWarning] | UnsetType:
    """Return warnings about prices below the minimum charge, of which one unit alone cannot be paid; UNSET if none."""
    return [_warning(each) for each in variants if is_below_minimum(each.price)] or UNSET


def category_view(category: domain.Category) -> Category:
    return Category(category.slug, category.name, category.parent, category.version)


def tree_view(categories: Iterable[domain.Category]) -> CategoryTree:
    """Build the tree; the children of a category keep the given order."""
    children: dict[str | None, list[CategoryBranch]] = {}
    for each in categories:
        branch = CategoryBranch(each.slug, each.name, each.version, children.setdefault(each.slug, []))
        children.setdefault(each.parent, []).append(branch)
    return CategoryTree(children.get(None, []))


def level_view(level: Level, with_counters: bool) -> StockLevel:
    if not with_counters:
        return StockLevel(level.sku, level.available, level.version)
    return StockLevel(level.sku, level.available, level.version, level.on_hand, level.held)


def movement_view(row: Movement) -> StockMovement:
    return StockMovement(row.id, row.sku, row.kind, row.quantity, row.order_id, row.who, row.why, row.at)


def explanation_view(explanation: Explanation) -> StockExplanation:
    level, ledger = explanation.level, explanation.ledger
    return StockExplanation(
        sku=level.sku,
        on_hand=level.on_hand,
        held=level.held,
        available=level.available,
        sold=ledger.get("sold", 0) - ledger.get("returned", 0),
        unshipped=explanation.unshipped,
        holds=[StockHold(each.order_id, each.quantity, each.held_at) for each in explanation.holds],
        ledger=ledger,
        on_hand_by_ledger=explanation.on_hand_by_ledger,
        agrees=explanation.agrees,
    )


def _warning(cheap: VariantOnPage) -> PriceWarning:
    minimum = Money(CHARGES[cheap.price.currency].minimum, cheap.price.currency)
    return PriceWarning("price_below_minimum", cheap.sku, BELOW_MINIMUM.format(cheap.price, minimum))
