"""What code may read: packages and libraries by their own paths, and never what somebody keeps private."""

import sys
from pathlib import Path

import pytest

import qjob
from qjob.model.errors import WorkerError
from qjob.sandbox.folders import folders


def test_only_folders_of_packages_come_from_the_import_path(tmp_path):
    project, packages = tmp_path / "project", tmp_path / "venv" / "site-packages"
    for folder in (project, packages):
        folder.mkdir(parents=True)
    found = folders(["", str(project), str(packages), str(tmp_path / "gone" / "site-packages")], {}, [])
    assert found.packages == (str(packages),)
    assert str(packages) in found.readable
    assert not {"", str(project), str(tmp_path), sys.prefix, sys.base_prefix} & set(found.readable)
    assert str(Path(qjob.__file__).parent) in found.readable


def test_a_virtual_environment_in_the_home_folder_does_not_open_it(tmp_path):
    packages = tmp_path / ".venv" / "lib" / "site-packages"
    packages.mkdir(parents=True)
    found = folders([str(packages)], {}, [tmp_path, tmp_path / ".venv" / "share" / "qjob"])
    assert not [folder for folder in found.readable if tmp_path.is_relative_to(folder)]


@pytest.mark.parametrize("where", ["", "home/qjob"], ids=["the-folder", "below-it"])
def test_a_private_folder_below_a_readable_one_is_refused(tmp_path, where):
    packages = tmp_path / "site-packages"
    packages.mkdir()
    (tmp_path / "link").symlink_to(packages)
    with pytest.raises(WorkerError, match="inline code cannot run here"):
        folders([str(packages)], {}, [tmp_path / "link" / where])


def test_shared_libraries_are_where_the_environment_says(tmp_path):
    found = folders([], {"LD_LIBRARY_PATH": f":relative:{tmp_path}:/nowhere"}, [])
    assert str(tmp_path) in found.readable
    assert not {"", "relative", "/nowhere"} & set(found.readable)
