// The time line: equity, marks of events, the cursor, and the controls that move it.
import { useMemo, useRef } from "preact/hooks";
import type { EventGroup } from "../incident/walk-index.ts";
import { timeText } from "./format.ts";
import { GROUP_NAMES, type Opened, type Place } from "./incident-link.ts";
import { codeOf, moneyOf, timeOf } from "./incident-names.ts";
import { SPEEDS, type IncidentState } from "./incident-state.ts";

/** Width of the drawing in its own units: marks closer than one unit are one mark. */
const WIDTH = 1000;
const CURVE_HEIGHT = 44;
const LANE_HEIGHT = 7;
const HEIGHT = CURVE_HEIGHT + GROUP_NAMES.length * LANE_HEIGHT + 4;

const GROUP_WORDS: Record<EventGroup, string> = {
  fill: "Fills",
  denied: "Denials",
  risk: "Risk, kill switch",
  gap: "Gaps, trust",
  engine: "Engine",
};

interface Scale {
  fromMillis: number;
  toMillis: number;
}

/** Time line and controls. */
export function IncidentTimeline({ state }: { state: IncidentState }) {
  const opened = state.opened.value;
  if (opened === undefined) return null;
  return (
    <section class="timeline panel" aria-label="Time line">
      <Line state={state} opened={opened} />
      <Controls state={state} opened={opened} />
    </section>
  );
}

/** From the first moment of the range that was asked for, or of the slice. */
function scaleOf(opened: Opened): Scale {
  const { samples } = opened;
  const first = samples.find(({ sequence }) => sequence >= opened.firstSequence) ?? samples[0];
  const toMillis = samples.at(-1)?.millis ?? 1;
  // The first input of a journal may be of before its clock was set.
  const fromMillis = Math.max(first?.millis ?? 0, toMillis - 7 * 86_400_000);
  return { fromMillis, toMillis: Math.max(toMillis, fromMillis + 1) };
}

function place(millis: number, { fromMillis, toMillis }: Scale): number {
  const share = (millis - fromMillis) / (toMillis - fromMillis);
  return Math.max(0, Math.min(WIDTH, share * WIDTH));
}

function Line({ state, opened }: { state: IncidentState; opened: Opened }) {
  const element = useRef<SVGSVGElement>(null);
  const scale = useMemo(() => scaleOf(opened), [opened]);
  const marks = useMemo(() => marksOf(opened, scale), [opened]);
  const curve = useMemo(() => curveOf(opened, scale), [opened]);
  const shown = state.shown.value;
  const millis = shown === undefined ? scale.fromMillis : Number(shown.tsNanos / 1000n) / 1000;
  const x = place(millis, scale);
  const scrub = (event: PointerEvent): void => {
    const box = element.current?.getBoundingClientRect();
    if (box === undefined || event.buttons === 0) return;
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    state.pause();
    state.go({ millis: scale.fromMillis + share * (scale.toMillis - scale.fromMillis) });
  };
  return (
    <div
      class="line"
      role="slider"
      tabIndex={0}
      aria-label="Place in the slice"
      aria-valuemin={opened.firstSequence}
      aria-valuemax={opened.end.sequence}
      aria-valuenow={shown?.sequence ?? opened.firstSequence}
      data-testid="line"
    >
      <svg
        ref={element}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          scrub(event);
        }}
        onPointerMove={scrub}
      >
        {curve.points !== "" && <polyline class="curve" points={curve.points} />}
        {marks.map(({ at, lane, count }) => (
          <rect
            key={`${lane}/${at}`}
            class={`mark mark-${GROUP_NAMES[lane]}`}
            x={at}
            y={CURVE_HEIGHT + lane * LANE_HEIGHT}
            width={2}
            height={LANE_HEIGHT - 2}
            opacity={count > 4 ? 1 : 0.55 + count * 0.1}
          />
        ))}
        <line class="cursor" x1={x} x2={x} y1={0} y2={HEIGHT} />
      </svg>
      <div class="line-text">
        <span>{timeText(scale.fromMillis)}</span>
        <span class="spring" />
        <span>{curve.text}</span>
        <span class="spring" />
        <span>{timeText(scale.toMillis)}</span>
      </div>
    </div>
  );
}

/** Events of one unit of width and group as one mark. */
function marksOf(opened: Opened, scale: Scale): { at: number; lane: number; count: number }[] {
  const counts = new Map<number, number>();
  const { millis, group } = opened.marks;
  for (let at = 0; at < millis.length; at += 1) {
    const key = Math.round(place(millis[at]!, scale)) * 8 + group[at]!;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => ({ at: key >> 3, lane: key & 7, count }));
}

/** The equity of the account that moved most. */
function curveOf(opened: Opened, scale: Scale): { points: string; text: string } {
  const { samples } = opened;
  let best = "";
  let span = 0;
  let [bestLow, bestHigh] = [0, 0];
  for (const key of Object.keys(samples.at(-1)?.equityMinor ?? {})) {
    const values = samples.flatMap(({ equityMinor }) => equityMinor[key] ?? []);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    if (high - low <= span) continue;
    [best, span, bestLow, bestHigh] = [key, high - low, low, high];
  }
  if (best === "") return { points: "", text: "no equity moved" };
  const points = samples
    .filter(({ equityMinor }) => equityMinor[best] !== undefined)
    .map(({ millis, equityMinor }) => {
      const share = (equityMinor[best]! - bestLow) / span;
      const y = CURVE_HEIGHT - 4 - share * (CURVE_HEIGHT - 8);
      return `${place(millis, scale).toFixed(1)},${y.toFixed(1)}`;
    });
  const [account = "", currency = "0"] = best.split("/");
  const money = (minor: number): string => moneyOf(opened, minor, Number(currency));
  const code = codeOf(opened, Number(currency));
  const text = `equity of account ${account}: ${money(bestLow)} to ${money(bestHigh)} ${code}`;
  return { points: points.join(" "), text };
}

function Controls({ state, opened }: { state: IncidentState; opened: Opened }) {
  const shown = state.shown.value;
  const isPlaying = state.playing.value;
  const button = (text: string, label: string, act: () => void, testid = "") => (
    <button class="plain" title={label} aria-label={label} onClick={act} data-testid={testid}>
      {text}
    </button>
  );
  return (
    <div class="controls">
      <div class="buttons">
        {button("|‹", "Beginning (Home)", () => state.go({ sequence: opened.firstSequence }))}
        {button("‹ event", "Last event (Shift ←)", () => state.stepEvent(-1), "event-back")}
        {button("‹", "One input back (←)", () => state.step(-1), "back")}
        {button(isPlaying ? "❚❚" : "▶", "Play or pause (Space)", () => state.togglePlay(), "play")}
        {button("›", "One input forwards (→)", () => state.step(1), "forward")}
        {button("event ›", "Next event (Shift →)", () => state.stepEvent(1), "event")}
        {button("›|", "End (End)", () => state.go({ sequence: opened.end.sequence }), "end")}
      </div>
      <select
        class="select"
        aria-label="Speed"
        value={String(state.speed.value)}
        onChange={(event) => (state.speed.value = Number(event.currentTarget.value))}
      >
        {SPEEDS.map((speed) => (
          <option key={speed} value={String(speed)}>
            {speed}×
          </option>
        ))}
      </select>
      <Groups state={state} opened={opened} />
      <span class="spring" />
      <span class="stat where" data-testid="where">
        {shown === undefined ? "" : `${timeOf(shown.tsNanos)} UTC`}
      </span>
      <Goto state={state} opened={opened} />
    </div>
  );
}

function Groups({ state, opened }: { state: IncidentState; opened: Opened }) {
  const counts = useMemo(() => {
    const all = GROUP_NAMES.map(() => 0);
    for (const group of opened.marks.group) all[group]! += 1;
    return all;
  }, [opened]);
  return (
    <div class="groups" role="group" aria-label="Events to step through">
      {GROUP_NAMES.map((name, lane) => (
        <button
          key={name}
          class={`group mark-${name}`}
          aria-pressed={state.group.value === name}
          disabled={counts[lane] === 0}
          data-testid={`group-${name}`}
          onClick={() => (state.group.value = state.group.peek() === name ? "all" : name)}
        >
          <i />
          {GROUP_WORDS[name]} <small>{counts[lane]?.toLocaleString("en-US")}</small>
        </button>
      ))}
    </div>
  );
}

function Goto({ state, opened }: { state: IncidentState; opened: Opened }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const field = event.currentTarget.elements.namedItem("place") as HTMLInputElement;
        const at = placeOf(field.value, opened);
        field.setCustomValidity(at === undefined ? "A sequence, or a time as 03:24:29.5" : "");
        if (at === undefined) field.reportValidity();
        else state.go(at);
      }}
    >
      <input
        class="filter"
        name="place"
        placeholder="sequence or 03:24:29.5"
        aria-label="Go to a sequence or a time of day (UTC)"
        data-testid="goto"
        onInput={(event) => event.currentTarget.setCustomValidity("")}
      />
    </form>
  );
}

/** A sequence, a time of day in the slice's last day, or a whole time. */
export function placeOf(text: string, opened: Opened): Place | undefined {
  const trimmed = text.trim().replaceAll(",", "");
  if (/^\d+$/.test(trimmed)) return { sequence: Number(trimmed) };
  const isTimeOfDay = /^\d\d?:\d\d(:\d\d(\.\d+)?)?$/.test(trimmed);
  const day = new Date(opened.samples.at(-1)?.millis ?? 0).toISOString().slice(0, 11);
  const padded = trimmed.padStart(trimmed.indexOf(":") === 1 ? trimmed.length + 1 : 0, "0");
  const millis = Date.parse(isTimeOfDay ? `${day}${padded}Z` : trimmed);
  return Number.isNaN(millis) ? undefined : { millis };
}
