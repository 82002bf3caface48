"""Stock: where the units of a SKU are, its ledger, and what staff receive or correct."""

from functools import partial

from flask import request
from marshmallow import ValidationError
from marshmallow.validate import Regexp

from app.desk.forms import Form, Input, Sent, reason
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, paged
from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.stock.explain_stock import ExplainStock
from app.modules.catalog.use_cases.stock.move_stock import AdjustStock, ReceiveStock
from app.ops.caller import caller
from app.web.paging import id_after
from app.web.schemas import QueryInteger, Sku, Text

MAX_SKUS = 20  # of which an order shows the stock
SKU = Sku()
RECEIVE = Form(
    "receive",
    "Goods arrived",
    "The goods were received.",
    (Input("quantity", "Units", QueryInteger(minimum=1, maximum=1_000_000, required=True), "number"), reason()),
)
CORRECT = Form(
    "correct",
    "Correct the count",
    "The count was corrected.",
    (
        Input(
            "quantity",
            "Units more, or fewer with a minus",
            Text(required=True, validate=[Regexp(r"^-?[0-9]{1,7}\Z", error="Write it as 3 or -2.")]),
        ),
        reason(),
    ),
)


def add_stock(pages: Pages, transaction: Transaction[UnitOfWork], reading: Transaction[Reading]) -> None:
    view = partial(stock_page, reading)
    pages.page("/stock/<sku:sku>", "stock", view)
    pages.page("/stock-of", "stock-of", partial(stock_of, reading))
    pages.action("/receive/<sku:sku>", RECEIVE, transaction, receive, "stock", view)
    pages.action("/correct/<sku:sku>", CORRECT, transaction, correct, "stock", view)


def stock_page(reading: Transaction[Reading], sku: str) -> str:
    with reading() as shop:
        explained = ExplainStock(shop).execute(sku)
        found = shop.movements(sku, id_after(request.args.get("cursor")), PER_PAGE + 1)
    movements, following = paged(found, lambda each: [str(each.id)])
    return render(
        "catalog/stock.html",
        sku=sku,
        explained=explained,
        movements=movements,
        next=following,
        receive=RECEIVE,
        correct=CORRECT,
    )


def stock_of(reading: Transaction[Reading]) -> str:
    """The levels of some SKUs, as the page of an order shows them."""
    levels, unknown = [], []
    with reading() as shop:
        for sku in dict.fromkeys(request.args.getlist("sku")[:MAX_SKUS]):
            try:
                levels.append(shop.level(str(SKU.deserialize(sku))))
            except (NotFound, ValidationError):
                unknown.append(sku)
    return render("catalog/stock_of.html", levels=levels, unknown=unknown)


def receive(uow: UnitOfWork, sent: Sent, sku: str) -> None:
    ReceiveStock(uow).execute(sent.id, sku, sent.values["quantity"], caller(), sent.values["reason"])


def correct(uow: UnitOfWork, sent: Sent, sku: str) -> None:
    AdjustStock(uow).execute(sent.id, sku, int(sent.values["quantity"]), caller(), sent.values["reason"])
