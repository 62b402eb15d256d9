"""Examples land in data/nlu: what stood there stays byte for byte, nothing is doubled, lost or half written."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.client import load_client
from bot.training.examples import AlreadyThere, BrokenData, CannotWrite, Examples
from bot.training.marks import Mark, bare, same, written
from bot.training.nlu_file import read
from bot.training.readiness import entities, missing
from tests.support.servers import ROOT

SMALL = """# Comment above  \t
version: "3.1"

nlu:
  - intent: info_gadai   # where it ends
    examples: |
      - gadai bpkb
      - info [KCA](produk)

      - gadai emas


  # between
  - intent: info_emas
    examples: |
      - harga emas
# the end
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data, without git."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copy(ROOT / "domain.yml", tmp_path)
    return tmp_path


@pytest.fixture
def examples(folder: Path) -> Examples:
    return Examples(folder / "data", folder / "var")


@pytest.fixture
def small(tmp_path: Path) -> Examples:
    (tmp_path / "data/nlu").mkdir(parents=True)
    (tmp_path / "data/nlu/x.yml").write_bytes(SMALL.encode())
    return Examples(tmp_path / "data", tmp_path / "var")


def text_of(examples: Examples, name: str = "x.yml") -> str:
    return (examples.folder / name).read_bytes().decode()


def test_an_example_is_one_line_more_and_nothing_else(small: Examples) -> None:
    line = small.add("info_gadai", "gadai kursi")
    assert text_of(small) == SMALL.replace("      - gadai emas\n", "      - gadai emas\n      - gadai kursi\n")
    assert line.place == "data/nlu/x.yml baris 11"
    assert small.remove("info_gadai", "gadai kursi")
    assert text_of(small) == SMALL
    assert not small.remove("info_gadai", "gadai kursi")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_stay_as_they_are(small: Examples, end: str, last: bool) -> None:
    before = SMALL.replace("# the end\n", "").replace("\n", end)
    before = before if last else before[: -len(end)]
    (small.folder / "x.yml").write_bytes(before.encode())
    small.add("info_emas", "emas antam")
    assert text_of(small) == before + (f"      - emas antam{end}" if last else f"{end}      - emas antam")
    assert small.remove("info_emas", "emas antam")
    assert text_of(small) == before


def test_every_file_of_the_project_takes_an_example(examples: Examples) -> None:
    before = {path: path.read_bytes() for path in examples.folder.glob("*.yml")}
    for intent in examples.intents():
        examples.add(intent, f"contoh baru {intent} zz")
        assert examples.remove(intent, f"contoh baru {intent} zz")
    assert {path: path.read_bytes() for path in examples.folder.glob("*.yml")} == before
    assert sorted(p.name for p in examples.folder.iterdir()) == sorted(p.name for p in before)
    assert examples.diff() == ""


@pytest.mark.parametrize("double", ["gadai emas", "GADAI  emas?", "info kca", "info [kca](produk)."])
def test_doubles_are_refused_wherever_they_stand(small: Examples, double: str) -> None:
    with pytest.raises(AlreadyThere) as caught:
        small.add("info_emas", double)
    assert caught.value.intent == "info_gadai"
    assert "data/nlu/x.yml baris" in str(caught.value)
    assert text_of(small) == SMALL


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- -- halo", "halo"),
        ("/restart dong", "restart dong"),
        ("satu\ndua\u2028tiga\x85empat\r\nlima", "satu dua tiga empat lima"),
        ("a\tb\x07c", "a b c"),
        ("x \\u0041 \\x", "x /u0041 /x"),
        ("klik [ini](http://x.id) {a}", "klik (ini)(http://x.id) {a}"),
        ("# bukan komentar: 'kutip' \"dua\"", "# bukan komentar: 'kutip' \"dua\""),
        ("| > & * ! % @ ` ? :", None),
        ("👍🏽", "👍🏽"),
        ("nama saya [NAMA]", "nama saya Fulan"),
        ("", None),
        ("[]", None),
        ("x" * 1001, None),
    ],
)
def test_whatever_customers_write_is_one_plain_line(small: Examples, text: str, line: str | None) -> None:
    if line is None:
        with pytest.raises(ValueError):
            written(text)
        return
    assert written(text) == line
    small.add("info_emas", line)
    assert read(text_of(small)).block("info_emas").examples[-1] == line  # type: ignore[union-attr]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60), intent=st.sampled_from(["info_gadai", "info_emas"]))
def test_any_text_survives_yaml_and_leaves_the_rest_alone(text: str, intent: str) -> None:
    try:
        line = written(text)
    except ValueError:
        return
    edited = read(SMALL).with_example(intent, line)
    held = {item["intent"]: item["examples"].splitlines() for item in yaml.safe_load(edited.text)["nlu"]}
    assert held[intent][-1] == f"- {line}"
    back = edited.without_example(intent, line)
    assert back is not None and (back.text == SMALL or line in SMALL)


def test_marks_are_rasas_own() -> None:
    assert (
        written("aplikasi Tring error di depok", [Mark(9, 14, "produk"), Mark(23, 29, "kota")])
        == "aplikasi [Tring](produk) error di [depok](kota)"
    )
    assert written("wa [TELEPON] ya", [Mark(3, 12, "telepon")]) == "wa [081200000000](telepon) ya"
    assert bare('di [depok](kota) [x]{"entity": "y"}') == "di depok x"
    assert same("Di [Depok](kota)?") == same("di depok")
    for wrong in ([Mark(0, 99, "kota")], [Mark(3, 3, "kota")], [Mark(0, 5, "kota"), Mark(4, 8, "kota")], [Mark(8, 9, "kota")]):
        with pytest.raises(ValueError):
            written("aplikasi Tring", wrong)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (SMALL.replace("  - intent: info_emas", "\t- intent: info_emas"), "baris 14"),
        (SMALL.replace("examples: |\n      - harga", "examples:\n      - harga"), "examples: |"),
        (SMALL.replace("      - gadai bpkb", "      gadai bpkb"), "baris 7"),
        (SMALL.replace("      - harga emas\n", ""), "info_emas"),
        (SMALL + "nlu: [", "baris"),
    ],
)
def test_a_file_broken_by_hand_is_named_and_nothing_is_written(small: Examples, broken: str, told: str) -> None:
    (small.folder / "y.yml").write_text(broken)
    for change in (
        lambda: small.add("info_gadai", "baru"),
        lambda: small.begin("info_pajak", "", "baru"),
        lambda: small.remove("info_emas", "x"),
    ):
        with pytest.raises(BrokenData) as caught:
            change()
        assert "data/nlu/y.yml" in str(caught.value)
        assert told in str(caught.value)
    assert text_of(small) == SMALL
    assert sorted(p.name for p in small.folder.iterdir()) == ["x.yml", "y.yml"]


def test_no_utf8_is_named_too(small: Examples) -> None:
    (small.folder / "y.yml").write_bytes(b"version: '3.1'\nnlu: caf\xe9\n")
    with pytest.raises(BrokenData, match=r"y\.yml baris 2"):
        small.intents()


def test_a_new_intent_gets_a_file_and_says_what_else_it_needs(examples: Examples, folder: Path) -> None:
    client = load_client(ROOT / "clients/pegadaian")
    assert missing(examples, folder / "data", client) == []
    examples.begin("info_pajak", "Pajak", "gimana lapor pajak emas")
    needs = missing(examples, folder / "data", client)
    assert len(needs) == 3 and all("info_pajak" in need for need in needs)
    assert ["domain.yml" in needs[0], "client.yml" in needs[1], "data/rules" in needs[2]] == [True] * 3
    examples.add("info_pajak", "pajak emas berapa")
    assert "+++ b/data/nlu/info_pajak.yml" in examples.diff()
    for name in ("info_gadai", "Info", "x", "a b", "../x"):
        with pytest.raises(CannotWrite):
            examples.begin(name, "", "kalimat lain")
    with pytest.raises(AlreadyThere):
        examples.begin("info_lain", "", "pajak emas berapa?")
    assert examples.remove("info_pajak", "pajak emas berapa") and examples.remove("info_pajak", "gimana lapor pajak emas")
    assert missing(examples, folder / "data", client) == [] and examples.diff() == ""


def test_what_can_be_marked_comes_from_the_domain(folder: Path) -> None:
    assert "produk" in entities(folder / "data") and "nilai" not in entities(folder / "data")


def _write(data: Path, name: str) -> None:
    held = Examples(data, data.parent / "var")
    for number in range(15):
        held.add("info_gadai", f"contoh {name} {number}")


def test_two_processes_lose_nothing(small: Examples) -> None:
    data = small.folder.parent
    writers = [multiprocessing.get_context("spawn").Process(target=_write, args=(data, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [w.exitcode for w in writers] == [0, 0]
    assert small.intents()["info_gadai"] == 3 + 30


def test_the_diff_without_git_is_against_what_stood_before_the_first_change(small: Examples) -> None:
    assert small.diff() == ""
    small.add("info_gadai", "gadai kursi")
    assert small.diff().splitlines()[:2] == ["--- a/data/nlu/x.yml", "+++ b/data/nlu/x.yml"]
    assert "+      - gadai kursi" in small.diff()
    small.baseline.renew()
    assert small.diff() == ""


def test_the_diff_with_git_is_against_the_last_commit(small: Examples) -> None:
    root = small.folder.parent.parent
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    small.add("info_gadai", "gadai kursi")
    small.begin("info_pajak", "Pajak", "lapor pajak")
    assert "+      - gadai kursi" in small.diff() and "+      - lapor pajak" in small.diff()
    assert not (root / "var").exists()
    subprocess.run([*git, "apply", "--check", "-R", "-"], input=small.diff().encode(), check=True)


@pytest.mark.parametrize("folder_is", ["missing", "read-only"])
def test_a_folder_that_cannot_be_written_is_told(small: Examples, folder_is: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if folder_is == "missing":
        shutil.rmtree(small.folder)
    else:
        monkeypatch.setattr("tempfile.mkstemp", _read_only)  # root may write anywhere
    with pytest.raises(CannotWrite, match="Mohon hubungi admin"):
        small.add("info_gadai", "gadai kursi")


def _read_only(**_options: object) -> None:
    raise OSError(30, "Read-only file system")
