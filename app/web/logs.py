"""Stub; being written."""

from flask import Flask

from app.config import Settings


def install(app: Flask, settings: Settings) -> None:
    """Nothing yet."""
