// Output records for host tests: encoded as the core writes them, in a memory of their own.
import type { Kind } from "../../../asm/vocab.ts";
import { encode } from "../../../src/protocol.ts";
import type { FieldsFor } from "../../../src/protocol.ts";
import { Ring, ringBytes } from "../../../src/rings/ring.ts";
import { strategyInstrument } from "../../../src/strategies/instrument.ts";
import type { StrategyInstrument } from "../../../src/strategies/instrument.ts";

export const COMMAND_CELLS = 256;

/** A ring of commands as the core has one. */
export function commandRing(cells = COMMAND_CELLS): Ring {
  return Ring.create(new SharedArrayBuffer(ringBytes(cells)), 0, cells);
}

/** An instrument with a tick of 0.01 and a lot of 0.001. */
export function instrument(id: number, symbol = `TEST-${id}`): StrategyInstrument {
  const spec = {
    ...{ symbol, specKind: 1, settlement: 1, tickMantissa: 1, tickExponent: -2 },
    ...{ lotMantissa: 1, lotExponent: -3, multiplierNum: 1, multiplierDen: 1 },
  };
  const currencies = new Map([[1, { id: 1, code: "USD", minorExponent: -8 }]]);
  return strategyInstrument(id, spec, currencies);
}

/** A stretch of records, as the core hands them over. */
export class Outputs {
  readonly view: DataView<ArrayBuffer>;
  readonly u8: Uint8Array;
  end = 0;

  constructor(bytes = 1 << 20) {
    this.view = new DataView(new ArrayBuffer(bytes));
    this.u8 = new Uint8Array(this.view.buffer);
  }

  add<K extends Kind>(kind: K, fields: FieldsFor<K>): this {
    this.end += encode(this.view, this.end, kind, fields);
    return this;
  }
}
