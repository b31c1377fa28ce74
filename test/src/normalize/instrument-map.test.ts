import { expect, test } from "vitest";
import { type FeedInstrument, InstrumentMap } from "../../../src/normalize/instrument-map.ts";

const one: FeedInstrument = {
  ...{ id: 1, venue: 1, name: "BTCUSDT" },
  ...{ tickMantissa: 1n, tickExponent: -2, lotMantissa: 1n, lotExponent: -8 },
};

test("a name means another instrument on another venue, and its case means nothing", () => {
  const map = new InstrumentMap();
  map.add(one);
  map.add({ ...one, id: 2, venue: 2 });
  expect(map.find(1, "btcUsdt")?.id).toBe(1);
  expect(map.find(2, "BTCUSDT")?.id).toBe(2);
  expect(map.find(3, "BTCUSDT")).toBeUndefined();
  expect(map.byId(2)?.venue).toBe(2);
  expect(map.all().map((each) => each.id)).toEqual([1, 2]);
});

test("only ASCII letters have a case, as in the core", () => {
  const map = new InstrumentMap();
  map.add({ ...one, name: "STRASSE" });
  expect(map.find(1, "straße")).toBeUndefined();
});
