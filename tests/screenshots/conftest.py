"""Chromium, as all tests have it that look at pages."""

from tests.chromium import chromium as chromium
