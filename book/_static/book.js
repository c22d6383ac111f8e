// コードの写しボタンの言葉（sphinx-copybutton は日本語を持たない）。
if (typeof messages !== "undefined") {
  Object.assign(messages[locale], {
    copy: "コピー",
    copy_to_clipboard: "コードをコピー",
    copy_success: "コピーしました",
    copy_failure: "コピーできませんでした",
  });
}

// 畳んだコードの見出しは、見えている「コードを見る」がそのまま読み上げられるようにする。
for (const summary of document.querySelectorAll("details.hide > summary[aria-label]")) {
  summary.removeAttribute("aria-label");
}
