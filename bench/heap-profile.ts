// Counts the objects a thread allocates, with V8's own sampling heap profiler at its finest step.
//
// At a step of one byte every allocation is a sample, also in compiled code and also when the
// object dies at once. What compiled code allocates in one go (a number folded into its holder)
// counts once; what the optimizer proved away does not exist and does not count.
import { Session } from "node:inspector";
import type { ProfileAnswer } from "./journey-plan.ts";

const PLACES_MAX = 40;

/** The profile as the protocol gives it; Node's types leave out ids and samples. */
interface Node {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children: Node[];
}
interface Profile {
  head: Node;
  samples: { nodeId: number; size: number }[];
}

interface Place {
  place: string;
  objects: number;
  bytes: number;
}

/** The profiler of the calling thread. */
export class HeapProfile {
  private readonly session = new Session();

  /** Begins to count; everything allocates more slowly from here on. */
  async start(): Promise<void> {
    this.session.connect();
    await this.post("HeapProfiler.startSampling", {
      samplingInterval: 1,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  }

  /** Ends counting. */
  async stop(): Promise<ProfileAnswer> {
    const { profile } = (await this.post("HeapProfiler.stopSampling", {})) as {
      profile: Profile;
    };
    this.session.disconnect();
    const places = new Map<number, Place>();
    walk(profile.head, "", places);
    let objects = 0;
    let bytes = 0;
    for (const { nodeId, size } of profile.samples) {
      const place = places.get(nodeId);
      if (place === undefined) continue;
      place.objects += 1;
      place.bytes += size;
      objects += 1;
      bytes += size;
    }
    return { objects, bytes, places: merge(places) };
  }

  private post(method: string, parameters: object): Promise<unknown> {
    return new Promise((done, fail) => {
      this.session.post(method, parameters, (error, result) => {
        if (error === null) done(result);
        else fail(error);
      });
    });
  }
}

function walk(node: Node, above: string, places: Map<number, Place>): void {
  const { functionName, url, lineNumber } = node.callFrame;
  const file = url.split("/").at(-1) ?? "";
  const own = `${functionName === "" ? "(anonymous)" : functionName} ${file}:${lineNumber + 1}`;
  places.set(node.id, { place: above === "" ? own : `${own} < ${above}`, objects: 0, bytes: 0 });
  for (const child of node.children) walk(child, own, places);
}

function merge(places: Map<number, Place>): Place[] {
  const merged = new Map<string, Place>();
  for (const { place, objects, bytes } of places.values()) {
    if (objects === 0) continue;
    const sum = merged.get(place) ?? { place, objects: 0, bytes: 0 };
    sum.objects += objects;
    sum.bytes += bytes;
    merged.set(place, sum);
  }
  return [...merged.values()].sort((a, b) => b.objects - a.objects).slice(0, PLACES_MAX);
}
