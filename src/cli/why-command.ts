// why: the cause chain of an order or a fill, from the journal of a data directory.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";

import {
  AmendField,
  CancelReason,
  Flag,
  Kind,
  Liquidity,
  OrderType,
  Refusal,
  Side,
  SignalKind,
  TimeInForce,
} from "../../asm/vocab.ts";
import { loadBuild } from "../core/build.ts";
import { AlphaError } from "../errors.ts";
import { formatNanos } from "../journal/stat.ts";
import { causeChain, keyText } from "../oms/cause-chain.ts";
import type { CauseChain, CauseStep, OrderKey } from "../oms/cause-chain.ts";
import { isRecord, type DecodedRecord, type SpecRecord } from "../protocol.ts";
import { configOf, withConfigOptions } from "./main.ts";
import { ProgressBar } from "./progress.ts";
import { Units } from "./record-text.ts";
import { sayParent } from "./why-parent.ts";

const HELP = `
ORDER is the core's order id, ACCOUNT/CLIENT-ID (which also finds a denied order), or fill/ID.
A child order leads to its parent; a parent's ACCOUNT/CLIENT-ID shows its first children.
The journal is replayed from its beginning and not changed; a running engine is not disturbed.
Prices and quantities are printed in the instrument's units.`;

const U64_MAX = (1n << 64n) - 1n;
const COMMAND_BLOCK = 0x05;
const ACCOUNT_MAX = 2 ** 32 - 1;

export function addWhyCommand(root: Command): void {
  const command = root
    .command("why <order>")
    .description("why an order or fill is there: tick, candle, signal, order, answer, fills")
    .option("--json", "for machines")
    .addHelpText("after", HELP);
  withConfigOptions(command, ["dataDir"]).action((text: string, flags: Record<string, unknown>) => {
    const key = keyOf(text);
    const dir = join(configOf(flags).dataDir, "journal");
    const streams = streamsOf(dir);
    const bar = new ProgressBar("why", true);
    const done = new Map<string, number>();
    const totalBytes = bytesOf(dir, streams);
    const onProgress = (path: string, doneBytes: number): void => {
      done.set(path, doneBytes);
      const sum = [...done.values()].reduce((all, one) => all + one, 0);
      bar.show(sum / totalBytes, `${Math.round(sum / 1e6)} MB`);
    };
    try {
      const chain = causeChain(key, { dir, streams, build: loadBuild(), onProgress });
      bar.end();
      process.stdout.write(flags["json"] === true ? toJson(key, chain) : toText(key, chain));
    } finally {
      bar.end();
    }
  });
}

/** What the command line calls an order; throws CONFIG_INVALID. */
function keyOf(text: string): OrderKey {
  const one = /^(?:(fill|\d+)\/)?(\d+)$/.exec(text);
  const id = one === null ? U64_MAX + 1n : BigInt(one[2] ?? "0");
  const head = one?.[1];
  if (id <= U64_MAX && head === undefined) return { orderId: id };
  if (id <= U64_MAX && head === "fill") return { fillId: id };
  if (id <= U64_MAX && Number(head) <= ACCOUNT_MAX) return { account: Number(head), clientId: id };
  const remedy = "use an order id, ACCOUNT/CLIENT-ID or fill/ID, as numbers";
  throw new AlphaError("CONFIG_INVALID", `"${text}" names no order`, remedy);
}

function streamsOf(dir: string): number[] {
  const names = existsSync(dir) ? readdirSync(dir) : [];
  const streams = names.filter((name) => /^\d+$/.test(name)).map(Number);
  if (streams.includes(0)) return streams.sort((a, b) => a - b);
  const remedy = "name its data directory with --data-dir, or start an engine first";
  throw new AlphaError("JOURNAL_NOT_FOUND", `no journal in ${dir}`, remedy);
}

function bytesOf(dir: string, streams: readonly number[]): number {
  const files = streams.flatMap((stream) => {
    const folder = join(dir, String(stream));
    return readdirSync(folder).map((name) => join(folder, name));
  });
  return files.reduce((sum, path) => sum + statSync(path).size, 1);
}

// ------------------------------------------------------------------------------- printing

function toJson(key: OrderKey, chain: CauseChain): string {
  const steps = chain.steps.map((step) => ({
    stream: step.stream,
    sequence: step.sequence,
    isInput: step.isInput,
    ...(answeredOf(step) === undefined ? {} : { answers: answeredOf(step) }),
    time: formatNanos(String(step.record.tsEngineNanos)),
    kind: step.record.name,
    says: sayRecord(step.record, chain.specs),
    record: step.record,
  }));
  const { isOtherBuild, gone } = chain;
  const whole = { asked: keyText(key), isOtherBuild, gone, steps };
  const plain = (_name: string, value: unknown): unknown =>
    typeof value === "bigint" ? String(value) : value;
  return `${JSON.stringify(whole, plain, 2)}\n`;
}

function toText(key: OrderKey, chain: CauseChain): string {
  const lines = [keyText(key)];
  let before = "";
  for (const step of chain.steps) {
    const place = placeOf(step);
    const time = formatNanos(String(step.record.tsEngineNanos));
    // An input begins a line of its own; what the core made of it stands below, indented.
    const head = place === before ? "" : `${place}  ${time}`;
    const answered = answeredOf(step);
    const answers = answered === undefined ? "" : ` in answer to #${answered}`;
    const words = `${step.record.name}${answers}: ${sayRecord(step.record, chain.specs)}`;
    lines.push(`${head.padEnd(46)}  ${step.isInput ? "" : "-> "}${words}`);
    before = place;
  }
  if (chain.isOtherBuild) {
    lines.push("note: another build wrote a part of this journal; its answers may have differed");
  }
  for (const tick of chain.gone) {
    lines.push(`note: #${tick} of the market worker, the tick behind it, is no longer kept`);
  }
  return `${lines.join("\n")}\n`;
}

/** The input a command of a strategy answered to. */
function answeredOf({ isInput, record }: CauseStep): bigint | undefined {
  const isCommand = isInput && record.kind >> 8 === COMMAND_BLOCK;
  return isCommand && record.cause !== 0n ? record.cause : undefined;
}

function placeOf({ stream, sequence }: CauseStep): string {
  return `#${sequence}${stream === 0 ? "" : ` of market worker ${stream}`}`;
}

type Specs = ReadonlyMap<number, SpecRecord>;

/** What a record says, in words and in the instrument's units. */
function sayRecord(record: DecodedRecord, specs: Specs): string {
  const units = new Units(specs.get(record.instrument));
  if (isRecord(record, Kind.Trade, Kind.TradePrint)) {
    return units.say(`${units.qty(record.qtyLots)} at ${units.price(record.priceTicks)}`);
  }
  if (isRecord(record, Kind.Quote, Kind.TopOfBook)) {
    const bid = `bid ${units.qty(record.bidLots)} at ${units.price(record.bidTicks)}`;
    return units.say(`${bid}, ask ${units.qty(record.askLots)} at ${units.price(record.askTicks)}`);
  }
  if (isRecord(record, Kind.CandleClosed)) {
    const { openTicks, highTicks, lowTicks, closeTicks, periodMillis } = record;
    const prices = [openTicks, highTicks, lowTicks, closeTicks].map((one) => units.price(one));
    const volume = units.qty(record.volumeLots);
    return units.say(
      `${periodMillis} ms: open, high, low, close ${prices.join(", ")}; volume ${volume}`,
    );
  }
  if (isRecord(record, Kind.Signal)) {
    const words = `${SignalKind[record.signalKind] ?? ""} ${sideText(record.side)}`;
    return units.say(`model ${record.model} says ${words} at ${units.price(record.priceTicks)}`);
  }
  if (isRecord(record, Kind.BookDelta, Kind.BookSnapshot)) {
    return units.say(`${record.bids.length} bids and ${record.asks.length} asks of the book`);
  }
  if (isRecord(record, Kind.ParentNew, Kind.ParentProgress, Kind.ParentDone)) {
    return `${ownerText(record)}: ${units.say(sayParent(record, units))}`;
  }
  if (isRecord(record, Kind.ParentCancel)) return `${ownerText(record)}: the parent is to end`;
  if (isRecord(record, Kind.Timer)) return "a deadline was due: a candle's end, an expiry";
  if (isRecord(record, Kind.KillSwitch)) return `switched ${record.state === 0 ? "off" : "on"}`;
  return sayOrder(record, units);
}

function sayOrder(record: DecodedRecord, units: Units): string {
  if (isRecord(record, Kind.OrderNew)) {
    const { qtyLots, side, type, tif, priceTicks } = record;
    const what = orderText(units, side, qtyLots, type, tif, priceTicks);
    const stop = record.stopTicks === 0 ? "" : `, trigger ${units.price(record.stopTicks)}`;
    return `${senderText(record)} asks for ${units.say(what)}${stop}`;
  }
  if (isRecord(record, Kind.OrderAmend)) return sayAmend(record, units);
  if (isRecord(record, Kind.OrderCancel)) return `${senderText(record)} asks to cancel it`;
  if (isRecord(record, Kind.MassCancel)) return `${senderText(record)} asks to cancel all`;
  if (isRecord(record, Kind.Fill)) {
    const { qtyLots, priceTicks, side, leavesLots, liquidity, feeMinor } = record;
    const what = `${sideText(side)} ${units.qty(qtyLots)} at ${units.price(priceTicks)}`;
    const role = (Liquidity[liquidity] ?? "").toLowerCase();
    const rest = `${units.qty(leavesLots)} open, fee ${feeMinor} minor units`;
    return `${ownerText(record)}, fill ${record.id}: ${units.say(what)} as ${role}; ${rest}`;
  }
  if (!isRecord(record, ...EVENTS)) return "";
  const { leavesLots, filledLots, side, type, tif, priceTicks, reason, orderId } = record;
  const what = orderText(units, side, leavesLots, type, tif, priceTicks);
  const order = orderId === 0n ? "" : `, order ${orderId}`;
  const again = (record.flags & Flag.Replayed) === 0 ? "" : ", said again";
  const open = `${ownerText(record)}${order}${again}: ${units.say(what)}`;
  if (record.kind === Kind.OrderCanceled) {
    const why = CancelReason[reason] ?? String(reason);
    return `${open}; because of ${why}, ${units.qty(filledLots)} filled`;
  }
  return reason === 0 ? open : `${open}; ${refusalText(record)}`;
}

const EVENTS = [
  Kind.OrderAccepted,
  Kind.OrderDenied,
  Kind.OrderRejected,
  Kind.OrderCanceled,
  Kind.OrderExpired,
  Kind.OrderAmended,
  Kind.AmendDenied,
  Kind.CancelDenied,
  Kind.OrderTriggered,
  Kind.OrderTrailed,
  Kind.OrderRefreshed,
  Kind.OrderReduced,
] as const;

interface Sender {
  account: number;
  clientId: bigint;
  strategy: number;
  session: number;
}

interface Amended {
  fields: number;
  priceTicks: number;
  qtyLots: number;
  stopTicks: number;
}

/** What an amend changes, and to what. */
function sayAmend(record: Sender & Amended, units: Units): string {
  const { fields, priceTicks, qtyLots, stopTicks } = record;
  const changes: string[] = [];
  if ((fields & AmendField.Price) !== 0) changes.push(`price ${units.price(priceTicks)}`);
  if ((fields & AmendField.Qty) !== 0) changes.push(`quantity ${units.qty(qtyLots)}`);
  if ((fields & AmendField.Stop) !== 0) changes.push(`trigger ${units.price(stopTicks)}`);
  return `${senderText(record)} asks for ${changes.join(", ") || "other terms"}`;
}

/** Who sent a command: a strategy of the process, or a client's session. */
function senderText(record: Sender): string {
  const session = record.session === 0 ? "" : ` in session ${record.session}`;
  return ownerText(record) + session;
}

function ownerText(record: { account: number; clientId: bigint; strategy: number }): string {
  const strategy = record.strategy === 0 ? "" : ` of strategy ${record.strategy}`;
  return `${record.account}/${record.clientId}${strategy}`;
}

/** The number and word of a refusal, the limit that was hit and what came up against it. */
function refusalText(record: {
  reason: number;
  limit: number;
  leavesLots: number;
  priceTicks: number;
}): string {
  const { reason, limit, leavesLots, priceTicks } = record;
  const words = `refusal ${reason} ${Refusal[reason] ?? ""}`;
  if (limit === 0) return words;
  const price = priceTicks === 0 ? "at market" : `at ${priceTicks} ticks`;
  return `${words}: the limit is ${limit}, the order was ${leavesLots} lots ${price}`;
}

function orderText(
  units: Units,
  side: number,
  lots: number,
  type: number,
  tif: number,
  ticks: number,
): string {
  const word = (OrderType[type] ?? "").toLowerCase();
  const price = ticks === 0 ? "" : ` at ${units.price(ticks)}`;
  const inForce = (TimeInForce[tif] ?? "").toUpperCase();
  return `${sideText(side)} ${units.qty(lots)} ${word}${price} ${inForce}`;
}

function sideText(side: number): string {
  return (Side[side] ?? "").toLowerCase();
}
