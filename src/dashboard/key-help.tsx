// Keyboard help: the one list of keys.
import { useEffect, useRef } from "preact/hooks";
import type { Page } from "./page.ts";

const KEYS: [keys: string, does: string][] = [
  ["↑ ↓", "previous or next instrument"],
  ["/", "filter instruments"],
  ["1 – 9", "timeframe, shortest first"],
  ["o", "order ticket"],
  ["k", "kill switch"],
  ["t", "dark or light"],
  ["?", "this help"],
  ["Esc", "close, or leave a field"],
];

/** The dialog behind `?`. */
export function KeyHelp({ page }: { page: Page }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = page.helpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-label="Keyboard help"
      onClose={() => (page.helpOpen.value = false)}
    >
      <h2>Keyboard</h2>
      <dl>
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button class="plain" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
