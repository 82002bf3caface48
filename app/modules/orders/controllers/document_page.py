"""The page of a document, made to be printed. It needs no script and loads nothing."""

import base64
import hashlib
from pathlib import Path

from flask import Response
from jinja2 import Environment, FileSystemLoader

from app.modules.orders.domain.document import Document, DocumentKind

TEXTS = {
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
        "total": "Summe",
        "part": "Teil des Betrags von {}",
    },
}
HERE = Path(__file__).parent
HASH = base64.b64encode(hashlib.sha256((HERE / "document.css").read_bytes()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{HASH}'; frame-ancestors 'none'"
TEMPLATES = Environment(loader=FileSystemLoader(HERE), autoescape=True, keep_trailing_newline=True)
PAGE = TEMPLATES.get_template("document.html")


def document_page(document: Document) -> Response:
    """The document as HTML, in German if the customer's language is German, and else in English."""
    content = document.content
    assert content, "it is issued"
    language = "de" if content.language.lower().partition("-")[0] == "de" else "en"
    page = PAGE.render(document=document, content=content, text=TEXTS[language], language=language)
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": POLICY})
