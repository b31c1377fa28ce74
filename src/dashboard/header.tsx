// The top line: product, connection, mode, clock; below it the SIMULATED banner and what is wrong.
import { useEffect, useState } from "preact/hooks";
import { AckLevel } from "../../asm/vocab.ts";
import { NO_VALUE, withSign } from "./format.ts";
import { ThemeAndHelp } from "./key-help.tsx";
import type { Page } from "./page.ts";
import type { Link } from "./store.ts";

const LEVELS: Record<number, [word: string, meaning: string]> = {
  [AckLevel.Memory]: ["memory", "Acknowledged when in memory: lost if the engine dies"],
  [AckLevel.Written]: ["written", "Acknowledged when written: survives the engine's death"],
  [AckLevel.Durable]: ["durable", "Acknowledged when on disk: survives loss of power"],
};

const PHASES: Record<Link["phase"], string> = {
  connecting: "Connecting",
  live: "Live",
  waiting: "Offline",
  locked: "No access",
};

/** Name, state and switches. */
export function Header({ page }: { page: Page }) {
  const { store } = page;
  const link = store.link.value;
  const engine = store.engine.value;
  const [level, meaning] = LEVELS[store.level.value] ?? ["?", ""];
  const isLight = page.theme.value === "light";
  return (
    <header class="header">
      <div class="brand">
        <Mark />
        <h1>AlphaPulse</h1>
      </div>
      <span class={`pill link-${link.phase}`} role="status" data-testid="link">
        <i class="dot" />
        {PHASES[link.phase]}
      </span>
      {engine && (
        <span class="pill mode" title={`${engine.engine} ${engine.build}`}>
          {engine.mode}
        </span>
      )}
      <div class="spring" />
      <PulseText page={page} />
      <span class="stat" title={meaning}>
        <small>Ack</small> {level}
      </span>
      <ThemeAndHelp isLight={isLight} onTheme={() => page.toggleTheme()} open={page.helpOpen} />
    </header>
  );
}

/** Says that no real market is behind the figures; always in sight while that is so. */
export function SimulatedBanner({ page }: { page: Page }) {
  if (!page.store.simulated.value) return null;
  return (
    <div class="simulated" role="note" data-testid="simulated">
      <strong>SIMULATED</strong>
      <span>Prices come from the built-in market simulator. No real market, no real money.</span>
    </div>
  );
}

/** A lost connection with its countdown, and the last refusal. */
export function Notices({ page }: { page: Page }) {
  const link = page.store.link.value;
  const fault = page.store.fault.value;
  return (
    <>
      {link.phase === "waiting" && <Waiting link={link} retry={() => page.retry()} />}
      {fault && (
        <div class="notice fault" role="alert">
          <span>
            <strong>{fault.what}.</strong> {fault.remedy}
          </span>
          <button class="plain" onClick={() => (page.store.fault.value = undefined)}>
            Dismiss
          </button>
        </div>
      )}
    </>
  );
}

function Waiting({ link, retry }: { link: Link & { phase: "waiting" }; retry: () => void }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((link.retryAtMillis - now) / 1000));
  return (
    <div class="notice" role="alert">
      <span>
        <strong>No connection to the engine.</strong> The figures are from before it was lost. If
        the engine has stopped, <code>npm start</code> starts it and prints a fresh link.
      </span>
      <span class="num">{seconds > 0 ? `Next try in ${seconds} s` : "Trying now"}</span>
      <button class="plain" onClick={retry}>
        Try now
      </button>
    </div>
  );
}

function PulseText({ page }: { page: Page }) {
  const pulse = page.store.pulse.value;
  return (
    <>
      <span class="stat wide" title="From this page to the engine and back">
        <small>Round trip</small> {pulse ? `${pulse.roundTripMillis.toFixed(1)} ms` : NO_VALUE}
      </span>
      <span class="stat wide" title="The engine's clock minus this machine's">
        <small>Clock</small> {skewText(pulse?.skewMillis)}
      </span>
    </>
  );
}

function skewText(millis: number | undefined): string {
  if (millis === undefined) return NO_VALUE;
  const rounded = Math.round(millis) + 0;
  return `${withSign(String(rounded), rounded)} ms`;
}

function Mark() {
  return (
    <svg viewBox="0 0 28 20" width="24" height="17" aria-hidden="true">
      <path
        d="M1 11h6l3-8 5 15 4-10 2 3h6"
        fill="none"
        stroke="currentColor"
        stroke-width="2.2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
