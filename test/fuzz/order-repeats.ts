// Orders sent again: as clients do that lost the answer, and by mistake with other content.
import { Kind, Refusal } from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";
import { withFields } from "../reference/row.ts";

/** Orders to choose from. */
const KEPT_MAX = 200;
const FIELDS = ["priceTicks", "qtyLots", "stopTicks", "expiresNanos", "displayLots"];

export class RepeatStream {
  private readonly kept: Row[] = [];
  private readonly random: () => number;
  private readonly share: number;

  constructor(random: () => number, share: number) {
    this.random = random;
    this.share = share;
  }

  /** Keeps an order that is sent. */
  sent(row: Row): Row {
    if (this.kept.length < KEPT_MAX) this.kept.push(row);
    else this.kept[Math.floor(this.random() * KEPT_MAX)] = row;
    return row;
  }

  /** Now and then one of them, mostly as it was; of those that `isWanted` half the time. */
  again(isWanted?: (row: Row) => boolean): Row | undefined {
    if (this.kept.length === 0 || this.random() >= this.share) return undefined;
    const wanted = isWanted === undefined ? [] : this.kept.filter(isWanted);
    const those = wanted.length > 0 && this.random() < 0.5 ? wanted : this.kept;
    const row = those[Math.floor(this.random() * those.length)]!;
    if (this.random() < 0.8) return row;
    const name = FIELDS[Math.floor(this.random() * FIELDS.length)]!;
    const was = row[name] ?? 0;
    return withFields(row, { [name]: typeof was === "bigint" ? was + 1n : was + 1 });
  }
}

/** What became of an order that was sent again. */
export function noteRepeats(kind: Kind, outs: Row[], note: (what: string) => void): void {
  for (const out of outs) {
    if (out["replayed"] !== 1) continue;
    const reason = Number(out["reason"]);
    if (kind === Kind.OrderReplace) {
      note(reason === 0 ? "replaced again" : "replace denied again");
      continue;
    }
    note(reason === 0 ? `sent again, state ${out["state"]}` : `denied again, ${Refusal[reason]}`);
  }
}

export function repeatsWanted(): string[] {
  const states = [1, 2, 4, 5, 9, 10, 13].map((state) => `sent again, state ${state}`);
  const why = ["KillSwitchOn", "PriceNotPositive", "PositionLimit", "PostOnlyWouldTrade"];
  const replaced = ["replaced again", "replace denied again"];
  return [...states, ...replaced, ...why.map((one) => `denied again, ${one}`)];
}
