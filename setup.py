"""What setup.cfg cannot describe: in the wheel, migrations/ is part of app. Everything else is in setup.cfg."""

from setuptools import find_namespace_packages, find_packages, setup

code = find_packages(include=["app", "app.*", "sandbox"])
histories = find_namespace_packages(include=["migrations", "migrations.*"], exclude=["*.__pycache__"])

setup(packages=[*code, *(f"app.{each}" for each in histories)])
