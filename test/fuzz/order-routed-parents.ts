// Random parents whose children go to venues, and what the compared inputs reached of them.
import {
  Algorithm,
  Kind,
  OrderFlag,
  OrderState,
  ParentFlag,
  ParentState,
  Refusal,
  Scope,
} from "../../asm/vocab.ts";
import type { OrderTwin, Row } from "../reference/order-twin.ts";

const STEP_NANOS = 1_000_000;
const ACCOUNTS = 4;
const ALGORITHMS = [
  Algorithm.Twap,
  Algorithm.Pov,
  Algorithm.ImplementationShortfall,
  Algorithm.Iceberg,
];

/** Makes parents at venues and cancels them, one now and then. */
export class RoutedParents {
  private readonly random: () => number;
  private readonly twin: OrderTwin;
  private readonly routes: readonly number[];
  private made = 0;
  /** Account that is killed, 0 = none. */
  private killed = 0;

  constructor(random: () => number, twin: OrderTwin, routes: readonly number[]) {
    this.random = random;
    this.twin = twin;
    this.routes = routes;
  }

  /** Where a parent follows the volume. */
  worked(): number | undefined {
    const open = this.twin.parents.open();
    const one = open.find(({ algorithm }) => algorithm === Number(Algorithm.Pov));
    return this.routes.find((id) => id === one?.instrument);
  }

  private pick(most: number): number {
    return Math.floor(this.random() * most);
  }

  private chance(of: number): boolean {
    return this.random() < of;
  }

  /** A cancel of an open one, or a new one. */
  next(): [Kind, Row] {
    const open = this.twin.parents.open().filter(({ instrument }) => {
      return this.routes.includes(instrument);
    });
    const one = open[this.pick(open.length)];
    if (this.killed !== 0 || (one?.child !== undefined && this.chance(0.2))) {
      const account = this.killed || one!.account;
      this.killed = this.killed === 0 ? account : 0;
      const state = this.killed === 0 ? 0 : 1;
      return [Kind.KillSwitch, { scope: Scope.Account, account, state, cancelOpen: state }];
    }
    if (one !== undefined && this.chance(0.3)) {
      return [Kind.ParentCancel, { account: one.account, clientId: one.clientId }];
    }
    return [Kind.ParentNew, this.parent()];
  }

  private parent(): Row {
    const algorithm = ALGORITHMS[this.pick(ALGORITHMS.length)]!;
    const isIceberg = algorithm === Algorithm.Iceberg;
    const slices = 1 + this.pick(6);
    const interval = (1 + this.pick(12)) * STEP_NANOS;
    const end = this.twin.money.nowNanos + interval * slices + this.pick(interval);
    return {
      instrument: this.routes[this.pick(this.routes.length)]!,
      account: 1 + this.pick(ACCOUNTS),
      clientId: 3e6 + ++this.made,
      algorithm,
      side: 1 + this.pick(2),
      style: this.pick(2),
      qtyLots: 1 + this.pick(algorithm === Algorithm.Pov ? 3 : 60),
      limitTicks: isIceberg || this.chance(0.3) ? 900 + this.pick(200) : 0,
      endNanos: this.twin.baseNanos + BigInt(end),
      intervalNanos: isIceberg ? 0 : interval,
      childMaxLots: isIceberg || this.chance(0.3) ? 1 + this.pick(20) : 0,
      driftBps: this.chance(0.5) ? this.pick(3000) : 0,
      shareBps: algorithm === Algorithm.Pov ? 1000 + this.pick(4000) : 0,
      riskAversion: this.random() * 1e-2,
      volatility: this.random() * 3,
      impact: 0.01 + this.random(),
      impactLasting: 0,
    };
  }
}

/** Counts the records of one input, and of the Timers before it, about parents at venues. */
export function noteRoutedParents(
  outs: Row[],
  twin: OrderTwin,
  routes: readonly number[],
  count: (what: string) => void,
): void {
  const note = (what: string): void => count(`venue parent: ${what}`);
  for (const out of outs) {
    if (!routes.includes(Number(out["instrument"]))) continue;
    const kind = Number(out["kind"]);
    const reason = Refusal[Number(out["reason"] ?? 0)]!;
    const isChild = (Number(out["orderFlags"] ?? 0) & OrderFlag.Engine) !== 0;
    if (kind === Kind.ParentDone) {
      const isMore = Number(out["filledLots"]) > Number(out["qtyLots"]);
      note(`${Algorithm[Number(out["algorithm"])]} ${ParentState[Number(out["state"])]}`);
      note(`done ${reason}`);
      if (isMore) note("more filled than asked for");
      const { account, clientId } = out as Record<string, number>;
      const all = twin.parents.all;
      const one = all.find((it) => it.account === account && it.clientId === clientId)!;
      if (one.isSaid) note("done said again");
      one.isSaid = true;
    }
    if (kind === Kind.ParentProgress) {
      note(`progress ${reason}`);
      if (Number(out["progressFlags"]) & ParentFlag.Ending) note(`waits for its child, ${reason}`);
    }
    if (isChild) note(`child ${Kind[kind]} in ${OrderState[Number(out["state"])]}`);
    if (kind === Kind.CancelDenied && reason === "CancelPending" && !isChild) {
      note("canceled twice");
    }
  }
}

export function routedParentsWanted(): string[] {
  const all = ["more filled than asked for", "done said again"];
  for (const algorithm of ALGORITHMS) {
    for (const state of ["Filled", "Canceled"]) all.push(`${Algorithm[algorithm]} ${state}`);
    if (algorithm !== Algorithm.Iceberg) all.push(`${Algorithm[algorithm]} Expired`);
  }
  all.push("waits for its child, None", "waits for its child, KillSwitchOn");
  for (const why of ["None", "VenueDown"]) all.push(`progress ${why}`);
  for (const state of ["Pending", "InDoubt", "PendingCancel"]) {
    all.push(`child ${state === "InDoubt" ? "OrderInDoubt" : "OrderPending"} in ${state}`);
  }
  for (const end of ["Canceled", "Rejected", "Expired"]) all.push(`child Order${end} in ${end}`);
  return all.map((what) => `venue parent: ${what}`);
}
