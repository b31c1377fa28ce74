// Each defense of the engine switched off, one at a time: the simulation must turn red.
import { beforeAll, describe, expect, test } from "vitest";
import { buildCoop, CANARIES, CHECKPOINT, CHECKPOINT_CANARIES, type Coop } from "./canaries.ts";

/** Looked through for another seed when none of the named ones shows a canary. */
const SEARCH_SEEDS = 2000;
const SEARCH_MILLIS_MAX = 60_000;

let coop: Coop;
beforeAll(async () => {
  coop = await buildCoop([...CANARIES, ...CHECKPOINT_CANARIES]);
});

describe("the simulation turns red when", () => {
  test.each(CANARIES)(
    "$name",
    async ({ name, seeds, shape }) => {
      for (const seed of seeds) {
        const one = { seed, ...shape };
        if ((await coop.failure(name, one)) === undefined) continue;
        expect(await coop.failure("", one), `seed ${seed} with the defense`).toBeUndefined();
        return;
      }
      const endMillis = performance.now() + SEARCH_MILLIS_MAX;
      for (let seed = 1; seed <= SEARCH_SEEDS && performance.now() < endMillis; seed++) {
        const failure = await coop.failure(name, { seed, ...shape });
        if (failure !== undefined) expect.fail(`name seed ${seed} in canaries.ts: ${failure}`);
      }
      expect.fail(`seeds ${seeds.join()} break nothing, and no other was found`);
    },
    SEARCH_MILLIS_MAX * 2,
  );
});

test("a checkpoint is what sees a market that comes back different", async () => {
  const { defect, blind, seeds, shape } = CHECKPOINT;
  const seen: (string | undefined)[] = [];
  const unseen: (string | undefined)[] = [];
  for (const seed of seeds) {
    seen.push(await coop.failure(defect, { seed, ...shape }));
    unseen.push(await coop.failure(blind, { seed, ...shape }));
  }
  expect(seen.filter((one) => one?.startsWith("market state after replay"))).not.toEqual([]);
  expect(unseen, "nothing else sees it").toEqual(seeds.map(() => undefined));
});

test("a canary whose text is gone or there twice is an error", async () => {
  const canary = (text: string): typeof CANARIES => [
    { name: "gone", patches: [["journal/scan.ts", text, "OFF"]], seeds: [] },
  ];
  await expect(buildCoop(canary("no such text"))).rejects.toThrow("does not hold, once");
  await expect(buildCoop(canary("chain.index"))).rejects.toThrow("does not hold, once");
});
