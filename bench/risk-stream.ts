// What risk adds to an order: the same amends for accounts with limits of seven kinds and for house
// accounts, which have none, so that the difference is the checks and nothing else.
//
// One order rests for each account and instrument, all on one side, so that nothing ever trades;
// an amend gives it another price. One account in one instrument finds its limits in the nearest
// cache; many of both, asked in no order, find them in memory.
import { Side } from "../asm/vocab.ts";
import type { CoreBuild } from "../src/core/core.ts";
import { encodeCommands, feed, makeCore, seededNumbers } from "./order-stream.ts";
import type { Command, Stream } from "./order-stream.ts";
import type { BenchMetric } from "./report.ts";

const COMMANDS = 500_000;
const REPETITIONS = 7;
const MIDDLE_TICKS = 10_000;

interface Size {
  metric: string;
  accounts: number;
  instruments: number;
}

const SIZES: Size[] = [
  { metric: "risk checks, hot account", accounts: 1, instruments: 1 },
  { metric: "risk checks, cold limits", accounts: 64, instruments: 1000 },
];

function makeAmends(size: Size): { warm: Stream; timed: Stream } {
  const random = seededNumbers(7);
  const orders: Command[] = [];
  for (let instrument = 1; instrument <= size.instruments; instrument++) {
    for (let account = 1; account <= size.accounts; account++) {
      const clientId = instrument;
      const order = { id: orders.length, instrument, account, clientId, side: Side.Buy };
      orders.push({ ...order, kind: "new", priceTicks: MIDDLE_TICKS, qtyLots: 1 });
    }
  }
  const timed = Array.from({ length: COMMANDS }, (): Command => {
    const order = orders[Math.floor(random() * orders.length)]!;
    return { ...order, kind: "move", priceTicks: MIDDLE_TICKS - Math.floor(random() * 300) };
  });
  return { warm: encodeCommands(orders), timed: encodeCommands(timed) };
}

/** Nanoseconds a command. */
function timeOnce(
  build: CoreBuild,
  size: Size,
  stream: Stream,
  warm: Stream,
  isHouse: boolean,
): number {
  const core = makeCore(build, size.instruments, { accounts: size.accounts, isHouse });
  const outputs = new Int32Array(1);
  feed(core, warm, outputs);
  return (feed(core, stream, outputs) * 1e6) / stream.commands;
}

/** The two metrics, ns; both runs of a pair are taken in turns and the best of each counts. */
export function riskMetrics(build: CoreBuild): BenchMetric[] {
  return SIZES.map((size) => {
    const { warm, timed } = makeAmends(size);
    let [limited, house] = [Infinity, Infinity];
    for (let round = 0; round < REPETITIONS; round++) {
      limited = Math.min(limited, timeOnce(build, size, timed, warm, false));
      house = Math.min(house, timeOnce(build, size, timed, warm, true));
    }
    return { metric: size.metric, value: limited - house, unit: "ns", floor: house };
  });
}
