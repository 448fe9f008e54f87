"""Make what is handed to a venue: one folder with the whole program, and on Debian a package of it, both in dist/.

Then prove it with nothing else around: the packaged program takes its own tour, central and PostgreSQL included.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from bootstrap import WINDOW

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
FOLDER = DIST / "boxoffice"
INSTALLED = Path("opt", "boxoffice")
DESKTOP = """[Desktop Entry]
Type=Application
Name=Box Office
Comment=Sell seats and print tickets
Exec=/opt/boxoffice/boxoffice
Icon=boxoffice
Terminal=false
Categories=Office;Finance;
"""


def build() -> None:
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(DIST), "--workpath", str(ROOT / "build" / "pyinstaller")]
    subprocess.run([*command, str(ROOT / "packaging" / "boxoffice.spec")], cwd=ROOT, check=True)


def prove() -> None:
    """Without this checkout's Python, its environment or its folder."""
    program = FOLDER / ("boxoffice.exe" if sys.platform == "win32" else "boxoffice")
    with tempfile.TemporaryDirectory(prefix="boxoffice-package-") as folder:
        alone = {"HOME": folder, "PATH": os.defpath, "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
        tour = [str(program), "tour", "--quick", "--out", f"{folder}/tour"]
        done = subprocess.run(tour, cwd=folder, env=alone, check=False, capture_output=True, text=True)
        if done.returncode or not Path(folder, "tour", "tickets.pdf").exists():
            raise SystemExit(f"The packaged program did not finish its tour:\n{done.stderr}")


def debian_package(version: str, architecture: str) -> Path:
    """Made of the folder; dpkg-deb checks the rest."""
    package = DIST / f"boxoffice_{version}_{architecture}.deb"
    with tempfile.TemporaryDirectory(prefix="boxoffice-deb-") as made:
        root = Path(made)
        root.chmod(0o755)
        shutil.copytree(FOLDER, root / INSTALLED, symlinks=True)
        write(root / "usr/share/applications/boxoffice.desktop", DESKTOP)
        icon = root / "usr/share/icons/hicolor/scalable/apps/boxoffice.svg"
        icon.parent.mkdir(parents=True)
        shutil.copyfile(ROOT / "packaging" / "boxoffice.svg", icon)
        size_kb = size_of(root) // 1024
        needed = ", ".join(part.debian for part in WINDOW)
        write(
            root / "DEBIAN/control",
            f"Package: boxoffice\nVersion: {version}\nArchitecture: {architecture}\nInstalled-Size: {size_kb}\n"
            f"Depends: {needed}\nSection: misc\nPriority: optional\n"
            "Maintainer: The Box Office authors <boxoffice@localhost>\n"
            "Description: Point of sale of a venue\n Sells seats, prints tickets and admits guests, also offline.\n",
        )
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zzstd", "--build", made, str(package)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return package


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def size_of(path: Path) -> int:
    """Bytes; a link counts as a link."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if file.is_file())


def megabytes(path: Path) -> str:
    return f"{size_of(path) / 1e6:.0f} MB"


def main() -> int:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    print("Building the folder (a minute or two)", flush=True)
    build()
    print(f"{FOLDER.relative_to(ROOT)}: {megabytes(FOLDER)}. Its own tour follows", flush=True)
    prove()
    print("It sold, printed, admitted and cashed up on its own.", flush=True)
    if shutil.which("dpkg-deb") is not None:
        architecture = subprocess.run(
            ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
        ).stdout.strip()
        package = debian_package(version, architecture)
        print(f"{package.relative_to(ROOT)}: {megabytes(package)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
