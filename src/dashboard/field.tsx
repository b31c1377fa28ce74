// Parts of a form: a labeled list, a switch, what is wrong.
import type { ComponentChildren } from "preact";
import type { Field } from "./ticket.ts";

/** A labeled list. */
export function Choice({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
    </label>
  );
}

interface CheckProps {
  label: string;
  title: string;
  isOn: boolean;
  set: (isOn: boolean) => void;
}

/** A labeled switch. */
export function Check({ label, title, isOn, set }: CheckProps) {
  return (
    <label class="check" title={title}>
      <input type="checkbox" checked={isOn} onChange={() => set(!isOn)} />
      {label}
    </label>
  );
}

/** Faults of the fields that were left, in words. */
export function Faults({ faults, touched }: { faults: Map<Field, string>; touched: Set<Field> }) {
  const shown = [...faults].filter(([field]) => touched.has(field));
  return (
    <ul class="faults" role="alert" data-testid="faults">
      {shown.map(([field, words]) => (
        <li key={field} id={`fault-${field}`}>
          {words}
        </li>
      ))}
    </ul>
  );
}
