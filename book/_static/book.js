// コードの写しボタンの言葉（sphinx-copybutton は日本語を持たない）。
if (typeof messages !== "undefined") {
  Object.assign(messages[locale], {
    copy: "コピー",
    copy_to_clipboard: "コードをコピー",
    copy_success: "コピーしました",
    copy_failure: "コピーできませんでした",
  });
}
