// The frame of an incident's page: what is open, how to open something, and where panels stand.
import { useEffect, useRef } from "preact/hooks";
import { stepValueText } from "./incident-names.ts";
import { IncidentAccounts, IncidentFills, IncidentOrders } from "./incident-account.tsx";
import { IncidentBook } from "./incident-book.tsx";
import { IncidentChart } from "./incident-chart.tsx";
import { INCIDENT_KEYS, toggleTheme } from "./incident-keys.ts";
import type { Opened } from "./incident-link.ts";
import { IncidentRecord } from "./incident-record.tsx";
import type { IncidentState, Phase } from "./incident-state.ts";
import { IncidentTimeline } from "./incident-timeline.tsx";
import { KeyHelp, ThemeAndHelp } from "./key-help.tsx";

/** Everything below the body. */
export function IncidentApp({ state }: { state: IncidentState }) {
  const phase = state.phase.value;
  const fault = state.fault.value;
  return (
    <>
      <Head state={state} />
      {fault && (
        <div class="notice" role="alert">
          <span>
            <strong>{fault.code}</strong> {fault.what} <span class="faint">{fault.remedy}</span>
          </span>
          <button class="plain" onClick={() => (state.fault.value = undefined)}>
            Dismiss
          </button>
        </div>
      )}
      {phase.is === "open" ? <Open state={state} /> : <Door state={state} phase={phase} />}
      <KeyHelp open={state.helpOpen} keys={INCIDENT_KEYS} />
      <Facts state={state} />
    </>
  );
}

function Open({ state }: { state: IncidentState }) {
  return (
    <>
      <IncidentTimeline state={state} />
      <main class="incident-grid">
        <IncidentRecord state={state} />
        <IncidentChart state={state} />
        <IncidentBook state={state} />
        <IncidentOrders state={state} />
        <div class="incident-side">
          <IncidentAccounts state={state} />
          <IncidentFills state={state} />
        </div>
      </main>
    </>
  );
}

function Head({ state }: { state: IncidentState }) {
  const opened = state.opened.value;
  const isLight = state.theme.value === "light";
  return (
    <header class="header">
      <div class="brand">
        <h1>AlphaPulse</h1>
      </div>
      <span class="pill">Incident</span>
      {opened && (
        <>
          <span class="stat name" title={state.name} data-testid="name">
            {state.name}
          </span>
          <Verdict opened={opened} />
        </>
      )}
      <div class="spring" />
      {opened && (
        <>
          <button class="plain" onClick={() => (state.factsOpen.value = true)} title="(i)">
            In the file
          </button>
          <Chooser state={state} text="Open another" />
        </>
      )}
      <ThemeAndHelp isLight={isLight} onTheme={() => toggleTheme(state)} open={state.helpOpen} />
    </header>
  );
}

/** Whether this replay came to the state that was recorded. */
export function Verdict({ opened }: { opened: Opened }) {
  const { end, manifest } = opened;
  const recorded = manifest?.stateHash ?? "";
  const points = end.checkpoints === 1 ? "1 checkpoint" : `${end.checkpoints} checkpoints`;
  const isWrong = end.trap !== "" || (recorded !== "" && recorded !== end.stateHash);
  const words = isWrong
    ? end.trap !== ""
      ? "Replay ended early"
      : "State differs"
    : recorded !== ""
      ? "State equal"
      : end.checkpoints > 0
        ? "Checkpoint equal"
        : "Nothing to compare";
  const isGood = !isWrong && (recorded !== "" || end.checkpoints > 0);
  const title = [
    `state hash behind sequence ${end.sequence}: ${end.stateHash || "none"}`,
    `recorded: ${recorded || "none"}`,
    `checkpoints of the engine that agree: ${end.checkpoints}`,
    ...(end.trap === "" ? [] : [end.trap]),
  ].join("\n");
  const tone = isWrong ? "bad" : isGood ? "good" : "";
  return (
    <span class={`pill verdict ${tone}`} role="status" title={title} data-testid="verdict">
      <i class="dot" />
      {words}
      {isGood && end.checkpoints > 0 && <small>{points}</small>}
    </span>
  );
}

function Chooser({ state, text }: { state: IncidentState; text: string }) {
  return (
    <label class="plain chooser">
      {text}
      <input
        type="file"
        multiple
        data-testid="files"
        onChange={(event) => {
          const field = event.currentTarget;
          state.open([...(field.files ?? [])]);
          field.value = "";
        }}
      />
    </label>
  );
}

/** What is seen before anything is open: how to open, how far it is, or why it did not. */
function Door({ state, phase }: { state: IncidentState; phase: Phase }) {
  if (phase.is === "reading") {
    const percent = Math.round(phase.share * 100);
    return (
      <main class="door" aria-busy="true">
        <h2>
          {phase.part} {phase.name}
        </h2>
        <progress max={100} value={percent} aria-label={phase.part} data-testid="progress" />
        <p class="faint">{percent} %</p>
      </main>
    );
  }
  const failed = phase.is === "failed" ? phase : undefined;
  return (
    <main class="door" data-testid="door">
      {failed && (
        <div class="door-fault" role="alert" data-testid="fault">
          <h2>{failed.name} does not open</h2>
          <p>{failed.fault.what}</p>
          <p class="remedy">{failed.fault.remedy}</p>
          <code>{failed.fault.code}</code>
        </div>
      )}
      <div class="drop">
        <h2>Drop an incident file here</h2>
        <Chooser state={state} text="Choose a file" />
        <p class="faint">
          Everything is replayed in this page by the engine’s own core. Nothing is uploaded.
        </p>
      </div>
      <dl class="door-help">
        <dt>Make one</dt>
        <dd>
          <code>npx alphapulse incident export --around 120345 --seconds 60</code>
        </dd>
        <dt>Or a journal</dt>
        <dd>
          segment-*.apj together with the core.wasm that wrote them, and the snapshot-*.aps before
          them.
        </dd>
      </dl>
    </main>
  );
}

function Facts({ state }: { state: IncidentState }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = state.factsOpen.value;
  const opened = state.opened.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      class="help facts"
      aria-label="In the file"
      onClose={() => (state.factsOpen.value = false)}
    >
      <h2>In the file</h2>
      {opened && (
        <dl>
          {factsOf(opened).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {opened?.texts["configuration.json"] && (
        <details>
          <summary>Configuration</summary>
          <pre>{opened.texts["configuration.json"]}</pre>
        </details>
      )}
      {opened?.texts["metrics.txt"] && (
        <details>
          <summary>Metrics</summary>
          <pre>{opened.texts["metrics.txt"]}</pre>
        </details>
      )}
      <button class="plain" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}

function factsOf(opened: Opened): [name: string, value: string][] {
  const { manifest, end, core, snapshotSequence } = opened;
  const rows: [string, string][] = [
    ["Slice", `sequence ${opened.firstSequence} to ${end.sequence}`],
    ["Begins", snapshotSequence === 0 ? "with the journal" : `behind ${snapshotSequence}`],
    ["Core", core.slice(0, 16)],
    ["State hash", end.stateHash || end.trap],
    ["Checkpoints", String(end.checkpoints)],
    ["Size", stepValueText(opened.bytes)],
  ];
  if (end.tornBytes > 0) rows.push(["Torn", `${end.tornBytes} bytes behind the last whole block`]);
  if (opened.eventsLeft > 0) rows.push(["Events not listed", String(opened.eventsLeft)]);
  if (opened.refused.length > 0) rows.push(["Snapshots not used", opened.refused.join("; ")]);
  if (manifest === undefined) return rows;
  if (manifest.note !== "") rows.unshift(["Note", manifest.note]);
  return [
    ...rows,
    ["Recorded hash", manifest.stateHash || manifest.trap],
    ["Exported", `${manifest.createdUtc}, engine ${manifest.engine}, Node ${manifest.node}`],
    ["Journal written by", manifest.writtenBy.join(", ")],
    ["Left out", manifest.optionsLeftOut.join(", ")],
  ];
}
