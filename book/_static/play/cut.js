// (e) 訓練済みの小さな LSTM のゲートを 1 つ切って（いつも 0 にして）、同じ文を読ませる。
"use strict";

Play.start("cut", (box) => {
  const LONGEST = 40;
  const examples = [
    "Wonderful film, and I saw it with my brother.",
    "Boring film, and I saw it with my brother.",
    "The beginning is boring and slow, but the ending is wonderful.",
  ];
  const cuts = [
    ["", "切らない"],
    ["f", "忘却ゲート f = 0"],
    ["i", "入力ゲート i = 0"],
    ["o", "出力ゲート o = 0"],
  ];
  const names = Object.fromEntries(cuts);
  const number = (step) => (100 * step.probability).toFixed(1);
  const percent = (step) => `${number(step)} %`;
  const answer = (step) => (step.probability > 0.5 ? "肯定" : "否定");
  const size = ({ c }) => c.reduce((sum, value) => sum + Math.abs(value), 0) / c.length;
  let model, tokens, readings; // readings.f は、f を切って読んだ語ごとの値。readings[""] は切らないとき
  let chosen = "";

  const { id, input, buttons } = Play.review(examples, 2, read);
  const choices = Play.choices("切るゲート（どの語でも 0 にする）", cuts, chosen, (value) => {
    chosen = value;
    readings ? show() : read();
  });
  const told = Play.told();
  told.textContent = "「この文を読ませる」を押すと、1 語ごとに肯定の確率を描きます。";
  const key = Play.make("p", { class: "play-key" });
  const table = Play.make("table");
  const scroll = Play.make("div", { class: "play-table", tabindex: 0, role: "group", "aria-label": "語ごとの肯定の確率（%）" }, table);
  const origin = Play.make("p", { class: "play-note" });

  const chart = Play.canvas(314, (svg, width) => {
    if (!readings) return;
    const [left, top, bottom, floor, tall] = [46, 12, 142, 222, 56];
    const [whole, cut] = [readings[""], readings[chosen]];
    const column = (width - left - 12) / tokens.length;
    const x = (k) => left + (k + 0.5) * column;
    const y = (p) => bottom - p * (bottom - top);
    for (const p of [0, 0.5, 1]) {
      svg.append(Play.path(`M${left} ${y(p)}H${width}`, { opacity: 0.25, "stroke-width": 1 }));
      svg.append(Play.text(left - 6, y(p) + 5, p, { "text-anchor": "end" }));
    }
    const line = (steps, extra) => {
      const d = steps.map((step, k) => `${k ? "L" : "M"}${x(k)} ${y(step.probability)}`).join("");
      svg.append(Play.path(d, { stroke: Play.colors.h, ...extra }));
    };
    if (chosen) line(whole, { "stroke-width": 2.5, "stroke-dasharray": "7 4", opacity: 0.7 });
    line(cut, { "stroke-width": 3.5 });
    const dot = { r: Math.min(4, column / 3), fill: Play.colors.h };
    cut.forEach((step, k) => svg.append(Play.svg("circle", { cx: x(k), cy: y(step.probability), ...dot })));

    // セル状態の大きさ。枠が切らないとき、塗りが切ったとき
    const most = Math.max(...Object.values(readings).flatMap((steps) => steps.map(size)));
    const bar = Math.min(22, column - 3);
    const height = (step) => (size(step) / most) * tall;
    svg.append(Play.path(`M${left} ${floor}H${width}`, { "stroke-width": 1 }));
    svg.append(Play.text(left - 6, floor + 5, 0, { "text-anchor": "end" }));
    svg.append(Play.text(left - 6, floor - tall + 5, most.toFixed(2), { "text-anchor": "end" }));
    for (const [steps, fill] of [[whole, "none"], [cut, Play.colors.c]]) {
      steps.forEach((step, k) => {
        const area = { fill, stroke: Play.colors.c };
        if (height(step)) svg.append(Play.rect(x(k) - bar / 2, floor - height(step), bar, height(step), area));
      });
    }
    // 狭い画面で語がぶつからないように、とばして書く
    const every = Math.ceil(17 / column);
    tokens.forEach((token, k) => {
      if (k % every) return;
      const word = token.length > 11 ? `${token.slice(0, 10)}…` : token;
      const turned = { "text-anchor": "end", transform: `rotate(-60 ${x(k) + 5} ${floor + 16})` };
      svg.append(Play.text(x(k) + 5, floor + 16, word, turned));
    });
    const cutEnd = chosen ? `、${names[chosen]} では ${percent(cut.at(-1))}` : "";
    svg.setAttribute("aria-label", `最後の語まで読んだときの肯定の確率は、切らないと ${percent(whole.at(-1))}${cutEnd}`);
  });
  const result = Play.make("div", { hidden: "" }, key, chart.svg);
  const more = Play.make("div", { hidden: "" }, Play.make("details", {}, Play.make("summary", {}, "語ごとの肯定の確率（%）"), scroll), origin);

  async function read() {
    told.textContent = "モデルを読み込んでいます…";
    try {
      model ??= await Play.load();
    } catch (error) {
      told.textContent = error.message;
      return;
    }
    origin.textContent = model.about;
    tokens = Play.tokenize(input.value).slice(0, LONGEST);
    result.hidden = more.hidden = !tokens.length;
    if (!tokens.length) {
      readings = undefined;
      told.textContent = "語が見つかりません。英語の文を書いてください。";
      return;
    }
    const ids = model.encode(tokens);
    readings = Object.fromEntries(cuts.map(([gate]) => [gate, model.read(ids, { [gate]: 0 })]));
    show();
  }

  function show() {
    const [before, after] = [readings[""].at(-1), readings[chosen].at(-1)];
    told.textContent = chosen ? compared(before, after) : `切らないと、${tokens.length} 語を読み終えたときの肯定の確率は ${percent(before)}、答えは${answer(before)}です。ゲートを切ると、この線はどう動くでしょうか。`;
    key.replaceChildren(
      ...(chosen ? [Play.sample("肯定の確率（切らない）", { stroke: Play.colors.h, "stroke-dasharray": "7 4", opacity: 0.7 })] : []),
      Play.sample(`肯定の確率（${names[chosen]}）`, { stroke: Play.colors.h }),
      Play.sample("セル状態の大きさ（|c| の平均）", { stroke: Play.colors.c, "stroke-width": 9 }),
    );
    table.replaceChildren(
      row("th", "語", cuts.map(([gate]) => (gate ? `${gate} = 0` : "切らない"))),
      ...tokens.map((token, k) => row("td", token, cuts.map(([gate]) => number(readings[gate][k])))),
    );
    chart.redraw();
  }

  function compared(before, after) {
    const points = (number(after) - number(before)).toFixed(1);
    const moved = +points === 0 ? "動かず" : `${points.replace("-", "")} ポイント${points > 0 ? "上がり" : "下がり"}`;
    const answers = answer(before) === answer(after) ? `答えは${answer(after)}のままです` : `答えは${answer(before)}から${answer(after)}に変わりました`;
    const why = {
      f: `セル状態の大きさは ${size(before).toFixed(2)} から ${size(after).toFixed(2)} になり、最後の語で書いた値しか残っていません。`,
      i: `何も書かれないセル状態は 0 のままで、どの語のあとでも ${percent(after)} です。`,
      o: `セル状態には大きさ ${size(after).toFixed(2)} の値があるのに、h = 0 なので外からは見えず、どの語のあとでも ${percent(after)} です。`,
    };
    return `${names[chosen]} では、肯定の確率は ${percent(before)} から ${percent(after)} へ ${moved}、${answers}。${why[chosen]}`;
  }

  function row(tag, name, values) {
    const head = tag === "th" ? { scope: "col" } : { scope: "row", lang: "en" };
    const cells = values.map((value) => Play.make(tag, tag === "th" ? head : {}, value));
    return Play.make("tr", {}, Play.make("th", head, name), ...cells);
  }

  box.append(Play.make("label", { for: id }, `英語の感想（${LONGEST} 語まで）`), input, buttons, choices, result, told, more);
});
