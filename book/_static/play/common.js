// 動かせる図の共通の部品。図のない環境では、絵（SVG）がそのまま残る。
"use strict";

const Play = {
  colors: { x: "#0891b2", h: "#3b82f6", c: "#e5484d", gate: "#d97706", back: "#a855f7", pad: "#8a8a8a" },

  // make("button", {type: "button"}, "文字", …) → 要素。svg("rect", …) も同じ形。
  make(tag, attributes = {}, ...children) {
    return Play.fill(document.createElement(tag), attributes, children);
  },
  svg(tag, attributes = {}, ...children) {
    return Play.fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
  },
  fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  },

  // 動かせない絵を、操作の箱に置き換える。
  start(name, build) {
    for (const figure of document.querySelectorAll(`figure.play-${name}`)) {
      const still = figure.querySelector(".diagram");
      const box = Play.make("div", { class: "play-box", role: "group", "aria-label": Play.titles[name] });
      still.before(box);
      build(box, figure);
      still.hidden = true;
    }
  },
  titles: {
    gates: "動かせる図：ゲートとセル状態",
    gradient: "動かせる図：倍率の積",
    padding: "動かせる図：パディングと最後の状態",
    sentence: "動かせる図：文を読む LSTM",
    cut: "動かせる図：学んだ LSTM のゲートを切る",
    train: "動かせる図：LSTM の訓練",
  },
  serial: 0,

  // 矢印キーで動かすつまみ。名前と今の値が、見えるし読み上げられる。
  slider(label, { min, max, step, value, show = String, color = "currentColor" }, changed) {
    const id = `play-${++Play.serial}`;
    const input = Play.make("input", { type: "range", id, min, max, step, value });
    const output = Play.make("output", { for: id });
    const row = Play.make("div", { class: "play-slider" }, Play.make("label", { for: id }, label), input, output);
    input.style.accentColor = color;
    const tell = () => {
      output.textContent = show(+input.value);
      input.setAttribute("aria-valuetext", show(+input.value));
    };
    input.addEventListener("input", () => {
      tell();
      changed(+input.value);
    });
    tell();
    return {
      row,
      input,
      get value() {
        return +input.value;
      },
      set value(number) {
        input.value = number;
        tell();
      },
    };
  },

  button(label, pressed) {
    const button = Play.make("button", { type: "button", class: "play-button" }, label);
    button.addEventListener("click", pressed);
    return button;
  },

  // どれか 1 つを選ぶ。矢印キーで移る。
  choices(legend, options, chosen, changed) {
    const name = `play-${++Play.serial}`;
    const box = Play.make("fieldset", { class: "play-choices" }, Play.make("legend", {}, legend));
    for (const [value, label] of options) {
      const input = Play.make("input", { type: "radio", name, value });
      input.checked = value === chosen;
      input.addEventListener("change", () => changed(value));
      box.append(Play.make("label", {}, input, Play.make("span", {}, label)));
    }
    return box;
  },

  // 図が変わるたびに読み上げる文。
  told() {
    return Play.make("p", { class: "play-told", role: "status", "aria-live": "polite" });
  },

  // 箱の幅に合わせて描き直す絵。draw(svg, 幅) が中身を描き、読み取れることを名前（aria-label）にする。
  canvas(height, draw) {
    const name = "まだ描いていない図";
    const svg = Play.svg("svg", { class: "play-canvas", role: "img", "aria-label": name, height });
    let width = 0;
    const redraw = () => {
      if (!width) return;
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.replaceChildren();
      draw(svg, width);
    };
    new ResizeObserver(([entry]) => {
      if (Math.floor(entry.contentRect.width) === width) return;
      width = Math.floor(entry.contentRect.width);
      redraw();
    }).observe(svg);
    return { svg, redraw };
  },

  text(x, y, words, attributes = {}) {
    return Play.svg("text", { x, y, "text-anchor": "middle", fill: "currentColor", ...attributes }, words);
  },
  rect(x, y, width, height, attributes = {}) {
    return Play.svg("rect", { x, y, width: Math.max(0, width), height: Math.max(0, height), ...attributes });
  },
  path(d, attributes = {}) {
    return Play.svg("path", { d, fill: "none", stroke: "currentColor", "stroke-width": 1.5, ...attributes });
  },
  // 線の見本と、その名前。図の下の p.play-key に並べる。
  sample(name, attributes = {}) {
    const mark = Play.svg("svg", { width: 30, height: 12, "aria-hidden": "true" });
    mark.append(Play.path("M0 6H30", { "stroke-width": 3, ...attributes }));
    return Play.make("span", {}, mark, name);
  },
  arrow(x1, y1, x2, y2, color) {
    const angle = Math.atan2(y2 - y1, x2 - x1);
    const wing = (turn) => `${x2 - 8 * Math.cos(angle + turn)} ${y2 - 8 * Math.sin(angle + turn)}`;
    return Play.path(`M${x1} ${y1}L${x2} ${y2}M${wing(0.45)}L${x2} ${y2}L${wing(-0.45)}`, {
      stroke: color,
      "stroke-width": 2,
    });
  },
};
