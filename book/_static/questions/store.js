// 問と練習の結果を、ブラウザの中に覚える。覚えられない設定のブラウザでは、ページを閉じるまで覚える。
"use strict";

const Questions = {
  KEY: "lstm_text.progress.1",
  RANK: ["試した", "見た", "正解"], // 後のものほど強い。一度正解した問は、試し直しても正解のまま

  // {format, questions: {"2.1": {state, tries, answer, date}}, exercises: {"2.1": {outcome, name, mistakes}}}
  empty: () => ({ format: 1, questions: {}, exercises: {} }),

  read() {
    try {
      return Questions.valid(JSON.parse(localStorage.getItem(Questions.KEY))) ?? Questions.held;
    } catch {
      return Questions.held;
    }
  },

  // 覚えられたか
  write(record) {
    Questions.held = record;
    try {
      localStorage.setItem(Questions.KEY, JSON.stringify(record));
      return true;
    } catch {
      return false;
    }
  },

  // 知っている形の部分だけを取り出す。形が違えば null
  valid(record) {
    if (record?.format !== 1 || typeof record.questions !== "object") return null;
    const entries = (part) => Object.entries(part ?? {}).filter(([number]) => /^\d+\.\d+$/.test(number));
    const known = Questions.empty();
    for (const [number, { state, tries, answer, date }] of entries(record.questions)) {
      if (Questions.RANK.includes(state)) known.questions[number] = { state, tries: Number(tries) || 0, answer, date };
    }
    for (const [number, { outcome, name, mistakes }] of entries(record.exercises)) {
      known.exercises[number] = { outcome: String(outcome), name, mistakes: [mistakes ?? []].flat().map(String) };
    }
    return known;
  },

  // 問の結果を 1 つ加える。加えたあとの、その問の記録を返す
  note(number, state, answer) {
    const record = Questions.read();
    const before = record.questions[number] ?? { tries: 0 };
    const rank = (name) => Questions.RANK.indexOf(name);
    record.questions[number] = {
      state: rank(state) > rank(before.state) ? state : before.state,
      tries: before.tries + (state !== "見た" && before.state !== "正解" ? 1 : 0), // 正解までの回数
      answer: state === "見た" ? before.answer : answer,
      date: new Date().toISOString(),
    };
    Questions.write(record);
    return record.questions[number];
  },

  make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  },

  button(label, pressed, kind = "") {
    const button = Questions.make("button", { type: "button", class: `question-button ${kind}` }, label);
    button.addEventListener("click", pressed);
    return button;
  },
};
Questions.held = Questions.empty();
