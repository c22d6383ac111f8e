// 答えを読み、正しいかどうかと、どのヒントが合うかを決める。画面には触らない。
"use strict";

// 埋め込まれた鍵（exercises/question_key.py の conceal）を元に戻す。
Questions.reveal = (key, number) => {
  const mixed = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
  const text = mixed.map((byte, k) => byte ^ number.charCodeAt(k % number.length));
  return JSON.parse(new TextDecoder().decode(text));
};

// 打たれた文字を数にする。数でなければ null。全角、桁区切り、分数、単位の付いたものも読む。
Questions.number = (typed, unit = "") => {
  const tidy = (text) =>
    text
      .normalize("NFKC")
      .replace(/[−‐‑‒–—―ー﹣]/g, "-")
      .replace(/\s/g, "");
  const ending = tidy(unit);
  let text = tidy(typed).replace(/^(?:約|およそ|だいたい|=|≈|≒)/, "");
  if (ending && text.endsWith(ending)) text = text.slice(0, -ending.length);
  const percent = ending !== "%" && text.endsWith("%"); // 単位が % でなければ、50 % は 0.5
  if (percent) text = text.slice(0, -1);
  if (/^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text)) text = text.replaceAll(",", "");
  text = text.replace(/[×x*]10\^?(?=[-+]?\d+$)/i, "e");
  const part = String.raw`(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
  const match = new RegExp(String.raw`^([-+]?)(${part})(?:/(${part}))?$`, "i").exec(text);
  if (!match) return null;
  const value = (match[1] === "-" ? -1 : 1) * (Number(match[2]) / Number(match[3] ?? 1)) / (percent ? 100 : 1);
  return Number.isFinite(value) ? value : null;
};

// 許す差までの近さ。丸めの誤差は問わない。
Questions.close = (a, b, within) => Math.abs(a - b) <= within + 1e-9 * Math.max(1, Math.abs(b));

// 正しければ {right: true}、違えば {right: false, hint: ヒントの番号（0 から）か -1}。
Questions.judge = (form, { right, within, hints }, answer) => {
  const same = (value) =>
    form === "number" ? Questions.close(answer, value, within) : String(answer) === String(value);
  if (same(right)) return { right: true };
  const beyond = ([relation, value]) =>
    ({ "<": answer < value, "<=": answer <= value, ">": answer > value, ">=": answer >= value })[relation];
  const equal = ([relation, value]) => relation === "" && same(value);
  const tests = [equal, beyond, ([relation]) => relation === "else"]; // この順に、初めに合ったもの
  const found = tests.map((test) => hints.findIndex(test)).find((place) => place >= 0);
  return { right: false, hint: found ?? -1 };
};
