"""The pages in a real browser: what people do with them, by keyboard, on a phone, without script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from policies.model import Role, ScopeKind
from tests.stock.shop import ALLOWS, REFUSES
from tests.web.browsers import PHONE, TABLET, Window
from tests.web.readers import Site
from web.navigation import SECTIONS
from web.site import PAGES

Open = Callable[..., Window]


def officer(site: Site) -> str:
    return site.desk.token(Role.COMPLIANCE_OFFICER)


def test_somebody_signs_in_follows_the_trail_to_an_entry_and_signs_out(site: Site, window: Open) -> None:
    index = site.desk.adjust("3", store=ALLOWS, sku="A1").index
    page = window().sign_in(officer(site))

    page.get_by_role("link", name="Trail", exact=True).click()
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Type").select_option("stock.adjusted")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("1 entries found")).to_be_visible()
    page.get_by_role("rowheader").get_by_role("link").click()
    expect(page).to_have_title(f"Entry {index} · Stock adjusted · Chopbook")
    with page.expect_download() as download:
        page.get_by_role("link", name="Proof with checkpoint").click()
    page.get_by_role("button", name="Sign out").click()

    assert download.value.path().read_text().startswith("c2sp.org/tlog-proof@v1\n")
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    page.go_back()
    assert "Stock adjusted" not in page.content(), "a page of before is not shown out of the browser's memory"


def test_a_denial_leads_to_its_explanation(site: Site, window: Open) -> None:
    token = site.desk.token(Role.STAFF, (ScopeKind.STORE, ALLOWS))
    opened = window()
    opened.sign_in(token)

    page = opened.open("/policies")
    expect(page.get_by_role("alert")).to_have_text("Your role does not permit this action.")
    page.get_by_role("link", name="Explain this decision").click()
    page.get_by_role("button", name="Explain").click()

    expect(page.get_by_role("heading", name="Denied")).to_be_visible()
    expect(page.get_by_text("One of these roles is needed")).to_be_visible()


def test_who_follows_a_link_from_elsewhere_is_still_signed_in(site: Site, window: Open) -> None:
    opened = window()
    page = opened.sign_in(officer(site))

    page.goto("about:blank")
    page.route(
        "https://elsewhere.test/",
        lambda route: route.fulfill(content_type="text/html", body=f'<a href="{opened.url}/trail">see</a>'),
    )
    page.goto("https://elsewhere.test/")
    page.get_by_role("link", name="see").click()

    expect(page.get_by_role("heading", name="Audit trail")).to_be_visible()


def test_the_language_is_switched_where_one_is(site: Site, window: Open) -> None:
    opened = window()
    opened.sign_in(officer(site))
    page = opened.open(f"/trail?store={REFUSES}")

    page.get_by_role("link", name="繁體中文").click()

    expect(page).to_have_url(f"{opened.url}/trail?store={REFUSES}&lang=zh-Hant-HK")
    expect(page.get_by_role("heading", name="審計紀錄")).to_be_visible()
    opened.open("/why")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant-HK")


def test_everything_is_reached_by_keyboard_and_seen_to_be(site: Site, window: Open) -> None:
    opened = window()
    page = opened.sign_in(officer(site))
    opened.open("/trail")

    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("summary")).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Type")).to_be_focused()

    assert outline == "solid"


@pytest.mark.parametrize("language", ["en", "zh-Hant-HK"])
def test_pages_fit_a_small_phone_and_a_tablet_and_need_no_script(site: Site, window: Open, language: str) -> None:
    site.desk.adjust("3", store=ALLOWS, sku="A1")
    opened = window(viewport=PHONE, java_script_enabled=False)
    opened.sign_in(officer(site))

    wide: dict[str, Any] = {}
    for path in plain_addresses():
        page = opened.open(f"{path}?lang={language}")
        for size in (TABLET, PHONE):
            page.set_viewport_size(size)
            width = page.locator("html").evaluate("(html) => html.scrollWidth")
            wide |= {path: width} if width > size["width"] else {}

    assert wide == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_stands_on_a_page_is_named_and_stands_out(site: Site, window: Open, scheme: str) -> None:
    site.desk.adjust("3", store=ALLOWS, sku="A1")
    opened = window(color_scheme=scheme)
    opened.sign_in(officer(site))

    wrong: dict[str, list[Any]] = {}
    for path in plain_addresses():
        page = opened.open(path)
        sections = sum(
            1 for one in SECTIONS if path == one.path or (one.path != "/" and path.startswith(f"{one.path}/"))
        )
        wished = {"unnamed": [], "doubled": [], "empty": 0, "headings": 1, "mains": 1, "here": sections}
        found, faint = page.evaluate(NAMES), page.evaluate(CONTRAST)
        wrong |= {path: [found, faint]} if found != wished or faint else {}

    assert wrong == {}


def plain_addresses() -> list[str]:
    """Every page that needs nothing in its address, and an entry."""
    return [
        page.path for page in PAGES if page.method == "GET" and "{" not in page.path and page.path != "/sign-in"
    ] + ["/trail/1"]


NAMES = """() => ({
  unnamed: [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
    .filter((field) => !field.labels.length).map((field) => field.name),
  doubled: [...document.querySelectorAll("[id]")].map((one) => one.id)
    .filter((id, place, all) => all.indexOf(id) !== place),
  empty: [...document.querySelectorAll("a, button")].filter((one) => !one.textContent.trim()).length,
  headings: document.querySelectorAll("h1").length,
  mains: document.querySelectorAll("main").length,
  here: document.querySelectorAll("header nav [aria-current]").length,
})"""
"""What somebody who does not see a page is told of it: fields without a label, ids that are there twice, links without words."""

CONTRAST = """() => {
  const parts = (colour) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parts(colour)[3] === 255) return parts(colour);
    }
    return [255, 255, 255];
  };
  const seen = new Set(), faint = [];
  for (const one of document.querySelectorAll("body *")) {
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const style = getComputedStyle(one);
    if (style.visibility === "hidden" || !one.getClientRects().length) continue;
    const back = behind(one), key = style.color + back;
    if (seen.has(key)) continue;
    seen.add(key);
    const [high, low] = [light(parts(style.color)), light(back)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.push([one.tagName, one.className, ratio.toFixed(2)]);
  }
  return faint;
}"""
"""Pairs of text and background below the 4.5 to 1 of WCAG 2.2 SC 1.4.3."""
