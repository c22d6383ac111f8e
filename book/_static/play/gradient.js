// (b) 1 時刻あたりの倍率を T 回掛ける。
"use strict";

Play.gradient = {
  // float32 で表せる範囲（10 の何乗か）
  limits: [
    ["float32 の上限", Math.log10(3.4028234663852886e38)],
    ["正規化数の下限", Math.log10(1.1754943508222875e-38)],
    ["非正規化数の下限", Math.log10(1.401298464324817e-45)],
  ],
  // 10 の exponent 乗を、指数の桁があふれないように書く
  power(exponent) {
    if (exponent > -3 && exponent < 4) return String(+(10 ** exponent).toPrecision(3));
    let whole = Math.floor(exponent);
    let head = (10 ** (exponent - whole)).toFixed(1);
    if (head === "10.0") [head, whole] = ["1.0", whole + 1];
    const digits = String(whole).replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).replace("-", "⁻");
    return `${head} × 10${digits}`;
  },
  verdict(exponent) {
    const [[, top], [, normal], [, denormal]] = Play.gradient.limits;
    if (exponent > top) return "float32 では無限大（inf）になります。";
    if (exponent < denormal) return "float32 で表せる範囲より小さく、跡形もありません。";
    if (exponent < normal) return "float32 では非正規化数で、桁が減ります（0 とみなす設定では 0）。";
    if (exponent < -2) return `勾配はおよそ ${Play.gradient.power(-exponent)} 分の 1 に縮みます。`;
    if (exponent > 2) return `勾配はおよそ ${Play.gradient.power(exponent)} 倍に膨らみます。`;
    return "このくらいなら、遠くまで届きます。";
  },
};

Play.start("gradient", (box) => {
  const { limits, power, verdict } = Play.gradient;
  const told = Play.told();
  const two = (value) => value.toFixed(2);
  const value = Play.slider("最大特異値 s", { min: 0.3, max: 1.7, step: 0.01, value: 0.9, show: two, color: Play.colors.h }, update);
  const slope = Play.slider("tanh の傾き d", { min: 0.1, max: 1, step: 0.01, value: 1, show: two, color: Play.colors.gate }, update);
  const time = Play.slider("回数 T", { min: 1, max: 1000, step: 1, value: 50, show: String, color: Play.colors.x }, update);
  const total = (steps) => steps * Math.log10(value.value * slope.value);

  const chart = Play.canvas(250, (svg, width) => {
    const [left, top, bottom] = [52, 16, 216];
    const range = [4, 10, 50, 150, 500].find((limit) => Math.abs(total(time.value)) <= limit) ?? 1600;
    const y = (exponent) => (top + bottom) / 2 - (exponent / range) * ((bottom - top) / 2);
    const x = (steps) => left + (steps / time.value) * (width - left - 14);
    for (const part of [-1, -0.5, 0, 0.5, 1]) {
      const exponent = part * range;
      svg.append(
        Play.path(`M${left} ${y(exponent)}H${width - 14}`, { opacity: part ? 0.25 : 0.7, "stroke-width": 1 }),
        Play.text(left - 6, y(exponent) + 5, exponent ? power(exponent).replace("1.0 × ", "") : "1", { "text-anchor": "end" }),
      );
    }
    const [above, below, apart] = [-5, 16, 17]; // 線から名札までと、名札どうしの間（字の高さ）
    let last = -Infinity;
    for (const [name, exponent] of limits) {
      if (Math.abs(exponent) > range) continue;
      svg.append(Play.path(`M${left} ${y(exponent)}H${width - 14}`, { stroke: Play.colors.c, "stroke-dasharray": "5 4" }));
      const line = y(exponent), place = Math.max(line + (line + above - last < apart ? below : above), last + apart);
      svg.append(Play.text(width - 16, place, name, { "text-anchor": "end" }));
      last = place;
    }
    svg.append(Play.path(`M${x(0)} ${y(0)}L${x(time.value)} ${y(total(time.value))}`, { stroke: Play.colors.h, "stroke-width": 3 }));
    svg.append(Play.svg("circle", { cx: x(time.value), cy: y(total(time.value)), r: 5, fill: Play.colors.h }));
    svg.append(Play.text(left, 240, "0"), Play.text(width - 24, 240, time.value), Play.text((left + width) / 2, 240, "さかのぼる時刻の数"));
    svg.setAttribute("aria-label", `${time.value} 回掛けた倍率は ${power(total(time.value))}`);
  });

  function update() {
    const rate = value.value * slope.value;
    const made = slope.value < 1 ? `1 時刻の倍率は ${two(value.value)} × ${two(slope.value)} = ${rate.toFixed(3)}。` : "";
    const base = slope.value < 1 ? rate.toFixed(3) : two(rate);
    told.textContent = `${made}${base} を ${time.value} 回掛けると ${power(total(time.value))}。${verdict(total(time.value))}`;
    chart.redraw();
  }

  box.append(chart.svg, value.row, slope.row, time.row, told);
  update();
});
