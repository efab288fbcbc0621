"""Say what a release consists of, in DIRECTORY: `sbom.cdx.json` (CycloneDX 1.6) and `LICENSES`.

    python -m scripts.bill DIRECTORY

Python's packages are those of requirements/runtime.txt, with which the wheel's requirements begin. The screen's
are what its lock file has besides tools. A package whose licence or its text is unknown ends it with a sentence.
"""

import json
import re
import subprocess
import sys
import tomllib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from scripts.steps import ROOT

FRONTEND = ROOT / "frontend"
IS_LICENCE = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
ELSEWHERE = {"colorama": "BSD-3-Clause"}
"""Licences of what only other systems than ours take, so that it is not installed here, nor in any package or image."""
AUTHORS_OF = {"lodash-unified": "Jack Works", "@vue/devtools-api": "Guillaume Chau"}
"""Authors of packages that say MIT and come without its text: that is ours, with their name."""
GRANTED = "Permission is hereby granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A package that is shipped. *licence*: an SPDX expression if *is_spdx*. *texts*: none if not shipped by us."""

    kind: str
    name: str
    version: str
    licence: str
    is_spdx: bool = True
    texts: tuple[str, ...] = ()
    sha512: str = ""
    scope: str = "required"

    @property
    def purl(self) -> str:
        return f"pkg:{self.kind}/{quote(self.name)}@{quote(self.version)}"

    def described(self) -> dict[str, Any]:
        licence = {"expression": self.licence} if self.is_spdx else {"license": {"name": self.licence}}
        return {
            "type": "library",
            "bom-ref": self.purl,
            "name": self.name,
            "version": self.version,
            "scope": self.scope,
            **({"hashes": [{"alg": "SHA-512", "content": self.sha512}]} if self.sha512 else {}),
            "licenses": [licence],
            "purl": self.purl,
        }


class UnknownLicenceError(Exception):
    """A package does not say under which licence it is, or comes without its text."""


def project_version() -> str:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def components() -> list[Component]:
    """Return all, of Python and the screen. Raises UnknownLicenceError."""
    return [*python_components((ROOT / "requirements" / "runtime.txt").read_text()), *screen_components()]


def python_components(requirements: str) -> Iterator[Component]:
    """Yield one for each line `NAME==VERSION` of *requirements*. Raises UnknownLicenceError."""
    for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", requirements, re.MULTILINE):
        if name in ELSEWHERE:
            yield Component(kind="pypi", name=name, version=version, licence=ELSEWHERE[name], scope="optional")
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:
            raise UnknownLicenceError(f"{name} is not installed: make runtime") from None
        if found.version != version:
            raise UnknownLicenceError(
                f"{name} {found.version} is installed, and the lock file has {version}: make runtime"
            )
        yield python_component(found, name)


def python_component(found: Distribution, name: str) -> Component:
    """Describe the package *found*, by what it says itself. Raises UnknownLicenceError."""
    said = found.metadata
    expression = said.get("License-Expression", "")
    classified = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License")]
    named = " or ".join(classified) or said.get("License", "").strip().partition("\n")[0]
    files = [file for file in found.files or () if ".dist-info" in str(file) and IS_LICENCE.match(file.name)]
    return known(
        Component(
            kind="pypi",
            name=name,
            version=found.version,
            licence=expression or named,
            is_spdx=bool(expression),
            texts=tuple(Path(str(found.locate_file(file))).read_text(errors="replace") for file in files),
        )
    )


def screen_components() -> Iterator[Component]:
    """Yield each package that the lock file has besides tools. Raises UnknownLicenceError."""
    lock: dict[str, dict[str, Any]] = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    seen = set()
    for path, entry in lock.items():
        name = path.rpartition("node_modules/")[2]
        if path and not entry.get("dev") and not entry.get("devOptional") and (name, entry["version"]) not in seen:
            seen.add((name, entry["version"]))
            yield known(
                Component(
                    kind="npm",
                    name=name,
                    version=entry["version"],
                    licence=entry.get("license", ""),
                    texts=screen_texts(FRONTEND / path, name, entry.get("license", "")),
                    sha512=b64decode(entry["integrity"].removeprefix("sha512-")).hex(),
                )
            )


def screen_texts(place: Path, name: str, licence: str) -> tuple[str, ...]:
    """Return the files of licences in the folder *place*; else its README, if the text is in it."""
    files = sorted(file for file in place.glob("*") if file.is_file())
    texts = [file.read_text(errors="replace") for file in files if IS_LICENCE.match(file.name)]
    texts = texts or [text for file in files if GRANTED in (text := readme(file))]
    if not texts and licence == "MIT" and name in AUTHORS_OF:
        ours = (ROOT / "LICENSE").read_text()
        texts = [re.sub(r"Copyright .*", f"Copyright (c) {AUTHORS_OF[name]}", ours, count=1)]
    return tuple(texts)


def readme(file: Path) -> str:
    return file.read_text(errors="replace") if file.name.lower().startswith("readme") else ""


def known(component: Component) -> Component:
    """Return it. Raises UnknownLicenceError unless its licence and the text are known."""
    if not component.licence or component.licence.upper() in {"UNKNOWN", "UNLICENSED"}:
        raise UnknownLicenceError(f"the licence of {component.name} {component.version} is unknown")
    if not any(text.strip() for text in component.texts):
        raise UnknownLicenceError(f"{component.name} {component.version} comes without the text of its licence")
    return component


def licences() -> str:
    """Return the texts of the licences of all that is shipped. Raises UnknownLicenceError."""
    parts = [f"monitor is under the licence MIT:\n\n{(ROOT / 'LICENSE').read_text()}\nIt is shipped with:\n"]
    for each in components():
        if each.texts:
            parts += [f"{'=' * 78}\n{each.name} {each.version} ({each.licence})\n{'=' * 78}\n", *each.texts]
    return "\n".join(parts)


def bill(version: str, wheel: bytes, commit: str, at: datetime) -> dict[str, Any]:
    """Return the bill of materials of the *wheel*. Raises UnknownLicenceError."""
    ours = f"pkg:pypi/monitor@{version}"
    found = components()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{ours}#{commit}')}",
        "version": 1,
        "metadata": {
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": "monitor",
                "version": version,
                "hashes": [{"alg": "SHA-256", "content": sha256(wheel).hexdigest()}],
                "licenses": [{"expression": "MIT"}],
                "purl": ours,
            },
        },
        "components": [each.described() for each in found],
        "dependencies": [{"ref": ours, "dependsOn": [each.purl for each in found]}],
    }


def main() -> None:
    """Write both files beside the wheel."""
    directory = Path(sys.argv[1])
    (wheel,) = directory.glob("monitor-*.whl")
    command = ["git", "log", "-1", "--format=%H %ct"]
    commit, _, seconds = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.partition(
        " "
    )
    try:
        made = bill(project_version(), wheel.read_bytes(), commit, datetime.fromtimestamp(int(seconds), UTC))
        (directory / "LICENSES").write_text(licences())
    except UnknownLicenceError as error:
        sys.exit(f"monitor: {error}")
    (directory / "sbom.cdx.json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
