"""axe: 全ページの明暗で、重い（serious、critical）違反がない。"""

import pytest

from tests.browser.test_pages import PAGES

SEVERE = ("serious", "critical")

# axe の時間は要素の数で決まる。組まれた数式、図の線、色分けされたコードの 1 語ずつ、API と索引の
# 2 つめから先の項目は同じものの繰り返しなので、先に畳む。
# コードと図の色は下の試験で 1 ページだけ見る。
FOLD = """() => {
  document.querySelectorAll("mjx-container").forEach((e) => e.replaceWith("x"));
  document.querySelectorAll("section > dl.py ~ dl.py, .genindextable li ~ li")
    .forEach((e) => e.remove());
  document.querySelectorAll("pre").forEach((e) => (e.textContent = e.textContent));
  for (const e of document.querySelectorAll("main svg"))
    e.replaceChildren(...e.querySelectorAll(":scope > title, :scope > desc"));
}"""
VIOLATIONS = {"resultTypes": ["violations"]}
CONTRAST = VIOLATIONS | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


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
    page.evaluate(FOLD)
    found = []
    for theme, options in (("light", VIOLATIONS), ("dark", CONTRAST)):  # 暗い表示で変わるのは色だけ
        page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
        response = axe.run(page, options=options).response
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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_code_and_figures_have_contrast(visit, axe, theme):
    page = visit().open("12_exercises.html")
    page.add_style_tag(content="* { transition: none !important; }")
    page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
    response = axe.run(page, options=CONTRAST).response
    assert not [node["html"] for rule in response["violations"] for node in rule["nodes"]]
