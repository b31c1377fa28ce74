// State of an incident's page: what is open, where the cursor is, what plays; and its thread.
//
// Every move is a question to the thread. While one is under way only the newest wish is kept, so
// that a dragged time line never queues behind itself.
//
// tidy: tested by test/acceptance/incident.test.ts
import { signal } from "@preact/signals";
import type { EventGroup } from "../incident/walk-index.ts";
import { GROUP_NAMES } from "./incident-link.ts";
import type { Answer, Ask, Opened, Place, Shown } from "./incident-link.ts";
import type { Fault } from "./store.ts";
import type { Theme } from "./theme.ts";

/** Set when the page is built: the code of its thread. */
declare const INCIDENT_WORKER_CODE: string;

/** Factors of engine time for playing. */
export const SPEEDS = [0.1, 1, 10, 60, 600] as const;

export type Phase =
  | { is: "empty" }
  | { is: "reading"; name: string; part: string; share: number }
  | { is: "open" }
  | { is: "failed"; name: string; fault: Fault & { code: string } };

/** The page's one state. */
export class IncidentState {
  readonly phase = signal<Phase>({ is: "empty" });
  readonly opened = signal<Opened | undefined>(undefined);
  readonly shown = signal<Shown | undefined>(undefined);
  readonly instrument = signal(0);
  readonly timeframe = signal(0);
  readonly group = signal<EventGroup | "all">("all");
  readonly playing = signal(false);
  readonly speed = signal<number>(1);
  readonly fault = signal<(Fault & { code: string }) | undefined>(undefined);
  readonly theme;
  readonly helpOpen = signal(false);
  readonly factsOpen = signal(false);
  #worker: Worker | undefined;
  #id = 0;
  #isBusy = false;
  #wish: Ask | undefined;
  #name = "";
  #playMillis = 0;
  #playedAt = 0;

  constructor(theme: Theme) {
    this.theme = signal(theme);
  }

  /** Opens files; what was open is gone. */
  open(files: readonly File[]): void {
    if (files.length === 0) return;
    this.pause();
    this.#worker?.terminate();
    this.#worker = makeWorker((answer) => this.#take(answer));
    this.#isBusy = true;
    this.#wish = undefined;
    this.opened.value = undefined;
    this.shown.value = undefined;
    this.fault.value = undefined;
    this.#name = files.length === 1 ? files[0]!.name : `${files.length} files`;
    this.phase.value = { is: "reading", name: this.#name, part: "Reading", share: 0 };
    this.#id += 1;
    this.#worker.postMessage({ id: this.#id, do: "open", files } satisfies Ask);
  }

  get name(): string {
    return this.#name;
  }

  /** Puts the cursor somewhere. */
  go(at: Place): void {
    const end = this.opened.peek()?.end.sequence;
    const isEnd = "sequence" in at && at.sequence === end;
    this.#id += 1;
    const [instrument, timeframe] = [this.instrument.peek(), this.timeframe.peek()];
    this.#ask({ id: this.#id, do: "show", at, instrument, timeframe, wantsHash: isEnd });
  }

  /** One input forwards or back. */
  step(by: number): void {
    const shown = this.shown.peek();
    if (shown !== undefined) this.go({ sequence: shown.sequence + by });
  }

  /** To the next or last event of the chosen group; stays when there is none. */
  stepEvent(by: 1 | -1): void {
    const [shown, opened] = [this.shown.peek(), this.opened.peek()];
    if (shown === undefined || opened === undefined) return;
    const { sequence, group } = opened.marks;
    const wanted = GROUP_NAMES.indexOf(this.group.peek() as EventGroup);
    const isWanted = (at: number): boolean => wanted < 0 || group[at] === wanted;
    if (by > 0) {
      for (let at = 0; at < sequence.length; at += 1) {
        if (sequence[at]! > shown.sequence && isWanted(at)) {
          return this.go({ sequence: sequence[at]! });
        }
      }
    } else {
      for (let at = sequence.length - 1; at >= 0; at -= 1) {
        if (sequence[at]! < shown.sequence && isWanted(at)) {
          return this.go({ sequence: sequence[at]! });
        }
      }
    }
  }

  /** Engine time forwards or back. */
  stepMillis(by: number): void {
    const shown = this.shown.peek();
    if (shown === undefined) return;
    this.go({ millis: Math.max(0, Number(shown.tsNanos / 1000n) / 1000 + by) });
  }

  /** Shows another instrument or timeframe at the same place. */
  select(instrument: number, timeframe: number): void {
    this.instrument.value = instrument;
    this.timeframe.value = timeframe;
    this.step(0);
  }

  togglePlay(): void {
    if (this.playing.peek()) return this.pause();
    const [shown, opened] = [this.shown.peek(), this.opened.peek()];
    if (shown === undefined || opened === undefined) return;
    if (shown.sequence >= opened.end.sequence) this.go({ sequence: opened.firstSequence });
    this.#playedAt = 0;
    this.playing.value = true;
    requestAnimationFrame((now) => this.#frame(now));
  }

  pause(): void {
    this.playing.value = false;
  }

  #frame(now: number): void {
    const [shown, opened] = [this.shown.peek(), this.opened.peek()];
    if (!this.playing.peek() || shown === undefined || opened === undefined) return;
    if (this.#playedAt === 0) this.#playMillis = Number(shown.tsNanos / 1000n) / 1000;
    else this.#playMillis += (now - this.#playedAt) * this.speed.peek();
    this.#playedAt = now;
    if (shown.sequence >= opened.end.sequence) return this.pause();
    if (!this.#isBusy) this.go({ millis: this.#playMillis });
    requestAnimationFrame((next) => this.#frame(next));
  }

  #ask(ask: Ask): void {
    if (this.#isBusy) {
      this.#wish = ask;
      return;
    }
    this.#isBusy = true;
    this.#worker?.postMessage(ask);
  }

  #take(answer: Answer): void {
    if ("progress" in answer) {
      const { part, share } = answer.progress;
      this.phase.value = { is: "reading", name: this.#name, part, share };
      return;
    }
    this.#isBusy = false;
    if ("fault" in answer) {
      const { fault } = answer;
      if (this.opened.peek() !== undefined) this.fault.value = fault;
      else this.phase.value = { is: "failed", name: this.#name, fault };
      return this.pause();
    }
    if ("opened" in answer) this.#begin(answer.opened);
    else this.shown.value = answer.shown;
    const wish = this.#wish;
    this.#wish = undefined;
    if (wish !== undefined) this.#ask(wish);
  }

  #begin(opened: Opened): void {
    this.opened.value = opened;
    const { specs, timeframes } = opened.reference;
    const fills = opened.marks.group.indexOf(GROUP_NAMES.indexOf("fill"));
    this.instrument.value = specs[0]?.instrument ?? 0;
    this.timeframe.value = Number(timeframes[0]?.["slot"] ?? 0);
    this.phase.value = { is: "open" };
    const from = opened.manifest?.fromSequence ?? opened.firstSequence;
    this.go({ sequence: fills < 0 ? from : Math.max(from, opened.firstSequence) });
  }
}

function makeWorker(onAnswer: (answer: Answer) => void): Worker {
  const url = URL.createObjectURL(new Blob([INCIDENT_WORKER_CODE], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = ({ data }: MessageEvent<Answer>) => onAnswer(data);
  worker.onerror = ({ message }) => {
    const remedy = "keep the file: it shows what this page cannot do";
    onAnswer({ id: 0, fault: { code: "PAGE_FAULT", what: message, remedy } });
  };
  URL.revokeObjectURL(url);
  return worker;
}
