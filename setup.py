"""Packs the addon as ``odoo-addon-optica_cobranca``, for installing beside an Odoo 19.

Odoo and its addons are namespace packages, so a wheel that puts its files below
``odoo/addons/`` is found as an addon without any path to configure. The bridges to Odoo's own
apps travel along: each installs itself where its app is.
"""

import ast
from pathlib import Path

from setuptools import setup

NAME = "optica_cobranca"
HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
ADDONS = sorted(path.parent for path in HERE.glob(f"{NAME}*/__manifest__.py"))

manifest = ast.literal_eval((HERE / NAME / "__manifest__.py").read_text(encoding="utf-8"))


def files_of(addon):
    """Every file of an addon, relative to it."""
    return [
        path.relative_to(addon)
        for path in sorted(addon.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.suffix not in {".pyc", ".pyo"}
    ]


def packages_of(addon):
    """Every folder that can be a package, so that nothing depends on an ``__init__.py``.

    The others (``migrations/<version>/``) travel as data of the addon itself.
    """
    folders = sorted({up for path in files_of(addon) for up in path.parents if up.parts})
    return [
        ".".join((f"odoo.addons.{addon.name}", *folder.parts))
        for folder in [Path(), *folders]
        if all(part.isidentifier() for part in folder.parts)
    ]


setup(
    name=f"odoo-addon-{NAME}",
    version=manifest["version"],
    description=manifest["summary"],
    long_description=README.read_text(encoding="utf-8") if README.exists() else "",
    long_description_content_type="text/markdown",
    author=manifest["author"],
    license="LGPL-3.0-only",
    license_files=["LICENSE"],
    packages=[package for addon in ADDONS for package in packages_of(addon)],
    package_dir={f"odoo.addons.{addon.name}": addon.name for addon in ADDONS},
    package_data={
        f"odoo.addons.{addon.name}": [str(path) for path in files_of(addon)] for addon in ADDONS
    },
    python_requires=">=3.10",
    install_requires=[
        "odoo>=19.0,<19.1",
        "holidays",
        "phonenumbers",
        "python-dateutil",
        "requests",
    ],
    zip_safe=False,
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)",
        "Natural Language :: Portuguese (Brazilian)",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
    ],
)
