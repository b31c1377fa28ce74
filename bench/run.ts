// Runs one bench in this process: `node build/bench/run.js NAME small|full table|json`.
//
// A file of its own and not a program text on the command line: benches start workers, which
// inherit the options of the command line.
import { formatRecord, runBench, writeRecord, type BenchMain } from "./report.ts";

const [name = "", size, output] = process.argv.slice(2);
const address = new URL(`./${name}.js`, import.meta.url).href;
const { main } = (await import(address)) as { main: BenchMain };
const record = await runBench(name, main, { small: size === "small" });
const path = writeRecord(record);
if (output === "table") process.stdout.write(`${formatRecord(record)}\n  ${path}\n\n`);
