"""A store is encrypted where a key is given, and nobody thinks that it is when it is not."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from domain.errors import StoreUnavailableError
from domain.people import Wearer
from domain.posture import FrameBlock
from service.copying import copy_store
from storage import encryption
from storage.backups import back_up, restore
from storage.contract import Batch
from storage.encryption import KEY, KEY_FILE, store_key
from storage.sqlite import SqliteStore
from storage.sqlite_reader import SqliteReader

T0 = 1_790_035_200
SECRET, OTHER = "0123456789abcdef" * 4, "f" * 64
ZOE = Wearer("zoe-quartz-7", "Zoe Unmistakable", "UTC")
MakeFrames = Callable[..., FrameBlock]
ENCRYPTS = pytest.mark.skipif(
    not hasattr(apsw, "mc_version"),
    reason=f"this SQLite cannot encrypt; for these tests: {encryption.INSTALL}",
)


class TestTheKey:
    def test_is_none_where_nothing_is_said(self) -> None:
        assert store_key({}) is None

    def test_comes_from_the_environment_or_a_file_of_ones_own(self, tmp_path: Path) -> None:
        file = tmp_path / "key"
        file.write_text(f"{SECRET.upper()}\n")
        file.chmod(0o600)
        assert store_key({KEY: SECRET}) == SECRET
        assert store_key({KEY_FILE: str(file)}) == SECRET

    def test_in_a_file_that_others_may_read_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "key"
        file.write_text(SECRET)
        file.chmod(0o640)
        with pytest.raises(StoreUnavailableError, match="chmod 600"):
            store_key({KEY_FILE: str(file)})
        with pytest.raises(StoreUnavailableError, match="cannot be read"):
            store_key({KEY_FILE: str(tmp_path / "none")})

    @pytest.mark.parametrize("word", ["password", SECRET[:-1], SECRET + "0", "g" * 64])
    def test_that_is_none_is_refused_and_not_shown(self, word: str) -> None:
        with pytest.raises(StoreUnavailableError, match="64 hexadecimal digits") as caught:
            store_key({KEY: word})
        assert word not in str(caught.value)


def test_a_key_is_never_passed_over_by_a_library_that_cannot_encrypt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.setattr(encryption, "can_encrypt", lambda: False)
    with pytest.raises(StoreUnavailableError, match="cannot encrypt") as caught:
        SqliteStore(tmp_path / "sitwell.db")
    assert SECRET not in str(caught.value)


@ENCRYPTS
class TestAnEncryptedStore:
    @pytest.fixture(autouse=True)
    def key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(KEY, SECRET)

    def fill(self, path: Path, make_frames: MakeFrames) -> None:
        with SqliteStore(path) as store:
            store.put_wearer(ZOE)
            store.write(Batch(frames=(make_frames(ZOE.id, range(T0, T0 + 600)),)), now=T0)
            assert plain_words(path.parent) == [], "neither the file nor its log"

    def test_holds_nothing_that_can_be_read_without_the_key(
        self, tmp_path: Path, make_frames: MakeFrames, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "sitwell.db"
        self.fill(path, make_frames)
        assert plain_words(tmp_path) == []
        with SqliteStore(path) as store, SqliteReader.of(path) as reader:
            assert store.wearers() == reader.wearers() == [ZOE]
        monkeypatch.setenv(KEY, OTHER)
        with pytest.raises(StoreUnavailableError, match="cannot be read with this key"):
            SqliteStore(path)
        monkeypatch.delenv(KEY)
        with pytest.raises(StoreUnavailableError, match="If it is encrypted"):
            SqliteStore(path)

    def test_is_backed_up_encrypted_restored_and_erased(
        self, tmp_path: Path, make_frames: MakeFrames
    ) -> None:
        path = tmp_path / "sitwell.db"
        self.fill(path, make_frames)
        back_up(path, tmp_path / "b.db")
        assert plain_words(tmp_path) == []
        with SqliteStore(path) as store:
            store.erase(ZOE.id)
            assert store.wearers() == []
        restore(path, tmp_path / "b.db", now=float(T0))
        with SqliteStore(path) as store:
            assert store.wearers() == [ZOE]
            assert len(store.frames(ZOE.id, T0, T0 + 600)) == 600
        assert plain_words(tmp_path) == []

    def test_is_made_of_a_plain_one_by_copying_it(
        self, tmp_path: Path, make_frames: MakeFrames, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plain = tmp_path / "plain" / "sitwell.db"
        monkeypatch.delenv(KEY)
        with SqliteStore(plain) as store:
            store.put_wearer(ZOE)
            store.write(Batch(frames=(make_frames(ZOE.id, range(T0, T0 + 600)),)), now=T0)
        monkeypatch.setenv(KEY, SECRET)
        with pytest.raises(StoreUnavailableError, match="is not encrypted, though a key is given"):
            SqliteStore(plain)
        new = tmp_path / "new" / "sitwell.db"
        with SqliteReader.of(plain) as reader, SqliteStore(new) as store:
            assert copy_store(reader, store, now=float(T0)).differing == ()
        assert plain_words(new.parent) == []

    def test_survives_an_unclean_stop(self, tmp_path: Path, make_frames: MakeFrames) -> None:
        path = tmp_path / "sitwell.db"
        self.fill(path, make_frames)
        path.with_name("sitwell.db.lock").write_text("process 1 on a machine that lost power")
        with SqliteStore(path) as store:
            assert store.wearers() == [ZOE]


def plain_words(folder: Path) -> list[str]:
    """Files that tell something without a key: a name, or that they are a database at all."""
    marks = (ZOE.id.encode(), b"Unmistakable", b"SQLite format", b"CREATE TABLE")
    return [
        file.name
        for file in sorted(folder.rglob("*"))
        if file.is_file() and any(mark in file.read_bytes() for mark in marks)
    ]
