"""The disk of the virtual machine: Debian with its kernel, BlueZ and Python, our code and what it needs.

It is an initramfs of three archives, one behind the other: the system (made once, as root, and kept in
the user's cache under a hash of what it is made of), the Python packages (kept likewise) and our
code (made anew for every run). The mirror is the one that this machine's apt uses for the suite, or
SITWELL_DEBIAN_MIRROR.
"""

import compileall
import hashlib
import os
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import platformdirs
from packaging.requirements import Requirement

SUITE = "bookworm"  # BlueZ 5.66, Linux 6.1, Python 3.11
PYTHON = (3, 11)
PACKAGES = ("bluez", "dbus", "iproute2", "kmod", "procps", "python3", "tzdata")
KERNEL = "linux-image-amd64"
MODULES = ("net/bluetooth", "net/rfkill", "drivers/bluetooth", "crypto", "arch/x86/crypto", "lib")
NOT_NEEDED = (
    "var/cache/apt",
    "var/lib/apt/lists",
    "usr/share/doc",
    "usr/share/locale",
    "usr/share/man",
)
#: Where things are inside.
CODE, SITE = "opt/sitwell", "opt/site"
OURS = ("alerts", "analysis", "api", "collector", "domain", "service", "simulators", "storage")
TOOLS = ("apt-get", "chroot", "cpio", "debootstrap", "dpkg", "qemu-system-x86_64")

_INSIDE = Path(__file__).parent / "inside"
_BUILD_S = 900.0


class MissingError(Exception):
    """What this machine lacks to make or run the image, in one sentence."""


@dataclass(frozen=True, slots=True)
class Image:
    """A kernel and the archives of its initramfs, in their order."""

    kernel: Path
    archives: tuple[Path, ...]

    def initramfs(self, path: Path) -> Path:
        """All archives in one file, which the kernel unpacks one over the other."""
        with path.open("wb") as whole:
            for archive in self.archives:
                with archive.open("rb") as part:
                    shutil.copyfileobj(part, whole)
        return path


def image(root: Path, work: Path) -> Image:
    """The image for the checkout at `root`; what is made for this run goes to `work`.

    Raises MissingError, and RuntimeError with the output of a tool that failed.
    """
    system, site = _system(), _site(root)
    return Image(system / "vmlinuz", (system / "system.cpio", site, _code(root, work)))


def missing_tools(names: Iterable[str] = TOOLS) -> list[str]:
    """Those of `names` that are not installed."""
    return [name for name in names if _tool(name) is None]


def _tool(name: str) -> str | None:
    everywhere = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    return shutil.which(name, path=everywhere)


def _cache() -> Path:
    return platformdirs.user_cache_path("sitwell", appauthor=False) / "vm"


def _kept(kind: str, *inputs: object) -> Path:
    """The folder of what is made of `inputs` and of this module's code."""
    parts = (*inputs, Path(__file__).read_bytes(), (_INSIDE / "init").read_bytes())
    return _cache() / f"{kind}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"


def _keep(made: Path, kept: Path) -> None:
    """Put a finished folder in its place, and remove the one that it supersedes."""
    for old in _cache().glob(f"{kept.name.partition('-')[0]}-*"):
        shutil.rmtree(old, ignore_errors=True)
    made.rename(kept)


# --- the system --------------------------------------------------------------------------------


def _system() -> Path:
    kept = _kept("system", SUITE, PACKAGES, KERNEL, MODULES)
    if kept.is_dir():
        return kept
    if os.geteuid() != 0:
        raise MissingError("the virtual machine's disk is made by root, once; it is not made yet")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix="making-") as folder:
        work = Path(folder)
        tree, made = work / "tree", work / "made"
        made.mkdir()
        include = f"--include={','.join(PACKAGES)}"
        _run("debootstrap", "--variant=minbase", include, SUITE, str(tree), _mirror(), cwd=work)
        kernel = _kernel(work)
        _add_modules(kernel, tree)
        for name in NOT_NEEDED:
            shutil.rmtree(tree / name, ignore_errors=True)
        init = tree / "init"
        shutil.copy(_INSIDE / "init", init)
        init.chmod(0o755)
        _archive(tree, made / "system.cpio")
        shutil.copy(next((kernel / "boot").glob("vmlinuz-*")), made / "vmlinuz")
        _keep(made, kept)
    return kept


def _kernel(work: Path) -> Path:
    """The suite's kernel package, unpacked: this machine's apt finds the one that is current."""
    depends = _run("apt-cache", "depends", KERNEL, cwd=work)
    found = re.search(r"Depends: (linux-image-\S+)", depends)
    if found is None:
        raise MissingError(f"apt knows no {KERNEL}: run apt-get update")
    _run("apt-get", "-o", "APT::Sandbox::User=root", "download", found[1], cwd=work)
    _run("dpkg", "-x", str(next(work.glob("linux-image-*.deb"))), "kernel", cwd=work)
    return work / "kernel"


def _add_modules(kernel: Path, tree: Path) -> None:
    whole = next((kernel / "lib/modules").iterdir())
    release = whole.name
    kept = tree / "usr/lib/modules" / release
    for name in MODULES:
        shutil.copytree(whole / "kernel" / name, kept / "kernel" / name)
    for listing in whole.glob("modules.*"):
        shutil.copy(listing, kept)
    _run("chroot", str(tree), "depmod", release)


def _mirror() -> str:
    """Where this machine's apt gets the suite from: deb822 sources, then one-line ones."""
    if named := os.environ.get("SITWELL_DEBIAN_MIRROR"):
        return named
    apt = Path("/etc/apt")
    for path in sorted(apt.glob("sources.list.d/*.sources")):
        for stanza in path.read_text().split("\n\n"):
            fields = dict(re.findall(r"^(\w[\w-]*):\s*(.+)$", stanza, re.MULTILINE))
            if SUITE in fields.get("Suites", "").split() and "URIs" in fields:
                return fields["URIs"].split()[0]
    for path in (apt / "sources.list", *sorted(apt.glob("sources.list.d/*.list"))):
        lines = path.read_text() if path.is_file() else ""
        if found := re.search(rf"^deb (?:\[.*?\] )?(\S+) {SUITE} ", lines, re.MULTILINE):
            return found[1]
    raise MissingError(f"apt has no source of Debian {SUITE}: set SITWELL_DEBIAN_MIRROR")


# --- Python packages ---------------------------------------------------------------------------


def _site(root: Path) -> Path:
    """An archive of what pyproject.toml asks for: what runs the tests, when its Python is the same."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(text) for text in project["dependencies"]]
    here = sys.version_info[:2] == PYTHON
    found = list(_distributions(wanted)) if here else []
    versions = sorted(f"{each.name} {each.version}" for each in found)
    kept = _kept("site", PYTHON, sorted(map(str, wanted)), versions)
    if kept.is_dir():
        return kept / "site.cpio"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix="making-") as folder:
        tree, made = Path(folder) / "tree", Path(folder) / "made"
        site = tree / SITE
        site.mkdir(parents=True)
        made.mkdir()
        if here:
            for each in found:
                _copy(each, site)
        else:
            _install(wanted, site)
        _archive(tree, made / "site.cpio")
        _keep(made, kept)
    return kept / "site.cpio"


def _distributions(wanted: Iterable[Requirement]) -> Iterator[metadata.Distribution]:
    """What is installed of `wanted`, and of what that asks for in its turn."""
    todo, seen = list(wanted), set[str]()
    while todo:
        requirement = todo.pop()
        name = requirement.name.lower().replace("_", "-")
        marker = requirement.marker
        if name in seen or (marker is not None and not marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        found = metadata.distribution(requirement.name)
        todo += map(Requirement, found.requires or ())
        yield found


def _copy(distribution: metadata.Distribution, site: Path) -> None:
    for file in distribution.files or ():
        source = Path(str(distribution.locate_file(file)))
        if not {"..", "tests", "testing"} & set(file.parts) and source.is_file():
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)  # with its time, or what is compiled is thought stale


def _install(wanted: Iterable[Requirement], site: Path) -> None:
    version = ".".join(map(str, PYTHON))
    foreign = ("--python-version", version, "--implementation", "cp", "--only-binary=:all:")
    names = [str(requirement) for requirement in wanted]
    _run(sys.executable, "-m", "pip", "install", "-q", "--target", str(site), *foreign, *names)


# --- our code ----------------------------------------------------------------------------------


def _code(root: Path, work: Path) -> Path:
    tree = work / "code"
    for package in OURS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / package, tree / CODE / package, ignore=ignored)
    shutil.copytree(_INSIDE, tree / CODE / "tests/vm/inside")
    command = tree / "usr/local/bin/sitwell"
    command.parent.mkdir(parents=True)
    command.write_text("#!/usr/bin/python3\nfrom service.cli import main\n\nmain()\n")
    command.chmod(0o755)
    if sys.version_info[:2] == PYTHON:  # the machine inside is slow: it is spared the compiling
        unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(tree / CODE, quiet=2, invalidation_mode=unchecked)
    archive = work / "code.cpio"
    _archive(tree, archive)
    return archive


def _archive(tree: Path, path: Path) -> None:
    """`tree` as the kernel wants an initramfs: cpio, newc, owned by root."""
    names = "\0".join(sorted(str(each.relative_to(tree)) for each in tree.rglob("*"))) + "\0"
    with path.open("wb") as archive:
        subprocess.run(
            [_tool("cpio") or "cpio", "--null", "-o", "-H", "newc", "-R", "0:0", "--quiet"],
            cwd=tree,
            input=names.encode(),
            stdout=archive,
            check=True,
            timeout=_BUILD_S,
        )


def _run(name: str, *arguments: str, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [_tool(name) or name, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_BUILD_S,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name} {' '.join(arguments)}\n{done.stdout[-4000:]}")
    return done.stdout
