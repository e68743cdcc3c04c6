"""Do the policy commands do at a shell what their page says?"""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from publisher import first_start
from publisher.cli import app
from publisher.core.pack_examples import rules
from publisher.core.packs import load
from publisher.model.pack import said
from publisher.settings import Settings
from publisher.store.database import Database
from publisher.store.versions import Packs
from tests.kit.packs import POLICIES, files
from tests.web.test_plan_words import SENTENCE

COUNTY, PUDONG = str(POLICIES / "example-county"), str(POLICIES / "pudong")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["policy", *words])


def changed(tmp_path: Path, file: str, old: str, new: str, pack: str = "example-county") -> str:
    folder = tmp_path / "changed"
    for name, body in files(pack).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    return str(folder)


def test_a_new_pack_is_good_from_the_first_minute_and_carries_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "north-shire"
    assert run("new", str(folder), "--name", 'North "Shire"').exit_code == 0
    found = run("check", str(folder), "--strict")
    assert found.exit_code == 0, found.output
    assert "north-shire: good" in found.output
    assert "identifier_prefix: NS" in (folder / "pack.yaml").read_text("utf-8")


def test_a_new_pack_never_overwrites_and_wants_a_name_for_addresses(tmp_path: Path) -> None:
    assert run("new", str(tmp_path / "Nord Land")).exit_code == 2
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "x").write_text("mine")
    assert run("new", str(tmp_path / "there")).exit_code == 2


def test_check_lists_every_mistake_of_every_file(tmp_path: Path) -> None:
    folder = changed(tmp_path, "flows.yaml", "roles: [leader]", "roles: [mayor]")
    path = Path(folder) / "reports.yaml"
    path.write_text(path.read_text("utf-8").replace("to: [neighbour]", "to: [nowhere]"), "utf-8")
    found = run("check", folder)
    assert found.exit_code == 1
    assert "unknown role mayor" in found.output
    assert "unit nowhere is not in units.csv" in found.output


def test_check_lists_mistakes_of_templates_and_the_demo_folder_with_those_of_the_pack(tmp_path: Path) -> None:
    folder = Path(changed(tmp_path, "channels.yaml", "channels: [led-a]", "channels: [sms-a]"))
    for name, text in (
        ("sms/any.en.txt", "=== body\n{% for x in y %}{{ x }}{% endfor %}\n=== more\n"),
        ("sms/zzz.en.txt", "hello"),
        ("notice/approve.en.txt", "=== title\n"),
        ("words.fr.yaml", "join: ', '\nissued: fr\nloud: yes\n"),
    ):
        path = folder / "templates/messages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = run("check", str(folder))
    assert found.exit_code == 1
    for words in (
        "sms/any.en.txt:2: ",
        "sms/any.en.txt:1: must hold the fields body, once each; it holds: body, more",
        "notice/approve.en.txt:1: must hold the fields",
        "words.fr.yaml:1: glue: is missing",
        "words.fr.yaml:1: loud: unknown key",
        "sms/zzz.en.txt:1: must begin with any",
        "sms-a of the demo serves sms, not screen",
    ):
        assert words in found.output, found.output
    flows = folder / "flows.yaml"
    flows.write_text(flows.read_text("utf-8").replace("roles: [leader]", "roles: [mayor]", 1), "utf-8")
    demo = folder / "demo" / "endpoints.csv"
    demo.write_text(demo.read_text("utf-8") + "x,pigeon,coop,EX-01-000,ops,en,actual,,,,,\n", "utf-8")
    line = demo.read_text("utf-8").count("\n")
    found = run("check", str(folder))
    assert "unknown role mayor" in found.output and "sms/zzz.en.txt:1: must begin" in found.output
    assert f"demo/endpoints.csv:{line}: x.medium: must be one of" in found.output


def test_check_speaks_the_language_of_the_pack(tmp_path: Path) -> None:
    folder = Path(changed(tmp_path, "flows.yaml", "roles: [leader]", "roles: [mayor]", "pudong"))
    text = folder / "templates/messages/sms/any.zh.txt"
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text("=== body\n{% for x in y %}{{ x }}{% endfor %}\n", "utf-8")
    demo = folder / "demo" / "endpoints.csv"
    rows = demo.read_text("utf-8").splitlines()
    cells = [
        ("pigeon" if name == "medium" else cell)
        for name, cell in zip(rows[0].split(","), rows[1].split(","), strict=True)
    ]
    demo.write_text("\n".join((rows[0], ",".join(cells), *rows[2:])), "utf-8")
    found = run("check", str(folder))
    assert found.exit_code == 1
    for words in ("没有角色 mayor；有：drafter", "不能用“for”", "medium: 只能是：sms、"):
        assert words in found.output, found.output
    assert [one for one in found.output.splitlines() if SENTENCE.search(one)] == []
    (folder / "pack.yaml").write_text("languages: [zh]\nname: {zh: 'x}\n", "utf-8")
    assert "从这里开始的括号或引号没有结束" in run("check", str(folder)).output
    assert "pudong：合格，灾种" in run("check", PUDONG).output


def test_a_sound_pack_is_told_of_words_it_borrows_and_roles_that_nobody_has(tmp_path: Path) -> None:
    folder = Path(changed(tmp_path, "duties.yaml", "roles: [duty]", "roles: [dutty]"))
    audiences = folder / "audiences.yaml"
    audiences.write_text(
        audiences.read_text("utf-8").replace("[follower]", "[folower]").replace("[school,", "[shool,"), "utf-8"
    )
    (folder / "templates/messages/sms").mkdir(parents=True)
    for name in ("issue.mauve.en", "any.fr", "update.raised.red.FLOOD.short.en", "lift.left.en", "any.RAIN.en"):
        (folder / f"templates/messages/sms/{name}.txt").write_text("=== body\n{{ text }}\n", "utf-8")
    found = run("check", str(folder))
    assert found.exit_code == 0
    assert "answer.answer: no contact of the demo has the role dutty; there are" in found.output
    assert "followers: no endpoint of the demo has the role folower" in found.output
    assert "key-places: by place_kinds shool it reaches no endpoint of the demo" in found.output
    assert "templates/messages/sms/issue.mauve.en.txt:1: no text is looked up here: mauve is no class" in found.output
    assert "templates/messages/sms/any.fr.txt:1: no text is looked up here: fr is not a language" in found.output
    assert found.output.count("no text is looked up here") == 2
    assert run("check", str(folder), "--strict").exit_code == 1


def test_a_pack_in_a_language_without_words_of_its_own_is_told_and_its_handbook_is_in_english(tmp_path: Path) -> None:
    folder = tmp_path / "costa"
    for name, body in files().items():
        text = re.sub(r"\ben: ", "es: ", body.decode()).replace("[en]", "[es]")
        text = re.sub(r"\b(name|source|neighbours)\.en\b", r"\1.es", text)
        text = text.replace("en=EX", "es=EX").replace(",en,", ",es,").replace("\n  en:\n", "\n  es:\n")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    found = run("check", str(folder))
    assert found.exit_code == 0, found.output
    assert "templates/messages/words.es.yaml:1: missing" in found.output
    assert "# How Example County issues warnings" in run("handbook", str(folder)).output
    units = folder / "units.csv"
    units.write_text(units.read_text("utf-8").replace("es=EX", "en=EX"), "utf-8")
    assert ".short: en is not a language of this pack; it has es" in run("check", str(folder)).output


def test_explain_says_that_a_level_does_not_exist() -> None:
    found = run("explain", COUNTY, "--hazard", "FOG", "--level", "red", "--area", "EX-01-007", "--unit", "weather")
    assert "may it be issued: no: FOG has no level red; it has: amber, yellow" in found.output.replace("\n", " ")


def test_explain_names_rules_lines_and_every_rule_tried() -> None:
    found = run("explain", COUNTY, "--hazard", "FLOOD", "--level", "red", "--area", "EX-01-007", "--unit", "rivers")
    assert found.exit_code == 0
    for words in (
        "who signs alert-all",
        "grave flows.yaml:",
        "response proposed: Major incident",
        "report neighbour",
        "· who signs",
    ):
        assert words in found.output


def test_explain_of_a_case_the_pack_does_not_have_says_everything_wrong() -> None:
    found = run("explain", COUNTY, "--hazard", "LAVA", "--level", "blue", "--area", "X", "--at", "noon")
    assert found.exit_code == 2
    assert all(word in found.output for word in ("LAVA", "blue", "--area X", "noon"))


def test_explain_reads_an_alert() -> None:
    found = run("explain", COUNTY, str(POLICIES / "example-county" / "demo" / "alert.xml"), "--json")
    told = json.loads(found.output)
    assert {"outcome", "hazard", "may it be issued"} <= {one["question"] for one in told["answers"]}


def test_explain_lets_no_rule_signed_ahead_answer_for_an_alert_in_doubt(tmp_path: Path) -> None:
    said_so = (POLICIES / "example-county/demo/alert.xml").read_text("utf-8").replace("Amber warning", "Yellow warning")
    sure, doubtful = tmp_path / "sure.xml", tmp_path / "doubtful.xml"
    sure.write_text(said_so, "utf-8")
    doubtful.write_text(said_so.replace("Yellow warning", "Warning").replace("Severe", "Moderate"), "utf-8")
    assert "who signs publish: nobody: signed ahead" in run("explain", COUNTY, str(sure)).output
    assert "who signs publish: Sign: " in run("explain", COUNTY, str(doubtful)).output


def test_diff_and_simulate_tell_a_changed_pack(tmp_path: Path) -> None:
    folder = changed(tmp_path, "flows.yaml", "roles: [reviewer, signer, leader]", "roles: [leader]")
    assert "steps.sign.roles" in run("diff", COUNTY, folder).output
    alert = {
        "sender": "someone@weather.example",
        "sent": "2026-03-11T04:10:00+00:00",
        "event": "rain",
        "level": "yellow",
        "areas": ["EX-01-007"],
        "headline": "Yellow warning of rain",
        "description": "Heavy rain is expected.",
    }
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "one.json").write_text(json.dumps(alert))
    found = run("simulate", folder, str(archive), "--against", COUNTY)
    assert found.exit_code == 0, found.output
    assert "1 warnings replayed: 1 differ" in found.output
    assert "because flows.yaml:" in found.output
    assert run("simulate", folder, str(tmp_path / "none"), "--against", COUNTY).exit_code == 2


@pytest.mark.parametrize(("pack", "language"), [(PUDONG, "zh"), (PUDONG, "en"), (COUNTY, "en"), (COUNTY, "zh")])
def test_the_handbook_holds_every_rule_in_either_language(pack: str, language: str, tmp_path: Path) -> None:
    from tests.kit.alerts import pack as read

    made = read(Path(pack).name)
    page = tmp_path / "book.html"
    assert run("handbook", pack, "--language", language, "--out", str(page)).exit_code == 0
    text, plain = page.read_text("utf-8"), run("handbook", pack, "--language", language).output
    for rule in rules(made):
        file, _, name = rule.partition(":")
        assert made.where(file, name) in text, rule
        assert made.where(file, name) in plain, rule
    fixed = [one.name[made.language] for one in made.standby.values()] if language == made.language else []
    for words in (*fixed, *(f"standby/{one}" for one in made.standby), *(one.words[-1] for one in made.phrases)):
        assert words in text and words in plain, words
    assert all(made.where("public_tests.yaml", one.id) in plain for one in made.public_tests)
    told = [words for one in made.hazards.values() for words in one.guidance.values()]
    told += [one.closing for one in made.levels] + [one.name for one in made.subjects.values()]
    told += [one.idle for one in made.displays] + [made.about.exercise_mark]
    assert [words for words in told if said(words, language) not in plain] == []
    shared = [":".join(map(str, way.weights)) for wave in made.waves for way in wave.ways if way.weights]
    assert shared and all(one in plain for one in (*shared, made.about.quiet_hours))
    if pack == COUNTY and language == "en":
        assert not any("一" <= letter <= "鿿" for letter in text)


def test_a_handbook_in_a_language_without_words_says_which_there_are() -> None:
    found = run("handbook", COUNTY, "--language", "fr")
    assert found.exit_code == 2
    assert "en, zh" in found.output


def begun(data: Path) -> dict[str, str]:
    """A hub of the example county that is not running; passwords by officer."""

    async def first() -> None:
        settings = Settings(data=data, pack="example-county", redis=False)
        db = Database(settings.database)
        await db.open()
        await first_start.prepare(db, settings, Packs(load))
        await db.close()

    data.mkdir()
    asyncio.run(first())
    lines = (data / "demo-signins.txt").read_text("utf-8").splitlines()[1:]
    return {one.split()[0]: one.split()[1] for one in lines if one.strip()}


def test_no_hub_begins_with_a_pack_whose_texts_cannot_be_made(tmp_path: Path) -> None:
    folder = tmp_path / "county"
    shutil.copytree(POLICIES / "example-county", folder)
    for name, text in (("sms/issue.en.txt", "=== body\n{{ nobody }}"), ("mine/any.en.txt", "=== body\n{% for")):
        file = folder / "templates" / "messages" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    found = CliRunner().invoke(app, ["serve", "--data", str(tmp_path / "var"), "--pack", str(folder)])
    assert found.exit_code == 1
    assert "templates/messages/sms/issue.en.txt:2: there is no name 'nobody'" in found.output
    assert "templates/messages/mine/any.en.txt" in found.output


def test_two_officers_put_an_imported_version_in_force_at_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "var"
    passwords = begun(data)
    folder = changed(tmp_path, "flows.yaml", "roles: [reviewer, signer, leader]", "roles: [leader]")

    def as_officer(name: str, *words: str) -> Result:
        monkeypatch.setenv("TOCSIN_PASSWORD", passwords[name])
        return run(*words, "--as", name, "--data", str(data))

    monkeypatch.setenv("TOCSIN_PASSWORD", "guess")
    assert run("import", folder, "--as", "signer", "--data", str(data)).exit_code == 1
    assert as_officer("drafter", "import", folder).exit_code == 1
    brought = as_officer("signer", "import", folder)
    assert brought.exit_code == 0, brought.output
    version = brought.output.split("version ")[1].split()[0]
    first = as_officer("signer", "activate", version[:12], "--yes")
    assert "steps.sign.roles" in first.output
    assert "a second person puts it in force" in first.output
    assert as_officer("signer", "activate", version[:12], "--yes").exit_code == 1
    second = as_officer("leader", "activate", version[:12], "--yes")
    assert second.exit_code == 0, second.output
    assert "in force" in second.output
