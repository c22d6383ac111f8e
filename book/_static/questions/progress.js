// 進み具合のページ: 一覧の 1 つずつに結果を付け、書き出し、読み込み、消す。
"use strict";

Questions.progress = (page) => {
  // 一覧のリンク先（#q-2-1 は問、#ex-2-1 は練習）と、その結果を置く場所
  const rows = [...page.querySelectorAll(".progress-list li")].map((item) => {
    const [, series, chapter, number] = /#(q|ex)-(\d+)-(\d+)$/.exec(item.querySelector("a").getAttribute("href"));
    const state = Questions.make("span", { class: "question-mark" });
    const detail = Questions.make("span", { class: "progress-detail" });
    item.querySelector("p").append(state, detail);
    return { part: series === "q" ? "questions" : "exercises", id: `${chapter}.${number}`, state, detail, section: item.closest("section") };
  });
  const sections = [...new Set(rows.map((row) => row.section))];
  const counts = new Map(sections.map((section) => {
    const count = Questions.make("p", { class: "progress-count" });
    section.querySelector("h2, h3").after(count);
    return [section, count];
  }));

  const outcome = ({ part, id }, record) => {
    const found = record[part][id];
    if (!found) return ["まだ", ""];
    if (part === "questions") return [found.state, `${found.tries} 回めで`.repeat(found.state === "正解" && found.tries > 1)];
    return [found.outcome === "未着手" ? "まだ" : found.outcome, found.outcome === "要修正" ? found.mistakes.join("、") : ""];
  };
  const done = (state) => state === "正解" || state === "合格";

  const show = () => {
    const record = Questions.read();
    for (const row of rows) {
      const [state, detail] = outcome(row, record);
      row.done = done(state);
      row.state.textContent = { 見た: "答えを見た" }[state] ?? state;
      row.state.dataset.state = state;
      row.detail.textContent = detail;
    }
    for (const [section, count] of counts) {
      const inside = rows.filter((row) => row.section === section);
      count.textContent = `${inside.length} のうち ${inside.filter((row) => row.done).length} を解きました。`;
    }
    const all = rows.filter((row) => row.done).length;
    bar.max = rows.length;
    bar.value = all;
    total.textContent = `全部で ${rows.length} の問と練習のうち、${all} を解きました。`;
  };

  const told = Questions.make("p", { class: "progress-told", role: "status", "aria-live": "polite" });
  const tell = (text) => (told.textContent = text);

  const save = () => {
    const file = new Blob([JSON.stringify(Questions.read(), null, 2)], { type: "application/json" });
    const link = Questions.make("a", { href: URL.createObjectURL(file), download: "lstm_text_progress.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    tell("lstm_text_progress.json に書き出しました。");
  };

  // 読み込むのは、書き出した記録か、make check が書き出した練習の結果
  const load = async () => {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    try {
      const given = JSON.parse(await file.text());
      const record = Questions.read();
      if (Array.isArray(given.exercises)) {
        for (const { id, ...rest } of given.exercises) record.exercises[id] = rest;
      } else {
        const other = Questions.valid(given);
        Object.assign(record.questions, other.questions);
        Object.assign(record.exercises, other.exercises);
      }
      const kept = Questions.write(Questions.valid(record));
      show();
      tell(`${file.name} を読み込みました。${kept ? "" : "このブラウザは記録を残さない設定なので、このページを閉じると消えます。"}`);
    } catch {
      tell(`${file.name} を読み込めませんでした。書き出した記録か、make check JSON=… が書いたファイルを選んでください。`);
    }
  };

  const clear = () => {
    if (!confirm("問と練習の記録を、このブラウザから消します。元には戻せません。")) return;
    Questions.write(Questions.empty());
    show();
    tell("記録を消しました。");
  };

  const total = Questions.make("p", { class: "progress-total" });
  const bar = Questions.make("progress", { class: "progress-bar-all", "aria-label": "解いた問と練習の割合" });
  const input = Questions.make("input", { type: "file", accept: ".json,application/json", id: "progress-file", class: "visually-hidden" });
  input.addEventListener("change", load);
  const buttons = Questions.make("div", { class: "question-buttons" });
  buttons.append(
    input,
    Questions.make("label", { for: input.id, class: "question-button" }, "読み込む"),
    Questions.button("書き出す", save),
    Questions.button("消す", clear),
  );
  const box = Questions.make("div", { class: "progress-box", role: "group", "aria-label": "進み具合" }, total, bar, buttons, told);
  sections[0]?.before(box);
  show();
  window.addEventListener("storage", show);
};

Questions.progress(document.querySelector("article"));
