"""The wheel holds the addon and its bridges and installs beside an Odoo that pip can see."""

import ast
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from devtools import venv

ROOT = Path(__file__).resolve().parent.parent.parent
ADDON = "optica_cobranca"
ADDONS = [ADDON, f"{ADDON}_loyalty", f"{ADDON}_pos"]


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command without this environment's variables and return its output."""
    result = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(cwd or "/"), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def project_files() -> list[str]:
    """Every file of the project that git tracks or would offer to track."""
    listed = run("git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", cwd=ROOT)
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy so that no build folder stays behind."""
    copy = tmp_path_factory.mktemp("project")
    for name in project_files():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", cwd=copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


def make_python(environment: Path, *, odoo: bool) -> Path:
    """A Python of its own that sees the libraries here, perhaps Odoo too, but not the project."""
    run(sys.executable, "-m", "venv", environment)
    if odoo:
        venv.link_odoo(environment)
    libraries = venv.site_packages(Path(sys.prefix))
    packages = venv.site_packages(environment)
    (packages / "libraries.pth").write_text(f"{libraries}\n")
    # Odoo asks for psycopg2; the libraries have it under the name of its binary build.
    record = packages / "psycopg2-2.9.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: psycopg2\nVersion: 2.9\n")
    return environment / "bin" / "python"


def test_name_and_version_are_those_of_the_manifest(wheel):
    assert wheel.name.startswith("odoo_addon_optica_cobranca-19.0.1.0.0-py3-")


def test_every_file_of_the_addons_is_in_the_wheel(wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    folders = tuple(f"{addon}/" for addon in ADDONS)
    wanted = {f"odoo/addons/{name}" for name in project_files() if name.startswith(folders)}

    assert wanted
    assert wanted - packed == set()


def test_nothing_but_the_addons_is_in_the_wheel(wheel):
    packed = zipfile.ZipFile(wheel).namelist()
    folders = tuple(f"odoo/addons/{addon}/" for addon in ADDONS)
    strays = [name for name in packed if not name.startswith(folders) and ".dist-info/" not in name]

    assert strays == []
    assert not [name for name in packed if "__pycache__" in name]


def test_it_installs_beside_odoo_and_odoo_lists_it(wheel, tmp_path):
    clean_python = make_python(tmp_path / "clean", odoo=True)
    # Without an index, pip can only be satisfied by what is installed: Odoo 19 above all.
    run(clean_python, "-m", "pip", "install", "--no-index", wheel, cwd=tmp_path)

    script = (
        "from odoo.modules.module import Manifest, get_modules, initialize_sys_path\n"
        "from odoo.tools import config\n"
        "config.parse_config([], setup_logging=False)\n"
        "initialize_sys_path()\n"
        "assert 'base' in get_modules()\n"
        f"print(sorted(name for name in get_modules() if name in {ADDONS!r}))\n"
        f"print(Manifest.for_addon({ADDON!r}).path)\n"
    )
    listed, path = run(clean_python, "-c", script, cwd=tmp_path).splitlines()[-2:]

    assert listed == str(ADDONS)
    assert Path(path).is_relative_to(clean_python.parent.parent)


def test_pip_refuses_it_without_odoo_19(wheel, tmp_path):
    python = make_python(tmp_path / "bare", odoo=False)
    answer = subprocess.run(
        [str(python), "-m", "pip", "install", "--no-index", str(wheel)],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode != 0
    assert "odoo<19.1,>=19.0" in answer.stderr


def test_the_manifest_and_the_wheel_ask_for_the_same_libraries(wheel):
    metadata = next(
        zipfile.ZipFile(wheel).read(name).decode()
        for name in zipfile.ZipFile(wheel).namelist()
        if name.endswith("/METADATA")
    )
    required = {
        line.removeprefix("Requires-Dist: ").split("<")[0].split(" ")[0]
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist: ")
    }
    manifest = ast.literal_eval((ROOT / ADDON / "__manifest__.py").read_text(encoding="utf-8"))

    assert required - {"odoo"} == set(manifest["external_dependencies"]["python"])
