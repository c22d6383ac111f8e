// (a) ゲートを時刻ごとに決めて、セル状態 c と隠れ状態 h の流れを見る。
"use strict";

Play.gates = {
  names: { f: "忘却ゲート f", i: "入力ゲート i", g: "候補値 g", o: "出力ゲート o" },
  // 時刻 1 から 8 までの [f, i, g, o]
  presets: {
    覚え続ける: (t) => (t === 1 ? [1, 1, 0.8, 0] : [1, 0, -0.5, t === 8 ? 1 : 0]),
    忘れる: (t) => (t === 1 ? [1, 1, 0.8, 1] : [t === 5 ? 0 : 1, 0, 0, 1]),
    書き換える: (t) => (t === 1 ? [1, 1, 0.8, 1] : t === 4 ? [0, 1, -0.6, 1] : [1, 0, 0, 1]),
    毎時刻半分: (t) => (t === 1 ? [0.5, 1, 0.8, 1] : [0.5, 0, 0, 1]),
    積み上げる: () => [1, 1, 0.5, 1],
  },
  preset(name) {
    return Array.from({ length: 8 }, (_, k) => {
      const [f, i, g, o] = Play.gates.presets[name](k + 1);
      return { f, i, g, o };
    });
  },
  run(steps) {
    let c = 0;
    return steps.map(({ f, i, g, o }) => {
      const before = c;
      c = f * c + i * g;
      return { before, c, h: o * Math.tanh(c) };
    });
  },
};

Play.start("gates", (box) => {
  const { names, presets, preset, run } = Play.gates;
  const number = (value) => value.toFixed(2).replace(/^-0\.00$/, "0.00");
  let steps = preset("覚え続ける");
  let t = 1;

  const buttons = Play.make("div", { class: "play-buttons" });
  for (const name of Object.keys(presets)) {
    buttons.append(
      Play.button(name, () => {
        steps = preset(name);
        update();
      }),
    );
  }
  const time = Play.slider(
    "時刻 t",
    { min: 1, max: 8, step: 1, value: 1, show: (value) => `t = ${value}`, color: Play.colors.x },
    (value) => {
      t = value;
      update();
    },
  );
  const gates = {};
  for (const key of "figo") {
    const candidate = key === "g";
    gates[key] = Play.slider(
      names[key],
      { min: candidate ? -1 : 0, max: 1, step: 0.05, value: 0, show: number, color: Play.colors.gate },
      (value) => {
        steps[t - 1][key] = value;
        update();
      },
    );
  }
  const told = Play.told();
  const table = Play.make("table");
  const numbers = Play.make("details", {}, Play.make("summary", {}, "数字の表"), Play.make("div", { class: "play-table", tabindex: 0, role: "group", "aria-label": "数字の表" }, table));

  const chart = Play.canvas(326, (svg, width) => {
    const states = run(steps);
    const limit = Math.max(1, ...states.map(({ c }) => Math.abs(c)));
    const left = 40;
    const column = (width - left) / 8;
    const middle = 100;
    const tall = 72;
    const bar = Math.min(18, column / 2 - 3);
    svg.append(Play.rect(left + (t - 1) * column, 0, column, 324, { fill: "currentColor", opacity: 0.08, rx: 6 }));
    svg.append(Play.path(`M${left} ${middle}H${width}`, { "stroke-width": 1 }));
    svg.append(Play.text(2, middle - tall + 5, number(limit).replace(/0$/, ""), { "text-anchor": "start" }));
    svg.append(Play.text(2, middle + 5, "0", { "text-anchor": "start" }));
    svg.append(Play.text(2, middle + tall + 5, `-${number(limit).replace(/0$/, "")}`, { "text-anchor": "start" }));
    steps.forEach((step, k) => {
      const center = left + (k + 0.5) * column;
      for (const [value, color, x] of [
        [states[k].c, Play.colors.c, center - bar - 1],
        [states[k].h, Play.colors.h, center + 1],
      ]) {
        const size = (Math.abs(value) / limit) * tall;
        svg.append(Play.rect(x, value > 0 ? middle - size : middle, bar, Math.max(size, 1.5), { fill: color }));
      }
      // 狭い画面では、となりの数とぶつからないように小数第 1 位まで
      const digits = column < 44 ? 1 : 2;
      svg.append(Play.text(center, 204, states[k].c.toFixed(digits)), Play.text(center, 224, states[k].h.toFixed(digits)));
      "fio".split("").forEach((key, row) => {
        const y = 236 + row * 22;
        svg.append(
          Play.rect(center - column / 2 + 3, y, column - 6, 16, { fill: "none", stroke: Play.colors.gate }),
          Play.rect(center - column / 2 + 3, y, (column - 6) * step[key], 16, { fill: Play.colors.gate }),
        );
        if (k === 0) svg.append(Play.text(2, y + 13, key, { "text-anchor": "start" }));
      });
      svg.append(Play.text(center, 320, k + 1));
    });
    svg.append(Play.text(2, 204, "c", { "text-anchor": "start" }), Play.text(2, 224, "h", { "text-anchor": "start" }));
    svg.append(Play.text(2, 320, "t", { "text-anchor": "start" }));
    svg.setAttribute("aria-label", `時刻 1 から 8 のセル状態は ${states.map(({ c }) => number(c)).join("、")}`);
  });
  chart.svg.addEventListener("click", (event) => {
    const box = chart.svg.getBoundingClientRect();
    const place = ((event.clientX - box.left) * chart.svg.viewBox.baseVal.width) / box.width - 40;
    time.value = t = Math.min(8, Math.max(1, Math.ceil((place / (chart.svg.viewBox.baseVal.width - 40)) * 8)));
    update();
  });

  function update() {
    const states = run(steps);
    const { f, i, g, o } = steps[t - 1];
    const { before, c, h } = states[t - 1];
    for (const key of "figo") gates[key].value = steps[t - 1][key];
    told.textContent =
      `時刻 ${t}：c = ${number(f)} × ${number(before)} + ${number(i)} × ${number(g)} = ${number(c)}、` +
      `h = ${number(o)} × tanh(${number(c)}) = ${number(h)}`;
    const row = (name, values) =>
      Play.make("tr", {}, Play.make("th", { scope: "row" }, name), ...values.map((value) => Play.make("td", {}, value)));
    table.replaceChildren(
      row("t", steps.map((_, k) => `${k + 1}`)),
      ...[..."figo"].map((key) => row(key, steps.map((step) => number(step[key])))),
      row("c", states.map((state) => number(state.c))),
      row("h", states.map((state) => number(state.h))),
    );
    chart.redraw();
  }

  const key = Play.make("p", { class: "play-key" });
  for (const [name, color] of [["セル状態 c", Play.colors.c], ["隠れ状態 h", Play.colors.h], ["ゲート", Play.colors.gate]]) {
    const mark = Play.make("i");
    mark.style.background = color;
    key.append(Play.make("span", {}, mark, name));
  }
  box.append(buttons, key, chart.svg, time.row, ...[..."figo"].map((name) => gates[name].row), told, numbers);
  update();
});
