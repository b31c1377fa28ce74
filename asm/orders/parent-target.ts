// How much of a parent is to be filled by when: the algorithms.
//
// A target is a sum from the start on, rounded down; slices are differences of targets, and the
// last target is the whole quantity. So slices add up whatever the parameters are, and what one
// slice missed belongs to the next without any carrying.
//
// Implementation shortfall follows Almgren and Chriss (Optimal execution of portfolio
// transactions, 2000), section 2.3, with linear impact: of X lots x(j) = X sinh(kappa (T - t_j)) /
// sinh(kappa T) are still held after slice j.
//
// tidy: tested by test/asm/orders/parent.test.ts
import { exponential, exponentialMinusOne, logarithmPlusOne } from "../math/exponential";
import { mulDiv64 } from "../math/wide";
import { tradedAt, TRD_EXECUTION } from "../positions/traded";
import {
  Algorithm,
  Execution,
  PARENT_IMPACT,
  PARENT_IMPACT_LASTING,
  PARENT_RISK_AVERSION,
  PARENT_VOLATILITY,
} from "../vocab";
import {
  parentAt,
  PAR_ALGORITHM,
  PAR_BASE_LOTS,
  PAR_DECAY,
  PAR_END,
  PAR_FILLED,
  PAR_INSTRUMENT,
  PAR_INTERVAL,
  PAR_QTY,
  PAR_SHARE_BPS,
  PAR_SLICES,
  PAR_START,
} from "./parent";
import { curveBetween, volumeAt, VOL_LOTS } from "./volume";

const BPS: i64 = 10000;
const SECOND_NANOS: f64 = 1e9;
/** Decay beyond which the first slice is everything; keeps all powers finite. */
const DECAY_MAX: f64 = 700.0;

/** Number of the slice a time lies in, from 0; times before the start belong to the first. */
export function sliceOf(row: usize, nanos: i64): i64 {
  const last = <i64>load<u32>(row, PAR_SLICES) - 1;
  const index = (nanos - load<i64>(row, PAR_START)) / load<i64>(row, PAR_INTERVAL);
  return max<i64>(min<i64>(index, last), 0);
}

/** Lots that are to be filled after `slices` slices; for icebergs and POV what holds now. */
export function targetLots(parent: u32, slices: i64): i64 {
  const row = parentAt(parent);
  const qty = load<i64>(row, PAR_QTY);
  const algorithm = <i32>load<u8>(row, PAR_ALGORITHM);
  if (algorithm == Algorithm.Iceberg) return qty;
  if (algorithm == Algorithm.Pov) return min(qty, shareLots(row));
  const all = <i64>load<u32>(row, PAR_SLICES);
  if (slices >= all) return qty;
  if (algorithm == Algorithm.Vwap) return curveLots(row, qty, slices);
  const decay = load<f64>(row, PAR_DECAY);
  if (algorithm == Algorithm.ImplementationShortfall && decay > 0.0) {
    return decayLots(qty, slices, all, decay);
  }
  return mulDiv64(qty, slices, all);
}

/** Own share s of all volume: s / (1 - s) of what others trade, so own trades cause no more. */
function shareLots(row: usize): i64 {
  const instrument = load<u32>(row, PAR_INSTRUMENT);
  let others = load<i64>(volumeAt(instrument), VOL_LOTS) - load<i64>(row, PAR_BASE_LOTS);
  // On paper the public trades are all other people's; a venue's tape has ours too.
  if (load<u8>(tradedAt(instrument), TRD_EXECUTION) != Execution.Paper) {
    others = max<i64>(others - load<i64>(row, PAR_FILLED), 0);
  }
  const share = <i64>load<u16>(row, PAR_SHARE_BPS);
  return mulDiv64(others, share, BPS - share);
}

function curveLots(row: usize, qty: i64, slices: i64): i64 {
  const start = load<i64>(row, PAR_START);
  const instrument = load<u32>(row, PAR_INSTRUMENT);
  const all = curveBetween(instrument, start, load<i64>(row, PAR_END));
  // The curve was taken away: what is left of the day is even.
  if (all <= 0) return mulDiv64(qty, slices, <i64>load<u32>(row, PAR_SLICES));
  const until = start + slices * load<i64>(row, PAR_INTERVAL);
  return mulDiv64(qty, curveBetween(instrument, start, until), all);
}

/** sinh(a (n - j)) / sinh(a n) = e^(-a j) (1 - e^(-2 a (n - j))) / (1 - e^(-2 a n)). */
function decayLots(qty: i64, slices: i64, all: i64, decay: f64): i64 {
  const left = exponentialMinusOne(-2.0 * decay * <f64>(all - slices));
  const whole = exponentialMinusOne(-2.0 * decay * <f64>all);
  const held = exponential(-decay * <f64>slices) * (left / whole);
  const lots = <i64>floor<f64>(<f64>qty * (1.0 - held));
  return max<i64>(min<i64>(lots, qty), 0);
}

/**
 * Kappa times the interval from a ParentNew: 2 / tau^2 (cosh(kappa tau) - 1) = lambda sigma^2 /
 * (eta - gamma tau / 2), so kappa tau = 2 arsinh(tau / 2 sqrt(...)). Negative when the parameters
 * have no such solution. 0 (no risk aversion, no volatility) is an even schedule.
 */
export function decayOf(rec: usize, intervalNanos: i64): f64 {
  const aversion = load<f64>(rec, PARENT_RISK_AVERSION);
  const volatility = load<f64>(rec, PARENT_VOLATILITY);
  const lasting = load<f64>(rec, PARENT_IMPACT_LASTING);
  const seconds = <f64>intervalNanos / SECOND_NANOS;
  const impact = load<f64>(rec, PARENT_IMPACT) - (lasting * seconds) / 2.0;
  const areGood = aversion >= 0.0 && volatility >= 0.0 && lasting >= 0.0 && impact > 0.0;
  if (!areGood) return -1.0;
  const half = (seconds / 2.0) * sqrt<f64>((aversion * volatility * volatility) / impact);
  const decay = 2.0 * logarithmPlusOne(half + (half * half) / (1.0 + sqrt<f64>(1.0 + half * half)));
  return decay <= DECAY_MAX ? decay : -1.0;
}
