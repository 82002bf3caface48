"""Chromium, as the tests of the window have it."""

from tests.storefront.conftest import chromium

__all__ = ["chromium"]
