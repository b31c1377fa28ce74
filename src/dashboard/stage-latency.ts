// Latency of each stage from the engine's Prometheus text: percentiles over the last minute.
//
// A histogram counts since the start, and a bad second an hour ago should not color the present; so
// scrapes are kept for a minute and the oldest is subtracted from the newest. Buckets hold a range,
// not values: a percentile is interpolated inside its bucket, a maximum is the bucket's edge.

/** Stages in the order a tick passes them, then the whole. */
export const STAGES = ["recv", "parse", "ring", "core", "journal", "send", "total"] as const;
/** What all stages together may take. */
export const TARGET_SECONDS = 0.01;
/** Time between two scrapes. */
export const SCRAPE_MILLIS = 2000;
/** Scrapes kept: a minute of them. */
export const SCRAPES_MAX = 60_000 / SCRAPE_MILLIS + 1;

const BUCKET_LINE = /^alphapulse_(?:[a-z0-9]+_)*stage_seconds_bucket\{([^}]*)\}\s+(\S+)/;

/** Cumulative counts at ascending upper edges in seconds; the last edge is Infinity. */
export interface Buckets {
  edges: number[];
  counts: number[];
}

/** One row of the table, in seconds; NaN without a sample. */
export interface StageRow {
  stage: string;
  count: number;
  p50: number;
  p99: number;
  /** Upper edge of the highest bucket in use. */
  max: number;
  /** True when the last minute had no sample and the row counts from the engine's start. */
  sinceStart: boolean;
}

/** Histograms by stage from a scrape; lines of other metrics and other labels are skipped. */
export function parseStages(text: string): Map<string, Buckets> {
  const stages = new Map<string, Buckets>();
  for (const line of text.split("\n")) {
    const found = BUCKET_LINE.exec(line);
    if (found === null) continue;
    const stage = labelOf(found[1] ?? "", "stage");
    const le = labelOf(found[1] ?? "", "le");
    const count = Number(found[2]);
    if (stage === undefined || le === undefined || !Number.isFinite(count)) continue;
    addBucket(stages, stage, le === "+Inf" ? Infinity : Number(le), count);
  }
  return stages;
}

/**
 * The value below which a share `p` of the samples lies, in seconds: interpolated in its bucket;
 * the highest finite edge when it lies above all of them; NaN without samples.
 */
export function percentile({ edges, counts }: Buckets, p: number): number {
  const total = counts.at(-1) ?? 0;
  if (total === 0) return NaN;
  const rank = p * total;
  const at = counts.findIndex((count) => count >= rank && count > 0);
  const upper = edges[at] as number;
  const lower = at === 0 ? 0 : (edges[at - 1] as number);
  if (upper === Infinity) return lower;
  const before = at === 0 ? 0 : (counts[at - 1] as number);
  const inside = (counts[at] as number) - before;
  return inside === 0 ? upper : lower + ((upper - lower) * (rank - before)) / inside;
}

/** Upper edge of the highest bucket with a sample; Infinity beyond the edges, NaN without any. */
export function maximum({ edges, counts }: Buckets): number {
  const total = counts.at(-1) ?? 0;
  if (total === 0) return NaN;
  return edges[counts.findIndex((count) => count === total)] as number;
}

/** What came between two scrapes; all of `now` when the engine has restarted in between. */
export function difference(now: Buckets, before: Buckets | undefined): Buckets {
  if (before === undefined || before.edges.length !== now.edges.length) return now;
  const counts = now.counts.map((count, at) => count - (before.counts[at] as number));
  return counts.some((count) => count < 0) ? now : { edges: now.edges, counts };
}

/** The last minute of scrapes. */
export class StageWindow {
  #scrapes: Map<string, Buckets>[] = [];

  /** Takes a scrape and returns a row for every stage, known or not. */
  push(text: string): StageRow[] {
    const now = parseStages(text);
    this.#scrapes.push(now);
    if (this.#scrapes.length > SCRAPES_MAX) this.#scrapes.shift();
    const oldest = this.#scrapes.length > 1 ? this.#scrapes[0] : undefined;
    return STAGES.map((stage) => rowOf(stage, now.get(stage), oldest?.get(stage)));
  }
}

function rowOf(stage: string, now: Buckets | undefined, before: Buckets | undefined): StageRow {
  const whole = now ?? { edges: [], counts: [] };
  const recent = difference(whole, before);
  const sinceStart = before === undefined || (recent.counts.at(-1) ?? 0) === 0;
  const used = sinceStart ? whole : recent;
  const count = used.counts.at(-1) ?? 0;
  const [p50, p99] = [percentile(used, 0.5), percentile(used, 0.99)];
  return { stage, count, p50, p99, max: maximum(used), sinceStart };
}

function addBucket(stages: Map<string, Buckets>, stage: string, edge: number, count: number): void {
  const buckets = stages.get(stage) ?? { edges: [], counts: [] };
  stages.set(stage, buckets);
  const at = buckets.edges.indexOf(edge);
  // Series that differ in a further label (topology, worker) add up to the stage.
  if (at >= 0) buckets.counts[at] = (buckets.counts[at] as number) + count;
  else {
    buckets.edges.push(edge);
    buckets.counts.push(count);
  }
}

function labelOf(labels: string, name: string): string | undefined {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
}
