"""The page of a document, made to be printed. It needs no script and loads nothing."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from flask import Response
from jinja2 import Environment, FileSystemLoader

from app.kernel.money import Money
from app.modules.orders.domain.documents.document import Document, DocumentKind
from app.modules.orders.domain.tax.rules import Reason

TEXTS: dict[str, dict[str, Any]] = {
    "en": {
        DocumentKind.INVOICE: "Invoice",
        DocumentKind.CREDIT_NOTE: "Credit note",
        "date": "Date",
        "order": "Order",
        "corrects": "Corrects",
        "tax_number": "Tax number",
        "item": "Item",
        "quantity": "Quantity",
        "unit_price": "Unit price",
        "amount": "Amount",
        "items": "Items",
        "discount": "Discount",
        "shipping": "Shipping",
        "tax": "Tax",
        "included": "Includes tax",
        "of": "of",
        "reasons": {
            Reason.ZERO_RATED: "zero rated",
            Reason.REVERSE_CHARGE: "reverse charge: the buyer owes the tax",
            Reason.INTRA_COMMUNITY_SUPPLY: "tax-free supply within the EU",
            Reason.EXPORT: "tax-free export",
            Reason.CUSTOMER_EXEMPT: "the buyer is exempt",
            Reason.PRODUCT_EXEMPT: "exempt",
            Reason.NOT_COLLECTING: "no tax is collected",
            Reason.STANDARD_RATED: "standard rate",
            Reason.REDUCED_RATED: "reduced rate",
        },
        "total": "Total",
        "part": "Part of the amount of {}",
    },
    "de": {
        DocumentKind.INVOICE: "Rechnung",
        DocumentKind.CREDIT_NOTE: "Gutschrift",
        "date": "Datum",
        "order": "Bestellung",
        "corrects": "Berichtigt",
        "tax_number": "Steuernummer",
        "item": "Artikel",
        "quantity": "Menge",
        "unit_price": "Einzelpreis",
        "amount": "Betrag",
        "items": "Artikel",
        "discount": "Rabatt",
        "shipping": "Versand",
        "tax": "Steuer",
        "included": "Enthaltene Steuer",
        "of": "auf",
        "reasons": {
            Reason.ZERO_RATED: "Nullsatz",
            Reason.REVERSE_CHARGE: "Steuerschuldnerschaft des Leistungsempfängers",
            Reason.INTRA_COMMUNITY_SUPPLY: "steuerfreie innergemeinschaftliche Lieferung",
            Reason.EXPORT: "steuerfreie Ausfuhrlieferung",
            Reason.CUSTOMER_EXEMPT: "Käufer ist befreit",
            Reason.PRODUCT_EXEMPT: "steuerfrei",
            Reason.NOT_COLLECTING: "keine Steuer erhoben",
            Reason.STANDARD_RATED: "Regelsatz",
            Reason.REDUCED_RATED: "ermäßigter Satz",
        },
        "total": "Summe",
        "part": "Teil des Betrags von {}",
    },
}
HERE = Path(__file__).parent
HASH = base64.b64encode(hashlib.sha256((HERE / "document.css").read_bytes()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{HASH}'; frame-ancestors 'none'"
TEMPLATES = Environment(loader=FileSystemLoader(HERE), autoescape=True, keep_trailing_newline=True)
TEMPLATES.filters |= {"money": Money, "percent": lambda ppm: f"{ppm / 10_000:g} %"}
PAGE = TEMPLATES.get_template("document.html")


def document_page(document: Document) -> Response:
    """The document as HTML, in German if the customer's language is German, and else in English."""
    content = document.content
    assert content, "it is issued"
    language = "de" if content.language.lower().partition("-")[0] == "de" else "en"
    page = PAGE.render(document=document, content=content, text=TEXTS[language], language=language)
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": POLICY})
