"""What a person does at the shop window."""

from typing import Any

from tests.chromium import Watch
from tests.conftest import until

PASSWORD = "staple, blue sky, 9 lives"
ADDRESS = {"Name": "Ada Lovelace", "Street and number": "Unter den Linden 1", "Postal code": "10117", "City": "Berlin"}


class Buyer:
    """Steps on one page of one browser."""

    def __init__(self, page: Any, email: str) -> None:
        self.page, self.email, self.watch = page, email, Watch(page)

    def opens_with_facets(self, path: str) -> None:
        """A list of products has no facets while the index does not answer in time: it is opened again then."""

        def opened() -> bool:
            self.page.goto(path)
            self.page.locator(".grid a").first.wait_for()
            return bool(self.page.locator(".facets fieldset").count())

        until(opened, "there are facets", seconds=90)

    def puts_in_cart(self, slug: str = "enamel-mug-blue") -> None:
        self.page.goto(f"/product/{slug}")
        self.page.get_by_role("button", name="Add to cart").click()
        self.page.get_by_role("link", name="View the cart").wait_for()

    def registers(self) -> None:
        """On a page that asks who it is."""
        new = self.page.locator("section", has_text="New here?")
        new.get_by_label("Name").fill("Ada Lovelace")
        new.get_by_label("E-mail address").fill(self.email)
        new.get_by_label("Password").fill(PASSWORD)
        new.get_by_role("button").click()

    def gives_address(self) -> None:
        self.page.locator(".checkout").wait_for()
        for label, text in ADDRESS.items():
            self.page.get_by_label(label, exact=True).fill(text)
        self.page.get_by_label("Country").select_option("DE")
        self.page.get_by_label("Express").check()

    def orders(self) -> None:
        self.page.get_by_role("button", name="Order and pay").click()

    def pays(self, card: str = "Card that works") -> None:
        self.page.get_by_role("button", name=card).click()

    def sees_paid(self) -> None:
        self.page.locator("[data-status=paid]").wait_for()
