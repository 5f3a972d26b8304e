"""Reading settings from the environment and the file that CONFIG_FILE names."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

NAME = "TERTULIA_TEST_VALUE"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    env._file_values.cache_clear()
    yield
    env._file_values.cache_clear()


@pytest.fixture
def config_file(monkeypatch, tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text)
        monkeypatch.setenv("CONFIG_FILE", str(path))
        return path

    return write


@pytest.mark.parametrize(("text", "wanted"), [("True", True), ("true", True), ("False", False), ("FALSE", False)])
def test_switch_takes_true_and_false(monkeypatch, text, wanted):
    monkeypatch.setenv(NAME, text)

    assert env.env_bool(NAME, not wanted) is wanted


@pytest.mark.parametrize("text", ["1", "0", "yes", "off", "Ture", " true"])
def test_switch_takes_nothing_else(monkeypatch, text):
    monkeypatch.setenv(NAME, text)

    with pytest.raises(ImproperlyConfigured, match=f"^{NAME} must be True or False, not '{text}'$"):
        env.env_bool(NAME, True)


@pytest.mark.parametrize("text", ["", None])
def test_unset_and_empty_values_are_the_default(monkeypatch, text):
    if text is not None:
        monkeypatch.setenv(NAME, text)

    assert env.env_bool(NAME, True) is True
    assert env.env_int(NAME, 7) == 7
    assert env.env_str(NAME, "x") == "x"
    assert env.env_list(NAME, ["a"]) == ["a"]
    assert env.env_path(NAME, Path("/x")) == Path("/x")


def test_number_is_read_or_refused(monkeypatch):
    monkeypatch.setenv(NAME, "-12")
    assert env.env_int(NAME, 0) == -12

    monkeypatch.setenv(NAME, "1.5")
    with pytest.raises(ImproperlyConfigured, match=f"^{NAME} must be a whole number, not '1.5'$"):
        env.env_int(NAME, 0)


def test_list_is_split_at_commas(monkeypatch):
    monkeypatch.setenv(NAME, " a, b ,,c,")

    assert env.env_list(NAME) == ["a", "b", "c"]


def test_path_is_made_absolute(monkeypatch):
    monkeypatch.setenv(NAME, "~/data")
    monkeypatch.setenv("HOME", "/home/somebody")

    assert env.env_path(NAME, Path("/x")) == Path("/home/somebody/data")


def test_secret_comes_from_the_value_then_the_named_file_then_the_first_start(monkeypatch, tmp_path):
    made, named = tmp_path / "made", tmp_path / "named"
    made.write_text("made\n")
    named.write_text("named\n")
    assert env.env_secret(NAME, made) == "made"

    monkeypatch.setenv(f"{NAME}_FILE", str(named))
    assert env.env_secret(NAME, made) == "named"

    monkeypatch.setenv(NAME, "value")
    assert env.env_secret(NAME, made) == "value"


def test_missing_secret_says_what_to_set(tmp_path):
    with pytest.raises(ImproperlyConfigured, match=f"set {NAME} or {NAME}_FILE"):
        env.env_secret(NAME, tmp_path / "missing")


def test_secret_that_no_start_makes_may_be_left_out():
    assert env.env_secret(NAME, None) == ""


def test_file_sets_what_the_environment_leaves_open(monkeypatch, config_file):
    config_file('[auth]\ntertulia_test_value = false\n[a]\nlisted = ["x", "y"]\n')
    assert env.env_bool(NAME, True) is False
    assert env.env_list("LISTED") == ["x", "y"]

    monkeypatch.setenv(NAME, "True")
    assert env.env_bool(NAME, False) is True


def test_file_may_set_values_outside_its_tables(config_file):
    config_file("tertulia_test_value = 12")

    assert env.env_int(NAME, 0) == 12


@pytest.mark.parametrize("text", ["no toml", None])
def test_file_that_cannot_be_read_is_named(config_file, text):
    path = config_file(text or "")
    if text is None:
        path.unlink()

    with pytest.raises(ImproperlyConfigured, match=str(path)):
        env.env_str(NAME)
