// (f) 2 ユニットの LSTM をこの場で訓練する。最初の入力の符号を、雑音のあいだ覚えていられるか。
"use strict";

Play.start("train", (box) => {
  const GOAL = 500; // 「訓練する」1 回で続ける更新の回数
  const SEEDS = 20;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches; // 動きを減らす設定なら、止まってから描く
  const { sequence, random, sigmoid } = Play.training;
  const setting = { bias: 3, length: 20, seed: 3 };
  let run; // 見ている訓練
  let survey; // 種を変えた訓練
  let kept; // 比べるために残した訓練。バイアス → 損失
  let frame; // 次の一こま。止まっていれば undefined
  let tell; // いまの仕事を言葉にする関数

  const average = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const recent = (losses) => average(losses.slice(-20));
  const learned = (each) => each.correct() >= 95;

  const lossChart = Play.canvas(182, (svg, width) => {
    const [left, right, top, bottom] = [50, width - 46, 10, 148];
    const curves = [...kept, [setting.bias, run.losses]].filter(([, losses]) => losses.length);
    const all = [...curves.map(([, losses]) => losses), ...survey.map(({ losses }) => losses)].flat();
    const most = Math.max(GOAL, run.losses.length);
    const decades = Math.max(2, Math.ceil(-Math.log10(all.reduce((a, b) => Math.min(a, b), 1))));
    const x = (count) => left + (count / most) * (right - left);
    const y = (loss) => top + (-Math.log10(Math.min(loss, 1)) / decades) * (bottom - top);
    for (let power = 0; power <= decades; power++) {
      const height = y(10 ** -power);
      svg.append(Play.path(`M${left} ${height}H${right}`, { opacity: 0.25, "stroke-width": 1 }));
      svg.append(Play.text(left - 6, height + 5, +(10 ** -power).toFixed(power), { "text-anchor": "end" }));
    }
    svg.append(Play.path(`M${left} ${y(Math.LN2)}H${right}`, { "stroke-dasharray": "2 3" }));
    const draw = (losses, attributes) => line(svg, losses.map((loss, k) => [x(k + 1), y(loss)]), { stroke: Play.colors.h, ...attributes });
    for (const { losses } of survey) draw(losses, { "stroke-width": 1, opacity: 0.45 });
    for (const [b, losses] of curves) draw(losses, { "stroke-width": b === setting.bias ? 2.5 : 1.2 });
    // 線の終わりに、重ならないように名札を付ける
    let free = 0;
    for (const [b, losses] of curves.sort((one, other) => recent(other[1]) - recent(one[1]))) {
      free = Math.max(free + 16, y(recent(losses)) + 5);
      svg.append(Play.text(x(losses.length) + 5, free, `b = ${b}`, { "text-anchor": "start" }));
    }
    svg.append(Play.text(left, bottom + 22, 0), Play.text((left + right) / 2, bottom + 22, "更新の回数"), Play.text(right, bottom + 22, most));
    const ends = curves.map(([b, losses]) => `b = ${b} では ${losses.length} 回の更新で ${recent(losses).toPrecision(2)}`);
    svg.setAttribute("aria-label", `損失の曲線。${ends.join("、") || "まだ訓練していません"}`);
  });

  const cellChart = Play.canvas(284, (svg, width) => {
    const [left, right] = [50, width - 46];
    // 雑音が同じで、最初の入力だけが違う 2 本の系列
    const inputs = [1, 0].map((answer) => sequence(answer, setting.length, random(0)).x);
    const reads = inputs.map((x) => run.read(x));
    const cells = [0, 1].map((k) => reads.map((steps) => steps.map((step) => step[k].c)));
    const limit = Math.max(1, ...cells.flat(2).map(Math.abs));
    const x = (k) => left + (k / (setting.length - 1)) * (right - left);
    [
      ["x", inputs, 1, Play.colors.x],
      ["c₁", cells[0], limit, Play.colors.c],
      ["c₂", cells[1], limit, Play.colors.c],
    ].forEach(([name, pair, reach, color], row) => {
      const middle = 42 + 86 * row;
      const y = (value) => middle - (value / reach) * 32;
      svg.append(Play.text(2, middle + 5, name, { "text-anchor": "start" }));
      svg.append(Play.path(`M${left} ${middle}H${right}`, { opacity: 0.5, "stroke-width": 1 }));
      for (const value of [reach, -reach]) {
        svg.append(Play.text(left - 6, y(value) + 5, value.toFixed(1), { "text-anchor": "end" }));
      }
      pair.forEach((values, other) => {
        line(svg, values.map((value, k) => [x(k), y(value)]), { stroke: color, "stroke-width": 2.5, "stroke-dasharray": other ? "6 4" : "none" });
      });
    });
    svg.append(Play.text(left, 276, 1), Play.text((left + right) / 2, 276, "時刻 t"), Play.text(right, 276, setting.length));
    const ends = cells.map((pair, k) => `ユニット ${k + 1} が ${pair.map((values) => values.at(-1).toFixed(2)).join(" と ")}`);
    svg.setAttribute("aria-label", `最初の入力が +1 と -1 の系列の、最後の時刻のセル状態は、${ends.join("、")}`);
  });

  function line(svg, points, attributes) {
    const d = points.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    svg.append(Play.path(d, { "stroke-linejoin": "round", ...attributes }));
  }

  function redraw() {
    lossChart.redraw();
    cellChart.redraw();
  }

  function tellStart() {
    const f = sigmoid(setting.bias).toFixed(2);
    told.textContent = `訓練の前です。f は約 ${f} から始まります。最初の入力の符号を、時刻 ${setting.length} まで覚えられるようになるでしょうか。`;
  }

  function tellRun() {
    const right = run.correct();
    const verdict = learned(run) ? "最初の符号を覚えています。" : "まだ覚えていません。";
    told.textContent = `${run.losses.length} 回の更新で損失 ${recent(run.losses).toPrecision(2)}。訓練に使っていない 100 本のうち ${right} 本に正しく答えました。${verdict}`;
  }

  function tellSurvey() {
    const ended = survey.filter(({ losses }) => losses.length === GOAL);
    told.textContent = `b = ${setting.bias}、T = ${setting.length} では、試した ${ended.length} の種のうち ${ended.filter(learned).length} で覚えました（${GOAL} 回の更新のあと、100 本のうち 95 本以上に正しく答えた）。`;
  }

  // 訓練を前から順に、画面の 1 こまに pace 回ずつ更新する
  function work(runs, pace) {
    const [now] = runs;
    let ended = false;
    for (let k = 0; k < pace && !ended; k++) {
      now.update();
      ended = now.losses.length % GOAL === 0;
    }
    const rest = ended ? runs.slice(1) : runs;
    frame = rest.length ? requestAnimationFrame(() => work(rest, pace)) : undefined;
    // 読み上げが続かないように、知らせるのは 100 回に 1 度
    if (!frame || (now === run && run.losses.length % 100 === 0)) tell();
    if (!frame || !still) redraw();
  }

  function stop() {
    if (!frame) return;
    cancelAnimationFrame(frame);
    frame = undefined;
    tell();
    redraw();
  }

  function restart() {
    cancelAnimationFrame(frame);
    frame = undefined;
    run = new Play.TrainingRun(setting);
    survey = [];
    tellStart();
    redraw();
  }

  function forget() {
    kept = new Map();
    restart();
  }

  function train() {
    if (frame) return;
    tell = tellRun;
    work([run], 4);
  }

  function trySeeds() {
    if (frame) return;
    survey = Array.from({ length: SEEDS }, (_, k) => new Play.TrainingRun({ ...setting, seed: k + 1 }));
    told.textContent = `${SEEDS} の種で ${GOAL} 回ずつ更新しています…`;
    tell = tellSurvey;
    work(survey, 50);
  }

  const bias = Play.choices(
    "忘却ゲートのバイアス b の初めの値",
    [0, 1, 3].map((b) => [b, `${b}（f は約 ${sigmoid(b).toFixed(2)}）`]),
    setting.bias,
    (value) => {
      kept.set(setting.bias, run.losses);
      kept.delete(value);
      setting.bias = value;
      restart();
    },
  );
  const length = Play.choices("系列長 T", [5, 10, 20, 40].map((steps) => [steps, steps]), setting.length, (value) => {
    setting.length = value;
    forget();
  });
  const seed = Play.slider("種", { min: 1, max: SEEDS, step: 1, value: setting.seed, color: Play.colors.pad }, (value) => {
    setting.seed = value;
    forget();
  });
  const buttons = Play.make(
    "div",
    { class: "play-buttons" },
    Play.button("訓練する", train),
    Play.button("止める", stop),
    Play.button("最初から", forget),
    Play.button(`${SEEDS} の種で試す`, trySeeds),
  );
  buttons.firstChild.classList.add("play-main");
  const told = Play.told();

  function key(...samples) {
    return Play.make("p", { class: "play-key" }, ...samples.map((sample) => Play.sample(...sample)));
  }

  box.append(
    bias, length, seed.row, buttons, told,
    key(["損失（対数目盛り）", { stroke: Play.colors.h }], ["あてずっぽう（log 2）", { "stroke-width": 1.5, "stroke-dasharray": "2 3" }]),
    lossChart.svg,
    key(
      ["最初の入力が +1 の系列", { stroke: Play.colors.c }],
      ["最初の入力だけを -1 に変えた系列", { stroke: Play.colors.c, "stroke-dasharray": "6 4" }],
    ),
    cellChart.svg,
  );
  forget();
});
