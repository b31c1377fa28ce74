// Fields of an order that matching.ts does not translate yet.
//
// They are sent all the same: the core refuses what it does not know with a number of its own, and
// that number is the answer. Once matching.ts translates a feature, its extra is not asked for.
//
// tidy: tested by test/src/cases/run.test.ts
import {
  AmendField,
  OrderFlag,
  OrderType,
  SelfTrade,
  TimeInForce,
  TrailUnit,
} from "../../asm/vocab.ts";
import type { RecordFields } from "../protocol.ts";
import { reasonOf, type Command } from "./matching.ts";

const TIFS: Record<string, TimeInForce> = {
  GTD: TimeInForce.Gtd,
  DAY: TimeInForce.Day,
  OPEN: TimeInForce.AtOpen,
  CLOSE: TimeInForce.AtClose,
};

/** What a command asks for beyond its translation, in words; undefined when that is nothing. */
export function beyondOf(cmd: Command): string | undefined {
  if (cmd["hidden"] === true || cmd["mes"] !== undefined) {
    return "hidden orders with a minimum execution size";
  }
  return reasonOf({ steps: [{ cmd, events: [] }] });
}

/** Record fields of a new order or an amend that `beyondOf` names. */
export function extraOf(cmd: Command): RecordFields {
  const { stop, trail, display, expires } = cmd as Record<string, number | undefined>;
  const common = {
    ...(stop === undefined ? {} : { stopTicks: stop }),
    ...(trail === undefined ? {} : { trailOffset: trail }),
    ...(display === undefined ? {} : { displayLots: display }),
    ...(expires === undefined ? {} : { expiresNanos: BigInt(expires) * 1_000_000_000n }),
  };
  if (cmd.op === "amend") return { ...common, fields: fieldsOf(cmd) };
  return { ...common, ...orderExtra(cmd) };
}

function fieldsOf(cmd: Command): number {
  const bit = (name: string, field: AmendField): number => (cmd[name] === undefined ? 0 : field);
  const plain = bit("px", AmendField.Price) | bit("qty", AmendField.Qty);
  const stops = bit("stop", AmendField.Stop) | bit("trail", AmendField.Trail);
  return plain | stops | bit("display", AmendField.Display) | bit("expires", AmendField.Expires);
}

function orderExtra(cmd: Command): RecordFields {
  const isMarket = cmd["type"] === "market";
  const tif = TIFS[cmd.tif ?? ""];
  const flags =
    (cmd["postOnly"] === true ? OrderFlag.PostOnly : 0) |
    (cmd["reduceOnly"] === true ? OrderFlag.ReduceOnly : 0) |
    (cmd["hidden"] === true || cmd["mes"] !== undefined ? OrderFlag.Hidden : 0);
  const isTrailing = cmd["trail"] !== undefined;
  const trailing = isMarket ? OrderType.TrailingStop : OrderType.TrailingStopLimit;
  const stopping = isMarket ? OrderType.Stop : OrderType.StopLimit;
  return {
    orderFlags: flags,
    ...(cmd["stop"] === undefined ? {} : { type: stopping }),
    ...(isTrailing ? { type: trailing, trailUnit: TrailUnit.Ticks } : {}),
    ...(tif === undefined ? {} : { tif }),
    ...(cmd.stp === "DC" ? { selfTrade: SelfTrade.Decrement } : {}),
  };
}
