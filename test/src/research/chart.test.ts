import { expect, test } from "vitest";

import { axisText, lineChart, MARKS_MAX, stepsBetween } from "../../../src/research/chart.ts";
import type { ChartOptions } from "../../../src/research/chart.ts";

const OPTIONS: ChartOptions = {
  label: `a "line"`,
  millis: [0, 1000, 4000],
  values: [10, 20, 15],
  tone: "equity",
  heightPx: 200,
  format: (value) => axisText(value, 1),
};

test("the line runs from the left edge to the right and its highest value is highest", () => {
  const d = /class="line equity" d="([^"]+)"/.exec(lineChart(OPTIONS))?.[1] ?? "";
  const points = d
    .split(/[ML]/)
    .slice(1)
    .map((one) => one.split(" ").map(Number));
  expect(points.map(([x]) => x)).toEqual([78, 295.5, 948]);
  const ys = points.map(([, y]) => y!);
  expect(Math.min(...ys), "up is small in SVG").toBe(ys[1]);
  expect(Math.max(...ys)).toBe(ys[0]);
});

test("labels are escaped, marks are bounded, every number is finite", () => {
  const mark = { millis: 500, value: 12, shape: "buy" as const, title: "<b>" };
  const marks = Array.from({ length: MARKS_MAX + 5 }, () => mark);
  const svg = lineChart({ ...OPTIONS, marks, baseline: 12, fillTo: 0 });
  expect(svg).toContain("a &quot;line&quot;");
  expect(svg).not.toContain("<b>");
  expect(svg.match(/<polygon/g)).toHaveLength(MARKS_MAX);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test("a flat line and one of a single moment are drawn without a division by zero", () => {
  const flat = lineChart({ ...OPTIONS, values: [5, 5, 5] });
  const moment = lineChart({ ...OPTIONS, millis: [7, 7, 7] });
  expect(flat + moment).not.toMatch(/NaN|Infinity/);
});

test("axis steps are round and lie between the ends", () => {
  expect(stepsBetween(0, 1)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
  expect(stepsBetween(61_583, 61_841)).toEqual([61_600, 61_700, 61_800]);
  expect(stepsBetween(3, 3)).toEqual([3]);
});

test("axis texts have no more decimals than they need", () => {
  expect([axisText(1_234_500, 2), axisText(0.25, 4)]).toEqual(["1,234,500", "0.25"]);
});
