// The input at the cursor, field by field, and what the core said to it.
import type { DecodedRecord } from "../protocol.ts";
import { NO_VALUE } from "./format.ts";
import type { Opened } from "./incident-link.ts";
import { fieldText, stepsOf, tellingFields, timeOf } from "./incident-names.ts";
import type { IncidentState } from "./incident-state.ts";

/** Words of blocks of kinds that are inputs, for the reader. */
const BLOCKS: Record<number, string> = {
  0x01: "clock and control",
  0x02: "configuration",
  0x03: "market data",
  0x04: "market data of a worker",
  0x05: "command or report",
};

/** The record and its outputs. */
export function IncidentRecord({ state }: { state: IncidentState }) {
  const [opened, shown] = [state.opened.value, state.shown.value];
  if (opened === undefined || shown === undefined) return <section class="panel record" />;
  const { record, outputs } = shown;
  const isStart = shown.sequence < opened.firstSequence;
  return (
    <section class="panel record" aria-label="Record at the cursor">
      <div class="panel-head">
        <h2>Input</h2>
        <strong data-testid="record-name">{record?.name ?? NO_VALUE}</strong>
        <span class="spring" />
        <span class="stat num">{shown.sequence.toLocaleString("en-US")}</span>
      </div>
      <div class="scroll" tabIndex={0} data-testid="record">
        {record === undefined ? (
          <p class="empty">
            {isStart
              ? "The state the slice begins with. Step forwards for the first input."
              : "Step to an input to see it."}
          </p>
        ) : (
          <Fields opened={opened} record={record} isInput />
        )}
        {record !== undefined && (
          <h3>
            {outputs.length === 0
              ? "The core said nothing to it"
              : `The core said ${outputs.length === 1 ? "one thing" : `${outputs.length} things`}`}
          </h3>
        )}
        {outputs.map((one, at) => (
          <details key={`${shown.sequence}/${at}`} open={outputs.length <= 4}>
            <summary>
              {one.name} <small>{stepsOf(opened, one.instrument).symbol}</small>
            </summary>
            <Fields opened={opened} record={one} isInput={false} />
          </details>
        ))}
      </div>
    </section>
  );
}

function Fields({
  opened,
  record,
  isInput,
}: {
  opened: Opened;
  record: DecodedRecord;
  isInput: boolean;
}) {
  const rows: [string, string][] = tellingFields(record).map((name) => [
    name,
    fieldText(opened, record, name),
  ]);
  if (isInput) {
    if (record.instrument !== 0) {
      rows.unshift(["instrument", stepsOf(opened, record.instrument).symbol]);
    }
    rows.unshift(["engine time", timeOf(record.tsEngineNanos)]);
    rows.unshift(["is", BLOCKS[record.kind >> 8] ?? ""]);
  }
  return (
    <dl class="fields">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
