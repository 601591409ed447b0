from __future__ import annotations

import gzip
import os
import stat
import zipfile
from pathlib import Path

import pytest

from seismic_graph.errors import DataError, UsageError
from seismic_graph.sources.inputs import FREE, Input, inputs

ROWS = b"projectID;topic;title\n1;A;B\n"


def archive(file: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in members.items():
            made.writestr(name, body)
    return file


def read(found: Input) -> bytes:
    with found.open() as stream:
        return stream.read()


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        for found in inputs([path]):
            with found.open() as stream:
                while stream.read(1 << 20):
                    pass
    return str(caught.value)


def test_a_file_a_folder_a_zip_and_gzip_give_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "topics.csv").write_bytes(ROWS)
    (folder / "deep" / "topics.csv.gz").write_bytes(gzip.compress(ROWS))
    archive(folder / "cordis.zip", {"csv/topics.csv": ROWS, "csv/old.csv.gz": gzip.compress(ROWS)})
    found = {one.name: read(one) for one in inputs([folder])}
    assert found == dict.fromkeys(["cordis.zip/csv/old.csv.gz", "cordis.zip/csv/topics.csv", "deep/topics.csv.gz", "topics.csv"], ROWS)
    assert [one.name for one in inputs([folder / "topics.csv"])] == ["topics.csv"]
    assert [one.plain_name for one in inputs([folder / "deep"])] == ["topics.csv"]


def test_members_can_be_read_after_the_listing_and_twice(tmp_path: Path) -> None:
    found = list(inputs([archive(tmp_path / "a.zip", {"a.csv": ROWS, "b.csv": ROWS})]))
    assert [read(one) for one in found + found] == [ROWS] * 4


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.csv does not exist"):
        list(inputs([tmp_path / "nothing.csv"]))


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "topics.csv", tmp_path / "b" / "topics.csv"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(ROWS)
    with pytest.raises(DataError, match=r"topics\.csv: another file .* Give the folder"):
        list(inputs(paths))


@pytest.mark.parametrize("name", ["../topics.csv", "a/../../topics.csv", "/etc/topics.csv", "C:\\topics.csv", "a\\topics.csv"])
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    assert "outside of the archive" in refused(archive(tmp_path / "a.zip", {name: ROWS}))


def test_symbolic_links_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    link = zipfile.ZipInfo("topics.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(link, "/etc/passwd")
    assert "symbolic link" in refused(file)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "topics.csv").symlink_to("/etc/passwd")
    assert "symbolic link" in refused(folder)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    file = archive(tmp_path / "a.zip", {"topics.csv": ROWS})
    body = bytearray(file.read_bytes())
    body[body.index(b"PK\x01\x02") + 8] |= 1  # the flag of the central directory (APPNOTE 4.4.4)
    file.write_bytes(body)
    assert "encrypted" in refused(file)


def test_bombs_are_refused_while_they_are_read(tmp_path: Path) -> None:
    bomb = bytes(FREE + 210 * 2**20)
    assert "unpacks to more than" in refused(archive(tmp_path / "a.zip", {"topics.csv": bomb}))
    packed = tmp_path / "topics.csv.gz"
    packed.write_bytes(gzip.compress(bomb, 9))
    assert "unpacks to more than" in refused(packed)
    assert "unpacks to more than" in refused(archive(tmp_path / "b.zip", {"topics.csv.gz": gzip.compress(bomb, 9)}))


def test_the_members_of_an_archive_share_one_limit(tmp_path: Path) -> None:
    part = bytes((FREE + 100 * 2**20) // 4)
    assert "unpacks to more than" in refused(archive(tmp_path / "a.zip", {f"{n}.csv": part for n in range(4)}))


@pytest.mark.parametrize("name", ["topics.csv.gz", "a.zip"])
@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_archive_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    file = tmp_path / name
    body = os.urandom(5000)
    if name == "a.zip":
        archive(file, {"topics.csv": body})
    else:
        file.write_bytes(gzip.compress(body))
    packed = file.read_bytes()
    file.write_bytes(packed[:3000] if damage == "cut" else packed[:3000] + bytes([packed[3000] ^ 255]) + packed[3001:])
    assert "is damaged or cut off" in refused(file)


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "topics.csv")
    assert "is no regular file" in refused(tmp_path / "topics.csv")


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(ROWS)
    assert "a.zip: is damaged" in refused(tmp_path / "a.zip")
