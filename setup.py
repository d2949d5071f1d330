"""Packs the addon as ``odoo-addon-optica_cobranca``, for installing beside an Odoo 19.

Odoo and its addons are namespace packages, so a wheel that puts its files below
``odoo/addons/`` is found as an addon without any path to configure.
"""

import ast
from pathlib import Path

from setuptools import setup

NAME = "optica_cobranca"
PACKAGE = f"odoo.addons.{NAME}"
HERE = Path(__file__).resolve().parent
ADDON = HERE / NAME
README = HERE / "README.md"

manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text(encoding="utf-8"))
files = [
    path.relative_to(ADDON)
    for path in sorted(ADDON.rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts and path.suffix not in {".pyc", ".pyo"}
]
# Every folder that can be a package is named, so that nothing depends on an __init__.py;
# the others (migrations/<version>/) travel as data of the addon itself.
folders = sorted({parent for path in files for parent in path.parents if parent.parts})
packages = [
    ".".join((PACKAGE, *folder.parts))
    for folder in folders
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
    packages=[PACKAGE, *packages],
    package_dir={PACKAGE: NAME},
    package_data={PACKAGE: [str(path) for path in files]},
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
    ],
)
