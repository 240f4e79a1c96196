"""Connections to the store's file, which is encrypted where a key is given.

The key comes from the environment alone: `SITWELL_STORE_KEY`, 64 hexadecimal digits, or
`SITWELL_STORE_KEY_FILE`, a file with them that only its owner may read. It is 32 random bytes and goes to
the cipher as it is (ChaCha20 and Poly1305 of SQLite3 Multiple Ciphers, pages and log): nothing is made of
a password here. It is never logged, and no error shows it.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import apsw

from domain.errors import StoreUnavailableError

KEY, KEY_FILE = "SITWELL_STORE_KEY", "SITWELL_STORE_KEY_FILE"
INSTALL = (
    'pip install "sitwell[encryption]" && pip install --force-reinstall --no-deps apsw-sqlite3mc'
)
_KEY_FORM = re.compile(r"[0-9a-fA-F]{64}")
#: How a file begins that is not encrypted (SQLite file format, section 1.3.1).
_PLAIN = b"SQLite format 3\0"


def store_key(environment: Mapping[str, str] = os.environ) -> str | None:
    """The key in hexadecimal, None where none is given.

    Raises StoreUnavailableError for one that is no key, and for a file that others may read.
    """
    word, name = environment.get(KEY, ""), environment.get(KEY_FILE, "")
    where = KEY
    if not word and name:
        where = name
        try:
            if os.name == "posix" and Path(name).stat().st_mode & 0o077:
                raise StoreUnavailableError(
                    f"{name} holds the store's key and others may read it: chmod 600 {name}"
                )
            word = Path(name).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise StoreUnavailableError(f"{name} cannot be read, for the store's key") from error
    if not (word or name):
        return None
    if not _KEY_FORM.fullmatch(word):
        raise StoreUnavailableError(
            f"{where} is no key of 64 hexadecimal digits; make one with: openssl rand -hex 32"
        )
    return word.lower()


def can_encrypt() -> bool:
    """Whether the SQLite library is the one that encrypts."""
    return hasattr(apsw, "mc_version")


def is_plain(path: Path) -> bool:
    """Whether the file is there and is not encrypted. Raises OSError."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_PLAIN)) == _PLAIN


def connect(path: Path, flags: int, *, like: Path | None = None) -> apsw.Connection:
    """A connection to `path`, with the key where one is given; a new file is then encrypted.

    A plain file is read all the same, so that it can be copied into an encrypted one, but not written.
    like: encrypt the new file `path` only where this one is. Raises StoreUnavailableError, OSError and
    apsw.Error.
    """
    key = store_key()
    plain = is_plain(path if like is None else like)
    if key is None or (plain and (like is not None or not flags & apsw.SQLITE_OPEN_READWRITE)):
        return apsw.Connection(str(path), flags=flags)
    if not can_encrypt():
        raise StoreUnavailableError(
            f"{path}: a key is given, and this SQLite cannot encrypt. Install the one that can: {INSTALL}"
        )
    if plain:
        raise StoreUnavailableError(
            f"{path} is not encrypted, though a key is given. Bring it into one that is: sitwell store copy"
            f" --from {path.parent} --to NEW_FOLDER; or take {KEY} and {KEY_FILE} away"
        )
    connection = apsw.Connection(str(path), flags=flags)
    try:
        connection.pragma("cipher", "chacha20")
        connection.pragma("key", f"raw:{key}")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except apsw.NotADBError as error:
        connection.close(force=True)
        raise StoreUnavailableError(
            f"{path}: it cannot be read with this key; check {KEY} or {KEY_FILE}"
        ) from error
    except BaseException:
        connection.close(force=True)
        raise
    return connection
