// Keyboard help of every page, and the two buttons that end its header.
import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** Keys and what they do, in the order they are shown. */
export type KeyList = readonly (readonly [keys: string, does: string])[];

/** Keys of the trading page. */
export const TRADING_KEYS: KeyList = [
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
export function KeyHelp({ open, keys }: { open: Signal<boolean>; keys: KeyList }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = open.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-label="Keyboard help"
      onClose={() => (open.value = false)}
    >
      <h2>Keyboard</h2>
      <dl>
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
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

/** Theme and help. */
export function ThemeAndHelp(props: {
  isLight: boolean;
  onTheme: () => void;
  open: Signal<boolean>;
}) {
  const { isLight, onTheme, open } = props;
  return (
    <>
      <button
        class="icon"
        onClick={onTheme}
        aria-label={`Switch to the ${isLight ? "dark" : "light"} theme`}
        title="Theme (t)"
      >
        {isLight ? "☾" : "☀"}
      </button>
      <button
        class="icon"
        onClick={() => (open.value = true)}
        aria-label="Keyboard help"
        title="Keyboard help (?)"
      >
        ?
      </button>
    </>
  );
}
