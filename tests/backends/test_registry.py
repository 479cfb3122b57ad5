"""Finding adapters: by entry point, once, with an error that names what is missing."""

from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from qjob.backends.aer.provider import AerProvider
from qjob.backends.registry import GROUP, Registry
from qjob.catalog.loader import load_catalogue
from qjob.model.errors import AdapterMissing, BackendRefused

AER = EntryPoint("aer", "qjob.backends.aer.provider:AerProvider", GROUP)


@pytest.fixture
def info():
    return load_catalogue().get("marqov-sim")


def test_the_adapter_is_loaded_once_and_its_backends_are_kept(info):
    registry = Registry((AER,))
    assert registry.backend(info) is registry.backend(info)
    assert isinstance(registry.provider("aer"), AerProvider)
    assert registry.provider("aer") is registry.provider("aer")
    assert registry.backend(info).info is info


def test_registries_share_nothing(info):
    assert Registry((AER,)).backend(info) is not Registry((AER,)).backend(info)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        pytest.param((), "no adapter 'aer' is installed; there are: none", id="none installed"),
        pytest.param(
            (EntryPoint("aerr", "qjob:x", GROUP),), r"did you mean 'aerr'.*there are: aerr", id="another one"
        ),
        pytest.param(
            (EntryPoint("azure", "qjob:x", GROUP),),
            "no adapter 'aer' is installed; there are: azure",
            id="a far one",
        ),
        pytest.param(
            (EntryPoint("aer", "qjob_no_such_module:X", GROUP),),
            "cannot be loaded: ModuleNotFoundError",
            id="no such module",
        ),
        pytest.param(
            (EntryPoint("aer", "qjob.backends.registry:Nothing", GROUP),),
            "cannot be loaded: AttributeError",
            id="no such class",
        ),
    ],
)
def test_an_adapter_that_cannot_be_had_is_named(info, entries, said):
    with pytest.raises(AdapterMissing, match=said) as caught:
        Registry(entries).backend(info)
    assert caught.value.remedy


def test_nothing_is_loaded_before_a_backend_is_asked_for():
    Registry((EntryPoint("aer", "qjob_no_such_module:X", GROUP),))


def test_what_is_installed_is_told_without_loading_it():
    assert Registry((EntryPoint("aer", "qjob_no_such_module:X", GROUP),)).installed() == {"aer"}


@pytest.mark.parametrize(
    ("changes", "says", "remedy"),
    [
        pytest.param(
            {"slug": "sv1", "adapter": "braket"},
            "sv1 cannot run jobs here: no adapter 'braket' is installed; there are: aer.",
            "%qjob quote NAME",
            id="listed, but no adapter",
        ),
        pytest.param(
            {"slug": "old", "retired": "2026-06-26", "instead": ("sv1", "dm1")},
            "old was retired (2026-06-26) and takes no jobs.",
            "Use sv1 or dm1 instead.",
            id="retired",
        ),
        pytest.param(
            {"slug": "old", "retired": "2026-06", "adapter": "braket"},
            "old was retired (2026-06) and takes no jobs.",
            "%qjob backends",
            id="retired, and nothing in its place",
        ),
    ],
)
def test_what_takes_no_jobs_here_says_why(info, changes, says, remedy):
    with pytest.raises(BackendRefused) as caught:
        Registry((AER,)).backend(replace(info, **changes))
    assert caught.value.message == says
    assert remedy in caught.value.remedy
