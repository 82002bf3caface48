"""What catalog answers as JSON."""

from collections.abc import Iterable, Mapping
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from app.kernel.money import CHARGES, Money
from app.modules.catalog.domain import category as domain
from app.modules.catalog.domain.product import is_below_minimum
from app.modules.catalog.domain.stock import Level, Movement
from app.modules.catalog.ports.reading import ProductPage, VariantOnPage
from app.modules.catalog.use_cases.stock.explain_stock import Explanation
from app.web.blueprint import Timestamp

BELOW_MINIMUM = "{} is less than can be charged: an order of less than {} in all is refused"

# sent as they are kept: no need to read them to write them again
Attributes = Annotated[Raw, Meta(extra_json_schema={"type": "object", "additionalProperties": {"type": "string"}})]


class PriceWarning(Struct, frozen=True):
    """What was taken, and should be known: price_below_minimum."""

    code: str
    sku: str
    detail: str


class ProductVariant(Struct, frozen=True):
    """A variant, with how many can be had; `warnings`, where there are any, in the answer to a change."""

    sku: str
    name: str
    price: Money
    attributes: Attributes
    on_sale: bool
    available: int
    version: int
    warnings: list[PriceWarning] | UnsetType = UNSET


class Product(Struct, frozen=True):
    """A product, whole; `warnings`, where there are any, in the answer to whoever added it."""

    id: UUID
    slug: str
    name: str
    description: str
    category: str | None
    attributes: Attributes
    on_sale: bool
    created_at: Timestamp
    version: int
    variants: list[ProductVariant]
    warnings: list[PriceWarning] | UnsetType = UNSET


class Category(Struct, frozen=True):
    """A category; parent null: at the top."""

    slug: str
    name: str
    parent: str | None
    version: int


class CategoryBranch(Struct, frozen=True):
    """A category with all below it."""

    slug: str
    name: str
    version: int
    children: list["CategoryBranch"]


class CategoryTree(Struct, frozen=True):
    items: list[CategoryBranch]


class StockLevel(Struct, frozen=True):
    """How many of a sku can be had; the counters are for staff."""

    sku: str
    available: int
    version: int
    on_hand: int | UnsetType = UNSET
    held: int | UnsetType = UNSET


class StockMovement(Struct, frozen=True):
    """One row of the ledger."""

    id: UUID
    sku: str
    kind: str
    quantity: int
    order_id: UUID | None
    who: str
    reason: str
    at: Timestamp


class StockMovementList(Struct, frozen=True):
    """One page of the ledger, the newest first."""

    items: list[StockMovement]
    next: str | None


class StockHold(Struct, frozen=True):
    """What an open order holds."""

    order_id: UUID
    quantity: int
    since: Timestamp


class StockExplanation(Struct, frozen=True):
    """Where a sku's stock is: the counters, who holds of it (the oldest hundred), and the ledger added up by kind."""

    sku: str
    on_hand: int
    held: int
    available: int
    sold: int
    holds: list[StockHold]
    ledger: Mapping[str, int]
    on_hand_by_ledger: int
    agrees: bool


def product_view(page: ProductPage, warnings: list[PriceWarning] | UnsetType = UNSET) -> Product:
    """A product with its variants."""
    return Product(
        id=page.id,
        slug=page.slug,
        name=page.name,
        description=page.description,
        category=page.category,
        attributes=Raw(page.attributes),
        on_sale=page.on_sale,
        created_at=page.created_at,
        version=page.version,
        variants=[variant_view(each) for each in page.variants],
        warnings=warnings,
    )


def variant_view(variant: VariantOnPage, warnings: list[PriceWarning] | UnsetType = UNSET) -> ProductVariant:
    return ProductVariant(
        variant.sku,
        variant.name,
        variant.price,
        Raw(variant.attributes),
        variant.on_sale,
        variant.available,
        variant.version,
        warnings,
    )


def warnings_of(variants: Iterable[VariantOnPage]) -> list[PriceWarning] | UnsetType:
    """Prices of which one alone cannot be paid; nothing where there is none."""
    return [_warning(each) for each in variants if is_below_minimum(each.price)] or UNSET


def category_view(category: domain.Category) -> Category:
    return Category(category.slug, category.name, category.parent, category.version)


def tree_view(categories: Iterable[domain.Category]) -> CategoryTree:
    """The tree: each with its children, in the order given."""
    children: dict[str | None, list[CategoryBranch]] = {}
    for each in categories:
        branch = CategoryBranch(each.slug, each.name, each.version, children.setdefault(each.slug, []))
        children.setdefault(each.parent, []).append(branch)
    return CategoryTree(children.get(None, []))


def level_view(level: Level, with_counters: bool) -> StockLevel:
    """How many can be had."""
    if not with_counters:
        return StockLevel(level.sku, level.available, level.version)
    return StockLevel(level.sku, level.available, level.version, level.on_hand, level.held)


def movement_view(row: Movement) -> StockMovement:
    """One row of the ledger."""
    return StockMovement(row.id, row.sku, row.kind, row.quantity, row.order_id, row.who, row.why, row.at)


def explanation_view(explanation: Explanation) -> StockExplanation:
    """Where a sku's stock is."""
    level, ledger = explanation.level, explanation.ledger
    return StockExplanation(
        sku=level.sku,
        on_hand=level.on_hand,
        held=level.held,
        available=level.available,
        sold=ledger.get("sold", 0) - ledger.get("returned", 0),
        holds=[StockHold(each.order_id, each.quantity, each.held_at) for each in explanation.holds],
        ledger=ledger,
        on_hand_by_ledger=explanation.on_hand_by_ledger,
        agrees=explanation.agrees,
    )


def _warning(cheap: VariantOnPage) -> PriceWarning:
    minimum = Money(CHARGES[cheap.price.currency].minimum, cheap.price.currency)
    return PriceWarning("price_below_minimum", cheap.sku, BELOW_MINIMUM.format(cheap.price, minimum))
