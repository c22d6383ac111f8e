// 「Markdown をコピー」のボタン。写せないブラウザでは、リンクのまま .md を開く。
"use strict";

for (const button of document.querySelectorAll(".btn-copy-markdown-button")) {
  const page = button.getAttribute("href").split("/").pop().replace(/\.md$/, "");
  const tell = (text) => {
    button.setAttribute("aria-label", text);
    button.dataset.bsOriginalTitle = text;
    window.bootstrap?.Tooltip.getInstance(button)?.setContent({ ".tooltip-inner": text });
  };
  const load = () =>
    new Promise((resolve, reject) => {
      window.bookMarkdown = resolve;
      const script = document.createElement("script");
      script.onerror = reject;
      script.src = `${document.documentElement.dataset.content_root}_static/markdown/${page}.js`;
      document.head.append(script);
    });
  button.addEventListener("click", async (event) => {
    if (!navigator.clipboard) return;
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(await load());
      tell("コピーしました");
    } catch {
      location.href = button.href;
    }
  });
}
