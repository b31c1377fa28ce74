// What the compared inputs reached of margin calls and liquidation.
import { CancelReason, Kind, OrderFlag, TradingMode } from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";
import { INVERSE } from "./order-stream.ts";

/** Notes what a record says. */
export function marginNote(out: Row, count: (what: string) => void): void {
  const number = (name: string): number => Number(out[name] ?? 0);
  switch (out["kind"]) {
    case Kind.MarginCall:
      count(`margin call ${number("state")}, currency ${number("currency")}`);
      break;
    case Kind.LiquidationStarted:
      count(`liquidation starts, currency ${number("currency")}`);
      break;
    case Kind.TradingStateChanged:
      if (number("change") === 2 && number("scope") === 2) count(`account mode ${number("state")}`);
      break;
    case Kind.OrderCanceled:
      if (number("reason") === CancelReason.Liquidation) count("canceled by liquidation");
      if ((number("orderFlags") & OrderFlag.Engine) !== 0) {
        count(`liquidation finds ${number("filledLots") === 0 ? "nobody" : "too little"}`);
      }
      break;
    case Kind.Fill:
      if (BigInt(out["clientId"] ?? 0) >> 61n === 5n) {
        const left = number("positionLots") === 0 ? "all" : "part";
        count(`liquidation closes ${left}`);
        count(`liquidation closes side ${3 - number("side")}`);
      }
      break;
    case Kind.PositionState:
      if (number("liquidationTicks") > 0) {
        const what = number("instrument") === INVERSE ? "inverse" : "linear";
        count(`liquidation price, ${what} ${number("lots") > 0 ? "long" : "short"}`);
      }
      break;
  }
}

export function marginWanted(): string[] {
  const all = ["canceled by liquidation", `account mode ${TradingMode.Liquidating}`];
  for (const currency of [1, 2]) {
    all.push(`margin call 1, currency ${currency}`, `margin call 0, currency ${currency}`);
    all.push(`liquidation starts, currency ${currency}`);
  }
  all.push("liquidation finds nobody", "liquidation finds too little");
  all.push("liquidation closes all", "liquidation closes part");
  for (const side of [1, 2]) all.push(`liquidation closes side ${side}`);
  // What an inverse short can lose ends with its value: accounts of the stream own more than that.
  all.push("liquidation price, linear long", "liquidation price, linear short");
  return [...all, "liquidation price, inverse long"];
}
