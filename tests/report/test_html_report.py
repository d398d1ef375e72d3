"""The HTML report, read in a real browser by somebody who knows nothing of the suite."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.report.html_report import STATUSES, VERDICTS, render_html
from pytest_chopsticks.report.report import ImplementationFacts, Report, ServerFacts
from pytest_chopsticks.report.results import Result, Status
from pytest_chopsticks.requirements import Level, Requirement
from tests.report.browser import Page

Show = Callable[[Report], Page]

CONTRAST = Path(__file__).with_name("contrast.js").read_text()
VISIBLE = """[...document.querySelectorAll('.requirement')]
    .filter(one => one.checkVisibility()).map(one => one.id)"""
HOSTILE = """<script>document.title = 'owned'</script>'"><img src="https://example.org/x"
    onerror="document.title = 'owned'"></pre></style></article>{{ 7 * 7 }}&lt;b&gt;"""


def result(
    id_: str, status: Status = "passed", message: str | None = None, level: Level = "MUST"
) -> Result:
    requirement = Requirement(id_, level, f"The {id_} is so.", "13. user_pets", (), "0.1.0")
    area, _, rest = id_.partition(".")
    line = f"pytest --chopsticks-db 'chopsticks.toml::{area}::test_it[{rest}]'"
    reproduce = None if status == "not-run" else line
    return Result(requirement, status, 0.25, message, reproduce)


RESULTS = (
    result("schema.table"),
    result("schema.index", "failed", "Expected: an index\nActual:   none"),
    result("schema.index-name", "known-failure", "Expected: a name", level="SHOULD"),
    result("tokens.round-trip", "error", "the driver ended"),
    result("tokens.rotation", "error", "the driver ended"),
    result("tokens.revoked", "not-claimed", "not claimed: the operation agents.token"),
    result("text.literal", "not-run"),
)
REPORT = Report(
    suite_version="1.2.3",
    implementation=ImplementationFacts("acme-bot", "2.1.0", "javascript", ("migrate",)),
    server=ServerFacts("embedded", "18.6"),
    results=RESULTS,
    errors=(),
    known_failures={"schema.index-name": "acme#42: name it"},
    written=datetime(2026, 11, 26, 12, 0, tzinfo=UTC),
)


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Show:
    """Render a report, and open it in the browser."""

    def show(report: Report) -> Page:
        (tmp_path / "report.html").write_text(render_html(report), "utf-8")
        page.open(tmp_path / "report.html")
        return page

    return show


def text(page: Page, selector: str) -> str:
    return str(page.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))


def of(id_: str) -> str:
    return f"[id='{id_}']"


@pytest.mark.parametrize(
    ("results", "errors", "verdict"),
    [
        (RESULTS[:1], (), "conformant"),
        ((RESULTS[0], RESULTS[5]), (), "partial"),
        (RESULTS, (), "nonconformant"),
        (RESULTS[:1], ("no server",), "error"),
    ],
)
def test_verdict_comes_first_and_is_explained(
    results: tuple[Result, ...], errors: tuple[str, ...], verdict: Any, show: Show
) -> None:
    page = show(replace(REPORT, results=results, errors=errors))
    assert text(page, "h1") == f"acme-bot 2.1.0 {verdict}"
    assert VERDICTS[verdict] in text(page, "header")
    assert page.evaluate("document.title").startswith(f"acme-bot: {verdict}")


def test_header_says_who_was_judged_on_what(show: Show) -> None:
    header = text(show(REPORT), "header")
    assert "acme-bot, version 2.1.0, language javascript" in header
    assert "embedded PostgreSQL 18.6" in header
    assert "pytest-chopsticks 1.2.3, schema 1.0.0" in header
    assert "2026-11-26 12:00:00 UTC" in header
    assert "migrate" in header


def test_what_is_not_known_is_said(show: Show) -> None:
    nobody = ImplementationFacts("acme-bot", None, None, ())
    page = show(replace(REPORT, implementation=nobody, server=None, results=(), errors=("why",)))
    assert text(page, "h1") == "acme-bot error"
    assert "version unknown, language unknown" in text(page, "header")
    assert "Server\nnone" in text(page, "header")
    assert text(page, ".trouble") == "Trouble of the suite\nwhy"


def test_counts_of_every_area(show: Show) -> None:
    rows = show(REPORT).evaluate(
        "[...document.querySelectorAll('tr')].map(row => [...row.cells].map(one => one.innerText))"
    )
    assert rows == [
        ["Area", "passed", "failed", "error", "known-failure", "not-claimed", "not-run"],
        ["schema", "1", "1", "0", "1", "0", "0"],
        ["tokens", "0", "0", "2", "0", "1", "0"],
        ["text", "0", "0", "0", "0", "0", "1"],
        ["all", "1", "1", "2", "1", "1", "1"],
    ]


def test_every_requirement_is_told_in_full(show: Show) -> None:
    page = show(REPORT)
    assert page.evaluate(VISIBLE) == [one.requirement.id for one in RESULTS]
    assert list(filter(None, text(page, of("schema.index")).split("\n"))) == [
        "× failed schema.index",
        "MUST §13 user_pets 0.25 s",
        "The schema.index is so.",
        "Expected: an index",
        "Actual:   none",
        "Reproduce pytest --chopsticks-db 'chopsticks.toml::schema::test_it[index]'",
    ]
    assert "Known: acme#42: name it" in text(page, of("schema.index-name"))
    assert "SHOULD" in text(page, of("schema.index-name"))
    assert "Reproduce" not in text(page, of("text.literal"))


def test_message_told_before_is_referred_to(show: Show) -> None:
    page = show(REPORT)
    assert "the driver ended" in text(page, of("tokens.round-trip"))
    assert "The same as tokens.round-trip" in text(page, of("tokens.rotation"))


def test_what_needs_attention_leads_to_its_account(show: Show) -> None:
    page = show(REPORT)
    links = page.evaluate(
        "[...document.querySelectorAll('.attention a')].map(one => one.innerText)"
    )
    assert links == ["schema.index", "schema.index-name", "tokens.round-trip", "tokens.rotation"]
    page.click(".attention li:last-child a")
    assert page.evaluate("document.querySelector(':target').id") == "tokens.rotation"


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_can_be_hidden(status: Status, show: Show) -> None:
    page = show(REPORT)
    page.click(f"#show-{status}")
    assert page.evaluate(VISIBLE) == [one.requirement.id for one in RESULTS if one.status != status]
    page.click(f"#show-{status}")
    assert len(page.evaluate(VISIBLE)) == len(RESULTS)


def test_filter_is_operated_by_keyboard_too(show: Show) -> None:
    page = show(REPORT)
    page.evaluate("document.querySelector('#show-passed').focus()")
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key=" ", code="Space", text=" ")
    assert "schema.table" not in page.evaluate(VISIBLE)


def test_link_to_a_hidden_requirement_shows_it(show: Show) -> None:
    page = show(REPORT)
    page.click("#show-error")
    page.click(".attention li:last-child a")
    shown = page.evaluate(VISIBLE)
    assert "tokens.rotation" in shown
    assert "tokens.round-trip" not in shown


def test_there_is_no_script_and_nothing_to_fetch(show: Show) -> None:
    """So that it reads the same without JavaScript, without a network, and in ten years."""
    page = show(REPORT)
    asked = [one for one in page.events if one["method"] == "Network.requestWillBeSent"]
    assert [one["params"]["documentURL"] for one in asked] == [page.evaluate("location.href")]
    assert [one for one in page.events if one["method"] == "Log.entryAdded"] == []
    assert page.evaluate("document.querySelectorAll('script, [onclick]').length") == 0
    border = f"getComputedStyle(document.querySelector({json.dumps(of('schema.index'))}))"
    assert page.evaluate(f"{border}.borderLeftWidth") == "4px"


def test_hostile_text_is_shown_as_text(show: Show) -> None:
    hostile = replace(
        REPORT,
        implementation=ImplementationFacts(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),
        server=ServerFacts(HOSTILE, HOSTILE),
        results=(
            replace(result("schema.index", "failed", HOSTILE), reproduce=HOSTILE),
            replace(result(f"migrations.name.{HOSTILE}", "known-failure", f"{HOSTILE}2")),
        ),
        errors=(HOSTILE,),
        known_failures={f"migrations.name.{HOSTILE}": HOSTILE, "schema.index": HOSTILE},
    )
    page = show(hostile)
    assert page.evaluate("document.title").startswith(HOSTILE.partition("\n")[0])
    strange = "body script, body img, body b, body style"
    assert page.evaluate(f"document.querySelectorAll('{strange}').length") == 0
    assert text(page, ".trouble pre") == HOSTILE
    assert text(page, f"{of('schema.index')} .message") == HOSTILE
    asked = [one for one in page.events if one["method"] == "Network.requestWillBeSent"]
    assert len(asked) == 1
    assert page.evaluate("document.querySelectorAll('.requirement').length") == 2
    page.click(".attention li:last-child a")
    assert page.evaluate("document.querySelector(':target').id") == f"migrations.name.{HOSTILE}"


def test_script_that_got_in_would_not_run(page: Page, tmp_path: Path) -> None:
    """The page's own policy is what remains if escaping should ever be forgotten."""
    unescaped = render_html(REPORT).replace(
        "<main>", "<main><script>document.title = 'owned'</script>"
    )
    (tmp_path / "report.html").write_text(unescaped, "utf-8")
    page.open(tmp_path / "report.html")
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate("document.title").startswith("acme-bot")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_from_their_background(scheme: str, show: Show) -> None:
    page = show(replace(REPORT, errors=("no server",)))
    page.emulate(scheme=scheme)
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.body.querySelectorAll('*').length") > 100


def test_dark_where_the_reader_likes_it_dark(show: Show) -> None:
    page = show(REPORT)
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    page.emulate(scheme="dark")
    assert page.evaluate(background) == "rgb(21, 23, 26)"


def test_printed_in_light_colours_with_all_that_is_shown(show: Show) -> None:
    page = show(REPORT)
    page.click("#show-not-run")
    page.emulate(media="print", scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.evaluate("document.querySelector('.filter').checkVisibility()")
    assert len(page.evaluate(VISIBLE)) == len(RESULTS) - 1
    assert page.call("Page.printToPDF")["data"].startswith("JVBERi0")


def test_narrow_screen_scrolls_in_one_direction(show: Show) -> None:
    long = result("schema.index", "failed", "x" * 500)
    page = show(replace(REPORT, results=(long, *RESULTS)))
    page.resize(320, 700)
    edge = "document.documentElement.{}Width".format
    assert page.evaluate(edge("scroll")) == page.evaluate(edge("client")) <= 320


def test_assistive_technology_finds_its_way(show: Show) -> None:
    page = show(REPORT)
    assert page.evaluate("document.documentElement.lang") == "en"
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].map(one => +one.localName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    named = [
        (node["role"]["value"], node["name"]["value"].strip())
        for node in nodes
        if not node["ignored"] and "name" in node
    ]
    boxes = [name for role, name in named if role == "checkbox"]
    assert [box.split()[0] for box in boxes] == list(STATUSES)
    assert ("table", "By area") in named
    assert ("article", "failed schema.index") in named
    assert {"main", "banner"} <= {node["role"]["value"] for node in nodes}
    assert all(name for role, name in named if role in ("link", "heading", "region"))
