"""What setup.cfg cannot describe: in the wheel, migrations/ and storefront/ are part of app."""

from setuptools import find_namespace_packages, find_packages, setup

code = find_packages(include=["app", "app.*", "sandbox"])
histories = find_namespace_packages(include=["migrations", "migrations.*"], exclude=["*.__pycache__"])
window = find_namespace_packages(include=["storefront", "storefront.*"])

setup(packages=[*code, *(f"app.{each}" for each in (*histories, *window))])
