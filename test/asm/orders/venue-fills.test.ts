// Fills of venues are known by their id until VENUE_FILLS_MAX later ones.
import { expect, test } from "vitest";
import { O_VENUE_FILLS, VENUE_FILLS_MAX } from "../../../asm/layout.ts";
import { Kind, REPORT_FILL_ID } from "../../../asm/vocab.ts";
import { VENUE, VenueDesk } from "../../contract/venue-desk.ts";

test("a fill is taken once until so many others were, and the index holds them all", () => {
  const desk = new VenueDesk();
  desk.connect();
  const { core } = desk.core;
  const orphan = { instrument: 1, venue: VENUE, priceTicks: 1, qtyLots: 1, side: 1 };
  // Ids that lie together, so that entries push each other along.
  const id = (index: number): bigint => BigInt(index + 1) << BigInt(index % 3);
  desk.core.sendMany(Kind.VenueFill, orphan, VENUE_FILLS_MAX, (view, at, index) => {
    view.setBigUint64(at + REPORT_FILL_ID, (id(index) << 4n) | BigInt(index % 3), true);
  });
  const taken = (): number => Number(core.view.getBigUint64(O_VENUE_FILLS, true));
  const again = (index: number): void =>
    desk.send(Kind.VenueFill, { ...orphan, fillId: (id(index) << 4n) | BigInt(index % 3) });
  expect(taken()).toBe(VENUE_FILLS_MAX);
  for (let index = 0; index < VENUE_FILLS_MAX; index += 97) again(index);
  expect(taken(), "none of them again").toBe(VENUE_FILLS_MAX);
  desk.send(Kind.VenueFill, { ...orphan, fillId: 1n << 60n });
  expect(taken()).toBe(VENUE_FILLS_MAX + 1);
  for (let index = 1; index < VENUE_FILLS_MAX; index += 97) again(index);
  expect(taken(), "all but the oldest are still known").toBe(VENUE_FILLS_MAX + 1);
  again(0);
  expect(taken(), "the oldest was forgotten").toBe(VENUE_FILLS_MAX + 2);
});
