// One seed, step by step: what comes in, what goes wrong, and at the end that all of it heals.
import { Role } from "../../asm/vocab.ts";
import type { CoreBuild } from "../../src/core/core.ts";
import { Follower } from "../../src/oms/follower.ts";
import { HABITS } from "../../src/venues/simulated-venue.ts";
import { NO_FAULTS } from "./faulty-disk.ts";
import { Lives, type Crash } from "./lives.ts";
import { ROUTED } from "./market.ts";
import { Draw, FAULTS, profileOf, type Profile, type SeedCase } from "./plan.ts";
import { Violation } from "./witness.ts";

/** Steps of a seed, each of some thirty inputs. */
export const STEPS = 60;
/** Money is summed up every so many steps. */
const MONEY_EVERY = 12;
/** Everything that waits must have an end this long after the last fault. */
const HEAL_MILLIS = 5000;
const HEAL_STEP_MILLIS = 100;
const HOUSE_MILLIS = 1000;
/** Timers, messages to the sync thread, open files: no life needs more of one. */
const QUEUE_MAX = 24;

/** What one seed did. */
export interface Outcome {
  inputs: number;
  /** What happened how often: faults, and what the invariants were asked. */
  counts: Record<string, number>;
}

export class World {
  readonly lives: Lives;
  private readonly build: CoreBuild;
  private readonly profile: Profile;
  private readonly draw: Draw;
  private readonly hasFollower: boolean;
  private follower: Follower | undefined;
  private followed: unknown;
  private fullSteps = 0;
  private frozenSteps = 0;

  constructor(build: CoreBuild, one: SeedCase, isSnapshotting: boolean) {
    this.build = build;
    this.profile = profileOf(one);
    this.hasFollower = isSnapshotting;
    this.draw = new Draw(one.seed);
    this.lives = new Lives({ build, seed: one.seed, profile: this.profile }, this.draw);
  }

  /** Runs the steps named, or all; throws a Violation. */
  async run(one: SeedCase): Promise<Outcome> {
    const { lives } = this;
    return lives.hands.own(async () => {
      lives.start();
      for (const [first, last] of one.steps ?? [[0, STEPS - 1]]) {
        for (let step = first; step <= last; step++) {
          this.draw.reset(one.seed, step);
          await this.step(step);
        }
      }
      this.draw.reset(one.seed, STEPS);
      await this.heal();
      return this.outcome();
    });
  }

  private outcome(): Outcome {
    const { lives } = this;
    const { counts, disk, market, witness, inputs } = lives;
    const heard = { ...market.counts, ...witness.asked };
    // What the venue does is not counted by it: the seeds in which it may.
    for (const kind of FAULTS) if (this.profile[kind] > 0) lives.count(`${kind} possible`);
    return { inputs, counts: { ...counts, ...Object.fromEntries(disk.counts), ...heard } };
  }

  // ---------------------------------------------------------------------------- steps

  private async step(number: number): Promise<void> {
    const { draw, lives, profile } = this;
    this.trouble();
    const { engine } = lives;
    if (engine === undefined || engine.fault !== undefined) {
      if (engine !== undefined) lives.die("kill");
      if (draw.chance(0.25)) lives.start();
      lives.hands.pass(1);
      return;
    }
    const { core } = engine;
    for (let tick = draw.below(48); tick > 0; tick--) lives.market.tick(core);
    for (let command = draw.below(8); command > 0; command--) lives.market.command(core);
    if (draw.chance(profile.flood)) lives.market.flood(core);
    engine.schedule();
    lives.hands.pass(this.gapMillis());
    if (!draw.chance(profile.slowSync)) lives.committer?.step();
    if (number % MONEY_EVERY === 0) this.audit();
    if (this.hasFollower) this.follow();
    await this.crashes();
  }

  private gapMillis(): number {
    const dice = this.draw.next();
    if (dice < 0.9) return 0.05 + dice * 3;
    return dice < 0.985 ? 20 + dice * 80 : 1000 + this.draw.next() * 1500;
  }

  /** Faults that last. */
  private trouble(): void {
    const { draw, lives, profile } = this;
    const { disk, hands } = lives;
    if (this.fullSteps > 0) this.fullSteps -= 1;
    else if (draw.chance(profile.enospc)) this.fullSteps = draw.between(1, 8);
    disk.isFull = this.fullSteps > 0;
    if (draw.chance(profile.clockForward)) {
      hands.stepWall(draw.between(150, 60_000));
      lives.count("clockForward");
    }
    if (draw.chance(profile.clockBack)) {
      hands.stepWall(-draw.between(150, 60_000));
      lives.count("clockBack");
    }
    if (this.frozenSteps > 0) {
      this.frozenSteps -= 1;
      if (this.frozenSteps === 0) hands.freezeWall(false);
    } else if (draw.chance(profile.clockFreeze)) {
      this.frozenSteps = draw.between(2, 20);
      hands.freezeWall(true);
      lives.count("clockFreeze");
    }
  }

  private async crashes(): Promise<void> {
    const { draw, lives, profile } = this;
    for (const kind of ["kill", "power", "restart"] as Crash[]) {
      if (!draw.chance(profile[kind])) continue;
      lives.die(kind);
      lives.start();
      return;
    }
    if (!draw.chance(profile.stop) || lives.engine === undefined) return;
    // The hash of the market's tables costs as much as a hundred turns.
    await lives.stop(this.hasFollower ? undefined : 0n);
    lives.start();
  }

  private follow(): void {
    const { draw, lives, build } = this;
    const { engine, disk } = lives;
    if (engine === undefined || engine.fault !== undefined) return;
    try {
      if (this.followed !== engine) {
        this.followed = engine;
        this.follower = new Follower({
          build,
          dir: "/data",
          stream: 0,
          roles: Role.Both,
          keep: 2,
          disk,
        });
      }
      this.follower?.step(16);
      if (draw.chance(0.05) && this.follower?.snapshot() !== undefined) lives.count("snapshot");
    } catch (error) {
      if ((error as { code?: string }).code === undefined) throw error;
      lives.count("follower stopped by the disk");
      this.follower = undefined;
    }
  }

  /** I3, I8 and I12, asked of the core between turns. */
  private audit(): void {
    const { lives } = this;
    const { engine, market, disk, hands, committer } = lives;
    if (engine === undefined || engine.fault !== undefined || engine.core.isBusy()) return;
    const check = engine.core.exports["moneyCheck"] as unknown as (currency: number) => bigint;
    lives.count("I3 money");
    const off = check(1);
    if (off !== 0n) throw new Violation("I3", `money is off by ${off}`);
    lives.count("I12 queues");
    const waits = [hands.waiting, committer?.waiting ?? 0, disk.openCount];
    if (Math.max(...waits) > QUEUE_MAX)
      throw new Violation("I12", `timers, syncs, files: ${waits.join()}`);
    const gap = market.gaps[0];
    if (gap === undefined) return;
    throw new Violation("I8", `id ${gap.received} came for ${gap.expected}, and nobody was told`);
  }

  // ---------------------------------------------------------------------------- liveness

  /** Whoever fell starts, now that nothing is in the way. */
  private revive(): void {
    const { lives } = this;
    if (lives.engine !== undefined && lives.engine.fault === undefined) return;
    if (lives.engine !== undefined) lives.die("kill");
    if (!lives.start()) throw new Violation("liveness", "a healthy disk lets nothing start");
  }

  /** All faults end; within HEAL_MILLIS everything that waits has come to an end. */
  private async heal(): Promise<void> {
    const { lives } = this;
    const { disk, hands, venue, witness } = lives;
    lives.calm(NO_FAULTS);
    disk.isFull = false;
    hands.freezeWall(false);
    venue.habits = { ...HABITS, ...QUIET };
    this.revive();
    // A report that was lost on a link that stayed up is heard of when it comes up again.
    venue.disconnect();
    venue.open();
    for (let passed = 0; passed < HEAL_MILLIS; passed += HEAL_STEP_MILLIS) {
      hands.pass(HEAL_STEP_MILLIS);
      // Nobody but us knows that it has something to do.
      if (!venue.isConnected) venue.advance(hands.nowMillis * 1e6);
      lives.committer?.step();
      this.revive();
    }
    const lastSequence = lives.engine?.core.sequence ?? 0;
    // Once a second the engine asks for what no later turn asks for.
    hands.pass(HOUSE_MILLIS);
    lives.committer?.step();
    const { engine } = lives;
    if (engine === undefined || engine.fault !== undefined) {
      throw new Violation("liveness", `the engine stopped: ${String(engine?.fault)}`);
    }
    this.audit();
    lives.count("liveness");
    if (engine.core.isBusy()) throw new Violation("liveness", "inputs wait");
    for (const [id] of witness.unresolved()) {
      const state = JSON.stringify(witness.orders.get(id));
      throw new Violation("liveness", `order ${id} still waits: ${state}`);
    }
    if (venue.repeated > 0) throw new Violation("I5", `${venue.repeated} orders came twice`);
    const [ours, theirs] = [witness.held(ROUTED), venue.positions.get(ROUTED) ?? 0];
    lives.count("I3 venue");
    if (ours !== theirs) throw new Violation("I3", `${ours} lots, the venue says ${theirs}`);
    const { syncedSequence } = engine.kept!.journal;
    if (syncedSequence < lastSequence) {
      throw new Violation("liveness", `durable ${syncedSequence}, written ${lastSequence} before`);
    }
    lives.die(this.draw.chance(0.5) ? "power" : "kill");
    if (!lives.start()) throw new Violation("liveness", "no start at the end");
    lives.end();
  }
}

const QUIET = {
  ...{ latencyNanosMin: 1e5, latencyNanosMax: 2e6, timeoutMillis: 60, outageNanos: 1e8 },
  ...{ rejectRate: 0, lossRate: 0, requestLossRate: 0, duplicateRate: 0, outageRate: 0 },
};
