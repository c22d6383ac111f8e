// (d) 読者の文を、訓練済みの小さな LSTM に 1 語ずつ読ませる。
"use strict";

Play.start("sentence", (box) => {
  const LONGEST = 200;
  const examples = [
    "The beginning is boring and slow, but the ending is wonderful.",
    "It is not a bad film.",
    "Two hours of nonsense; I wanted to leave after ten minutes.",
  ];
  const GATES = [["忘却 f", "f", ""], ["入力 i", "i", "7 4"], ["出力 o", "o", "2 3"]];
  const percent = (p) => `${(100 * p).toFixed(1)} %`;
  const mean = (values) => values.reduce((a, b) => a + b) / values.length;
  let model, tokens, steps;
  let at = 0;
  const NONE = -2;
  const MEAN = -1;
  let unit = NONE; // ゲートの線は、選ばれるまで描かない

  const { id, input, buttons } = Play.review(examples, 3, read);
  const told = Play.told();
  told.textContent = "「この文を読ませる」を押すと、1 語ごとに肯定の確率を描きます。";
  const result = Play.make("div", { hidden: "" });
  const words = Play.make("p", { class: "play-words", lang: "en", tabindex: 0, role: "group", "aria-label": "語ごとの肯定の確率（%）" });
  const shown = () => (unit === NONE ? [] : GATES);
  const value = (step, key) => (unit === MEAN ? mean(step[key]) : step[key][unit]);

  const chart = Play.canvas(230, (svg, width) => {
    if (!steps) return;
    const [left, top, bottom] = [46, 12, 190];
    const x = (k) => (steps.length < 2 ? (left + width) / 2 : left + 8 + (k / (steps.length - 1)) * (width - left - 20));
    const y = (p) => bottom - p * (bottom - top);
    for (const p of [0, 0.5, 1]) {
      svg.append(Play.path(`M${left} ${y(p)}H${width}`, { opacity: 0.25, "stroke-width": 1 }));
      svg.append(Play.text(left - 6, y(p) + 5, p, { "text-anchor": "end" }));
    }
    svg.append(Play.path(`M${x(at)} ${top}V${bottom}`, { opacity: 0.6, "stroke-dasharray": "3 3" }));
    const line = (values, color, extra) => {
      const d = values.map((p, k) => `${k ? "L" : "M"}${x(k)} ${y(p)}`).join("");
      svg.append(Play.path(d, { stroke: color, "stroke-width": 2, ...extra }));
    };
    for (const [, gate, dash] of shown()) {
      line(steps.map((step) => value(step, gate)), Play.colors.gate, { "stroke-dasharray": dash });
    }
    line(steps.map((step) => step.probability), Play.colors.h, { "stroke-width": 3.5 });
    svg.append(Play.svg("circle", { cx: x(at), cy: y(steps[at].probability), r: 5, fill: Play.colors.h }));
    svg.append(Play.text(left + 8, 212, "1"), Play.text((left + width) / 2, 212, "語の番号"), Play.text(width - 14, 212, steps.length));
    svg.setAttribute("aria-label", `最後の語まで読んだときの肯定の確率は ${percent(steps.at(-1).probability)}`);
  });

  const word = Play.slider("何語めを見るか", { min: 1, max: 1, step: 1, value: 1, color: Play.colors.h }, (n) => {
    at = n - 1;
    show();
  });
  const choice = Play.make(
    "select", { id: `${id}-unit` },
    Play.make("option", { value: NONE }, "見ない"), Play.make("option", { value: MEAN }, "全ユニットの平均"),
  );
  choice.addEventListener("change", () => {
    unit = +choice.value;
    show();
  });
  const detail = Play.told();
  const key = Play.make("p", { class: "play-key" });
  const origin = Play.make("p", { class: "play-note" });
  result.append(
    words, key, chart.svg, word.row,
    Play.make("div", { class: "play-slider" }, Play.make("label", { for: choice.id }, "中のゲートも見る"), choice),
    detail, origin,
  );

  async function read() {
    told.textContent = "モデルを読み込んでいます…";
    try {
      model ??= await Play.load();
    } catch (error) {
      told.textContent = error.message;
      return;
    }
    if (choice.length === 2) {
      for (let k = 0; k < model.size; k++) choice.append(Play.make("option", { value: k }, `ユニット ${k + 1}`));
      origin.textContent = model.about;
    }
    const all = Play.tokenize(input.value);
    tokens = all.slice(0, LONGEST);
    if (!tokens.length) {
      result.hidden = true;
      told.textContent = "語が見つかりません。英語の文を書いてください。";
      return;
    }
    const ids = model.encode(tokens);
    const unknown = ids.filter((number) => number === 1).length;
    steps = model.read(ids);
    at = steps.length - 1;
    word.input.max = steps.length;
    word.value = steps.length;
    result.hidden = false;
    const p = steps[at].probability;
    told.textContent =
      `答えは${p > 0.5 ? "肯定" : "否定"}（肯定の確率 ${percent(p)}）。${tokens.length} 語` +
      (all.length > LONGEST ? `（初めの ${LONGEST} 語だけ）` : "") +
      `、うち語彙にない語は ${unknown} 語です。`;
    words.replaceChildren(
      ...tokens.flatMap((token, k) => {
        const chip = Play.make("span", {}, token, Play.make("small", {}, Math.round(100 * steps[k].probability)));
        if (ids[k] === 1) chip.classList.add("unknown");
        chip.addEventListener("click", () => {
          word.value = k + 1;
          at = k;
          show();
        });
        return [chip, " "];
      }),
    );
    show();
  }

  function show() {
    const before = at ? steps[at - 1].probability : null;
    [...words.children].forEach((chip, k) => chip.classList.toggle("chosen", k === at));
    key.replaceChildren(
      Play.sample("肯定の確率", { stroke: Play.colors.h }),
      ...shown().map(([name, , dash]) => Play.sample(name, { stroke: Play.colors.gate, "stroke-dasharray": dash })),
    );
    const moved = before === null ? "" : `${percent(before)} から `;
    detail.textContent = `${at + 1} 語めの ${tokens[at]} を読むと、肯定の確率は ${moved}${percent(steps[at].probability)}。`;
    if (unit !== NONE) {
      const values = GATES.map(([, gate]) => `${gate} = ${value(steps[at], gate).toFixed(2)}`).join("、");
      detail.textContent += `${unit === MEAN ? "ゲートの平均" : `ユニット ${unit + 1} のゲート`}は ${values}`;
    }
    chart.redraw();
  }

  box.append(Play.make("label", { for: id }, "英語の感想"), input, buttons, told, result);
});
