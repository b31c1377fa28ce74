// What one seed is: which faults may strike it and how often, and what its steps draw.
//
// Swarm style: each seed has about half of the fault kinds, at rates of its own: faults that
// strike all the time hide what only strikes when others are quiet. Every step draws from its own
// number, so a step can be left out and the others stay what they were.

/** Kinds of faults that a seed has or has not; in a failing one they are left out one by one. */
export type FaultKind =
  | ("lost" | "torn" | "garbled" | "nameLost" | "writeEio" | "syncEio" | "shortWrite")
  | ("shortRead" | "misdirected" | "journalRot" | "snapshotRot" | "enospc" | "kill" | "power")
  | ("restart" | "stop" | "clockForward" | "clockBack" | "clockFreeze" | "slowSync" | "feedGap")
  | ("feedDuplicate" | "feedLate" | "feedGarbage" | "venueLoss" | "venueRequestLoss")
  | ("venueDuplicate" | "venueOutage" | "venueReject" | "venueSlow" | "flood");

/** Lowest and highest rate of a kind that a seed has. */
const RATES: Record<FaultKind, readonly [number, number]> = {
  lost: [0.02, 0.9],
  torn: [0.02, 0.5],
  garbled: [0.02, 0.5],
  nameLost: [0.1, 1],
  writeEio: [0.002, 0.02],
  syncEio: [0.004, 0.08],
  shortWrite: [0.01, 0.3],
  shortRead: [0.01, 0.3],
  misdirected: [0.002, 0.03],
  journalRot: [0.02, 0.5],
  snapshotRot: [0.5, 1],
  enospc: [0.004, 0.04],
  kill: [0.004, 0.05],
  power: [0.004, 0.05],
  restart: [0.004, 0.03],
  stop: [0.004, 0.03],
  clockForward: [0.004, 0.06],
  clockBack: [0.004, 0.06],
  clockFreeze: [0.004, 0.06],
  slowSync: [0.2, 0.95],
  feedGap: [0.005, 0.1],
  feedDuplicate: [0.01, 0.2],
  feedLate: [0.01, 0.2],
  feedGarbage: [0.005, 0.1],
  venueLoss: [0.002, 0.2],
  venueRequestLoss: [0.002, 0.2],
  venueDuplicate: [0.01, 0.5],
  venueOutage: [0.001, 0.05],
  venueReject: [0.01, 0.3],
  venueSlow: [0.1, 1],
  flood: [0.001, 0.008],
};

export const FAULTS = Object.keys(RATES) as FaultKind[];

/** A part of a seed: what was found to be enough to fail. */
export interface SeedCase {
  seed: number;
  /** Fault kinds that are switched off. */
  without?: FaultKind[];
  /** Steps that are taken, first and last of each run of them; all when left out. */
  steps?: [number, number][];
  /** Rates in the place of the seed's own. */
  rates?: Partial<Record<FaultKind, number>>;
  /** Takes snapshots or not; left out: a few seeds do. */
  isSnapshotting?: boolean;
}

/** Numbers in [0, 1) of one seed; `reset` begins another row of them. */
export class Draw {
  private state = 0;

  constructor(seed: number, row = 0) {
    this.reset(seed, row);
  }

  reset(seed: number, row: number): void {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(row + 1, 0x85ebca6b)) >>> 0;
    this.next();
  }

  readonly next = (): number => {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };

  below(most: number): number {
    return Math.floor(this.next() * most);
  }

  chance(of: number): boolean {
    return of > 0 && this.next() < of;
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }
}

/** Rates of a seed by fault kind; 0 = not in this seed. */
export type Profile = Record<FaultKind, number>;

export function profileOf({ seed, without = [], rates = {} }: SeedCase): Profile {
  const draw = new Draw(seed, -7);
  const profile = {} as Profile;
  for (const kind of FAULTS) {
    const [least, most] = RATES[kind];
    const [isOn, at] = [draw.chance(0.45), draw.next()];
    const own = isOn ? least * (most / least) ** at : 0;
    profile[kind] = without.includes(kind) ? 0 : (rates[kind] ?? own);
  }
  return profile;
}
