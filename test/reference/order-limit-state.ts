// What an account uses of its limits, told again from the rules: one row a limit, in a fixed order.
import { Kind, LIMIT_STATE_USED_MAX, LimitFlag, Refusal, Scope, Side } from "../../asm/vocab.ts";
import type { TwinMoney } from "./order-money.ts";
import { worstLots } from "./order-leg.ts";
import {
  positionKey,
  scopeKey,
  type TwinLimits,
  type TwinRequest,
  type TwinRisk,
} from "./order-risk.ts";
import type { Row } from "./order-twin.ts";

const PAIRS = [Scope.Instrument, Scope.AccountInstrument];
const WIDE = [Scope.Global, Scope.Tenant, Scope.Account, Scope.Strategy];
const NANOS_PER_MILLI = 1_000_000;

/** Rows of one account in one instrument; `request` is an order of nothing. */
export function limitStates(risk: TwinRisk, money: TwinMoney, request: TwinRequest): Row[] {
  const rows: Row[] = [];
  const { account, instrument, position } = request;
  const { side } = position;
  const say = (reason: Refusal, limit: bigint | number, used: bigint | number, more: Row = {}) =>
    rows.push({ kind: Kind.LimitState, instrument, account, side, reason, limit, used, ...more });
  const least = (name: keyof TwinLimits, scopes?: Scope[]): number =>
    risk.strictest(request, name, scopes);
  const currency = money.spec(instrument).settlement;

  const perOrder = { limitFlags: LimitFlag.PerOrder };
  const qty = least("qtyLotsMax");
  if (qty !== 0) say(Refusal.QtyLimit, qty, 0, perOrder);
  const notional = least("notionalMinorMax");
  if (notional !== 0) say(Refusal.NotionalLimit, notional, 0, { ...perOrder, currency });
  const ofAccount = least("ordersOpenMax", WIDE);
  const all = { scope: Scope.Account };
  if (ofAccount !== 0) say(Refusal.OpenOrdersLimit, ofAccount, request.ordersOfAccount, all);
  const ofPair = least("ordersOpenMax", PAIRS);
  const pair = { scope: Scope.AccountInstrument };
  if (ofPair !== 0) say(Refusal.OpenOrdersLimit, ofPair, request.ordersOfPair(), pair);
  const most = least("positionLotsMax");
  const none = { buys: 0, sells: 0 };
  const worst = Math.max(worstLots(position, request.open().get(position) ?? none, none), 0);
  if (most !== 0) say(Refusal.PositionLimit, most, worst);

  for (const [scope, row] of risk.rows(request)) {
    if (row.rateMax === 0) continue;
    const isPair = PAIRS.includes(scope);
    const owner = isPair ? positionKey(request) : scopeKey(Scope.Account, request);
    const window = risk.windows.get(`${scope} ${owner}`);
    const isOver =
      window === undefined ||
      money.nowNanos - window.startNanos >= row.rateWindowMillis * NANOS_PER_MILLI;
    say(Refusal.RateLimit, row.rateMax, isOver ? 0 : window.count, { scope });
  }

  const loss = least("lossMinorMax");
  const day = money.dayMinor(account, currency);
  if (loss !== 0) say(Refusal.LossLimit, loss, day < 0n ? -day : 0n, { currency });
  const drawdown = least("drawdownMinorMax");
  if (drawdown !== 0) {
    const pnl = money.pnl(account, currency);
    const peak = risk.peaks.get(`${account}/${currency}`) ?? 0n;
    say(Refusal.DrawdownLimit, drawdown, (peak > pnl ? peak : pnl) - pnl, { currency });
  }

  const equity = money.settledEquity(account, currency);
  const owned = equity > 0n ? equity : 0n;
  const bought = risk.exposure(request, Side.Buy, 0);
  const sold = risk.exposure(request, Side.Sell, 0);
  const sums = bought ?? { gross: 0n, net: 0n, own: 0n, margin: 0n };
  const nets = [bought?.net ?? 0n, sold?.net ?? 0n, 0n];
  const net = nets.reduce((a, b) => (a > b ? a : b));
  const flags = { limitFlags: bought === undefined ? LimitFlag.Unknown : 0 };
  const gross = least("grossMinorMax");
  if (gross !== 0) say(Refusal.GrossExposureLimit, gross, sums.gross, { currency, ...flags });
  const netMost = least("netMinorMax");
  if (netMost !== 0) say(Refusal.NetExposureLimit, netMost, net, { currency, ...flags });
  const leverage = least("leverageMax");
  if (leverage !== 0) say(Refusal.LeverageLimit, leverage, ratio(sums.gross, 100n, owned), flags);
  const share = least("concentrationBps");
  if (share !== 0) say(Refusal.ConcentrationLimit, share, ratio(sums.own, 10_000n, owned), flags);
  if (risk.hasInitial(instrument)) {
    say(Refusal.MarginInsufficient, owned, sums.margin, { currency, ...flags });
  }
  return rows;
}

/** Rounded down and bounded, as a figure for a screen is. */
function ratio(part: bigint, unit: bigint, whole: bigint): bigint {
  if (part === 0n) return 0n;
  const most = BigInt(LIMIT_STATE_USED_MAX);
  return whole <= part / (most / unit) ? most : (part * unit) / whole;
}
