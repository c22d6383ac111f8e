"""axe: 全ページの明暗で、重い（serious、critical）違反がない。"""

import pytest

from tests.browser.test_pages import PAGES

SEVERE = ("serious", "critical")


@pytest.fixture(scope="module")
def axe():
    module = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="pip install axe-playwright-python が要ります",
    )
    return module.Axe()


@pytest.mark.parametrize("name", PAGES)
def test_no_severe_violations(visit, axe, name):
    page = visit().open(f"{name}.html")
    # 明暗の切り替えの途中の色を測らない
    page.add_style_tag(content="* { transition: none !important; }")
    found = []
    for theme in ("light", "dark"):
        page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
        response = axe.run(page).response
        severe = [rule for rule in response["violations"] if rule["impact"] in SEVERE]
        print(
            f"{name} {theme}: 合格 {len(response['passes'])}、違反 {len(response['violations'])}"
            f"（うち重い {len(severe)}） {[rule['id'] for rule in response['violations']]}"
        )
        found += [
            f"{theme} {rule['id']} {len(rule['nodes'])} か所: {node['html'][:160]}\n"
            f"    {node['failureSummary'][:300]}"
            for rule in severe
            for node in rule["nodes"][:3]
        ]
    assert not found, "\n".join(found)
