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

// 打たれた最後の桁の半分。丸めた答えは、これだけずれる。0 には桁がない。
Questions.half = (answer) => {
  const [, decimals = "", exponent = 0] = /^-?\d+(?:\.(\d+))?(?:e([-+]\d+))?$/.exec(String(answer));
  return answer === 0 ? 0 : 0.5 * 10 ** (Number(exponent) - decimals.length);
};

// ヒントの値に許す差。正しい値に許す差とは別に、ヒントの値の大きさから決める。
// 丸めた答えも拾う（ヒントの値の 2 割まで）。ぴったりの数を問う問では、2 % のゆとりはない。
Questions.reach = (answer, value, within) =>
  Math.max(1e-9, within ? 0.02 * Math.abs(value) : 0, Math.min(Questions.half(answer), 0.2 * Math.abs(value)));

// 答えにいちばん近い、値の書かれたヒントの番号。どれも遠ければ undefined。
Questions.nearest = (hints, answer, within) =>
  hints
    .map(([relation, value], place) => ({ relation, value, place, gap: Math.abs(answer - value) }))
    .filter(({ relation, value, gap }) => relation === "" && gap <= Questions.reach(answer, value, within) * (1 + 1e-9))
    .sort((a, b) => a.gap - b.gap)[0]?.place;

// 正しければ {right: true}、違えば {right: false, hint: ヒントの番号（0 から）か -1}。
Questions.judge = (form, { right, within, hints }, answer) => {
  const number = form === "number";
  const same = (value) => (number ? Questions.close(answer, value, within) : String(answer) === String(value));
  if (same(right)) return { right: true };
  const beyond = ([relation, value]) =>
    ({ "<": answer < value, "<=": answer <= value, ">": answer > value, ">=": answer >= value })[relation];
  const near = number ? Questions.nearest(hints, answer, within) : undefined;
  const equal = ([relation, value], place) => (number ? place === near : relation === "" && same(value));
  const tests = [equal, beyond, ([relation]) => relation === "else"]; // この順に、初めに合ったもの
  const found = tests.map((test) => hints.findIndex(test)).find((place) => place >= 0);
  return { right: false, hint: found ?? -1 };
};
