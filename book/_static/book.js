// コードの写しボタンの言葉（sphinx-copybutton は日本語を持たない）。
if (typeof messages !== "undefined") {
  Object.assign(messages[locale], {
    copy: "コピー",
    copy_success: "コピーしました",
    copy_failure: "コピーできませんでした",
  });
  // 絵は、もう英語の題を持っている。名前はボタンに付けるので、絵は読み上げから隠す。
  [iconCopy, iconCheck] = [iconCopy, iconCheck].map((icon) =>
    icon.replace("<svg ", '<svg aria-hidden="true" ').replace(/<title>.*?<\/title>/, ""),
  );
}
window.addEventListener("load", () => {
  for (const button of document.querySelectorAll("button.copybtn")) {
    button.setAttribute("aria-label", "コードをコピー");
    // 写すと、焦点がページの頭に移る。キーボードで押したときは、ボタンに戻す（写したあとに）。
    button.addEventListener("click", (event) => event.detail || setTimeout(() => button.focus()));
  }
});

// テーマは、押されたボタンの焦点を外す。キーボードで押したときは、閉じたあとに戻れるように、残す。
for (const button of document.querySelectorAll(
  ".primary-toggle, .secondary-toggle, .search-button, .theme-switch-button",
)) {
  button.blur = () => button.matches(":focus-visible") || HTMLElement.prototype.blur.call(button);
}

// 畳んだコードの見出しは、見えている「コードを見る」がそのまま読み上げられるようにする。
for (const summary of document.querySelectorAll("details.hide > summary[aria-label]")) {
  summary.removeAttribute("aria-label");
}

// テーマが訳していない、読み上げ用の名前。
for (const [english, japanese] of [["Main", "本の目次"], ["Page", "ページの目次"]]) {
  document.querySelector(`nav[aria-label="${english}"]`)?.setAttribute("aria-label", japanese);
}

// 用語の説明を、指したとき、Tab で選んだときに出す（中身は terms.js）。Esc で消える。
const termLinks = [...document.querySelectorAll("a.reference")].filter(
  (link) => link.querySelector(".std-term") && window.bookTerms?.[decodeURIComponent(link.hash.slice(1))],
);
if (termLinks.length) {
  const tip = document.createElement("div");
  tip.id = "term-tip";
  tip.setAttribute("role", "tooltip");
  tip.className = "tex2jax_process";
  tip.hidden = true;
  document.querySelector("article").append(tip);
  const hide = () => (tip.hidden = true);
  const show = (link) => {
    tip.innerHTML = window.bookTerms[decodeURIComponent(link.hash.slice(1))];
    window.MathJax?.typesetClear?.([tip]);
    window.MathJax?.typesetPromise?.([tip]);
    tip.hidden = false;
    const place = link.getBoundingClientRect();
    const left = Math.min(place.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${place.bottom + scrollY + 4}px`;
  };
  let leaving;
  const leave = () => (leaving = setTimeout(hide, 150));
  const stay = () => clearTimeout(leaving);
  for (const link of termLinks) {
    link.setAttribute("aria-describedby", tip.id);
    link.addEventListener("mouseenter", () => (stay(), show(link)));
    link.addEventListener("focus", () => (stay(), show(link)));
    link.addEventListener("mouseleave", leave);
    link.addEventListener("blur", hide);
  }
  tip.addEventListener("mouseenter", stay);
  tip.addEventListener("mouseleave", leave);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}

// 文献の一覧: docutils の古い role は、中身と合わず、読み上げの妨げになる。
for (const element of document.querySelectorAll(".citation-list, .citation-list .citation")) {
  element.removeAttribute("role");
}

// 箱からはみ出す式は、画面の幅が変わっても、キーボードでも動かせるようにし、続きのある側に印を付ける。
// 紙では縮めるので、組み終えた幅を教える。
const move = (box) => {
  const hidden = box.scrollWidth - box.clientWidth;
  if (hidden > 1) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
  box.classList.toggle("more-left", hidden > 1 && box.scrollLeft > 1);
  box.classList.toggle("more-right", hidden > 1 && box.scrollLeft < hidden - 1);
};
const formulaBoxes = new ResizeObserver((entries) => entries.forEach(({ target }) => move(target)));
window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  const boxes = document.querySelectorAll('.bd-article [role="math"]');
  for (const box of boxes) {
    formulaBoxes.observe(box);
    box.addEventListener("scroll", () => move(box));
  }
  // 式の書体が届くと、箱の大きさは同じまま、中身の幅だけが変わることがある。
  document.fonts.addEventListener("loadingdone", () => boxes.forEach(move));
  for (const formula of document.querySelectorAll('mjx-container[display="true"]')) {
    const size = parseFloat(getComputedStyle(formula).fontSize);
    const wide = formula.querySelector("mjx-math").getBoundingClientRect().width / size;
    formula.style.setProperty("--wide", wide.toFixed(3));
    formula.style.setProperty("--size", parseFloat(formula.style.fontSize) / 100 || 1);
  }
});

// ページの目次の、今いる節。テーマは、見出しが画面の上のほうに入ったときにしか変えないので、見出しのない所へ
// 飛ぶと、前の節のままになる。節を選んで飛んだ直後は、テーマが印を付けた、選んだ節のままにする。
const tocLinks = [...document.querySelectorAll('#pst-page-toc-nav a[href^="#"]')];
const placeOf = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1))).getBoundingClientRect().top;
let chosenAt = location.hash ? performance.now() : -Infinity;
const choose = () => (chosenAt = performance.now());
const markPlace = () => {
  if (performance.now() - chosenAt < 1000) return;
  const current = tocLinks.findLast((link) => placeOf(link) < 0.3 * innerHeight);
  for (const link of tocLinks) {
    link.classList.toggle("active", link === current);
    if (link === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const entry of document.querySelectorAll("#pst-page-toc-nav .toc-entry")) {
    entry.classList.toggle("active", entry.contains(current ?? null));
  }
};
if (tocLinks.length) {
  window.addEventListener("hashchange", choose);
  window.addEventListener("click", ({ target }) => target.closest('a[href^="#"]') && choose());
  document.addEventListener("scroll", markPlace, { passive: true });
}

// 紙は白いので、暗い画面から印刷するときも、明るい色にする。終われば戻す。
let screenTheme;
window.addEventListener("beforeprint", () => {
  screenTheme ??= document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
window.addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = screenTheme ?? "light";
  screenTheme = undefined;
});

// 検索した語に印を付ける Sphinx のスクリプトは、図の説明（title、desc）にも付けようとして失敗する。
for (const description of document.querySelectorAll("svg title, svg desc")) {
  description.classList.add("nohighlight");
}
