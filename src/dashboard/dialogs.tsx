// What asks before it does: the key that unlocks trading, and the kill switch.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Page } from "./page.ts";

/** Both dialogs; closed unless the page asks for one. */
export function Dialogs({ page }: { page: Page }) {
  const open = page.dialog.value;
  return (
    <>
      {open === "unlock" && <Unlock page={page} />}
      {open === "kill" && <Kill page={page} />}
    </>
  );
}

interface ModalProps {
  page: Page;
  label: string;
  children: ComponentChildren;
}

function Modal({ page, label, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="help asking"
      aria-label={label}
      onClose={() => (page.dialog.value = "none")}
    >
      <h2>{label}</h2>
      {children}
    </dialog>
  );
}

function Unlock({ page }: { page: Page }) {
  const { trader, dialog } = page;
  const [pem, setPem] = useState("");
  const access = trader.access.value;
  const unlock = async (event: Event): Promise<void> => {
    event.preventDefault();
    const [balance] = page.store.own.balances.values();
    await trader.unlock(pem, balance?.account ?? 0);
    if (trader.access.peek().phase === "open") dialog.value = "none";
  };
  return (
    <Modal page={page} label="Unlock trading">
      <p>
        The link to this page may only read. To trade, paste the text of a trading key, which lies
        on the engine's machine:
      </p>
      <pre>.alphapulse/keys/trader.pem</pre>
      <form onSubmit={(event) => void unlock(event)}>
        <textarea
          rows={4}
          spellcheck={false}
          autoFocus
          aria-label="Trading key"
          data-testid="key"
          placeholder="-----BEGIN PRIVATE KEY-----"
          value={pem}
          onInput={(event) => setPem(event.currentTarget.value)}
        />
        <p class="faint">It stays in this tab's memory: a reload or “Lock” forgets it.</p>
        {access.phase === "locked" && access.why !== "" && (
          <p class="down" role="alert" data-testid="unlock-fault">
            {access.why}
          </p>
        )}
        <div class="choices">
          <button class="plain" type="button" onClick={() => (dialog.value = "none")}>
            Cancel
          </button>
          <button
            class="plain strong"
            type="submit"
            disabled={pem.trim() === "" || access.phase === "unlocking"}
            data-testid="unlock"
          >
            {access.phase === "unlocking" ? "Unlocking" : "Unlock"}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** On and off both need a typed word: no slip of a finger stops or starts trading. */
function Kill({ page }: { page: Page }) {
  const { trader, dialog, store } = page;
  const [word, setWord] = useState("");
  void store.versions.own.value;
  const isOn = [...store.own.balances.values()].some((one) => one.killed !== 0);
  const wanted = isOn ? "RELEASE" : "KILL";
  const isOpen = trader.access.value.phase === "open";
  const act = (event: Event): void => {
    event.preventDefault();
    if (word !== wanted) return;
    trader.kill(!isOn);
    dialog.value = "none";
  };
  if (!isOpen) {
    return (
      <Modal page={page} label="Kill switch">
        <p>This page may only read. The kill switch needs a trading key.</p>
        <div class="choices">
          <button class="plain" onClick={() => (dialog.value = "none")}>
            Cancel
          </button>
          <button class="plain strong" autoFocus onClick={() => (dialog.value = "unlock")}>
            Unlock trading
          </button>
        </div>
      </Modal>
    );
  }
  return (
    <Modal page={page} label={isOn ? "Release the kill switch" : "Kill switch"}>
      <p>
        {isOn
          ? "Orders of this account will be taken again. Canceled orders do not come back."
          : "Cancels every open order of this account and refuses new ones, also those of its " +
            "strategies, until it is released; a restart does not release it. Positions stay open."}
      </p>
      <form onSubmit={act}>
        <label class="field">
          <span>
            Type <b>{wanted}</b> to confirm
          </span>
          <input
            autoFocus
            autoComplete="off"
            value={word}
            data-testid="kill-word"
            onInput={(event) => setWord(event.currentTarget.value.toUpperCase())}
          />
        </label>
        <div class="choices">
          <button class="plain" type="button" onClick={() => (dialog.value = "none")}>
            Cancel
          </button>
          <button
            class={isOn ? "plain strong" : "plain danger"}
            type="submit"
            disabled={word !== wanted}
            data-testid="kill"
          >
            {isOn ? "Release" : "Kill"}
          </button>
        </div>
      </form>
    </Modal>
  );
}
