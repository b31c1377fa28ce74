import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Right } from "../../../asm/vocab.ts";
import { addKey, clientKey, keyPath, loadClientKey, openKeys } from "../../../src/access/keys.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "alphapulse-keys-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const bytes = new TextEncoder().encode("what is signed");
const defaults = { account: 7, tenant: 2 };

test("the first start makes three keys; the next one loads the same", () => {
  const made = openKeys(dataDir, defaults);
  expect(made.keys.map(({ name, rights, account }) => [name, rights, account])).toEqual([
    ["trader", Right.Read | Right.Trade, 7],
    ["feed", Right.Read | Right.Feed, 0],
    ["admin", Right.Read | Right.Admin, 0],
  ]);
  expect(openKeys(dataDir, { account: 8, tenant: 9 }).keys).toEqual(made.keys);
});

test("a signature is taken for its own key and bytes only", () => {
  const store = openKeys(dataDir, defaults);
  const trader = loadClientKey(keyPath(dataDir, "trader"));
  const feed = loadClientKey(keyPath(dataDir, "feed"));
  const signature = trader.sign(bytes);
  const grant = { keyId: trader.id, rights: Right.Read | Right.Trade, account: 7, tenant: 2 };
  expect(store.verify(trader.id, bytes, signature)).toEqual(grant);
  expect(store.verify(feed.id, bytes, signature)).toBeUndefined();
  expect(store.verify("0".repeat(16), bytes, signature)).toBeUndefined();
  expect(store.verify(trader.id, bytes.slice(1), signature)).toBeUndefined();
  expect(store.verify(trader.id, bytes, signature.slice(1))).toBeUndefined();
});

test("private halves are readable by their owner only, and not in the server's file", () => {
  openKeys(dataDir, defaults);
  const file = readFileSync(join(dataDir, "keys", "keys.json"), "utf8");
  expect(file).not.toContain("PRIVATE");
  if (process.platform === "win32") return;
  for (const name of ["trader", "feed", "admin"]) {
    expect(statSync(keyPath(dataDir, name)).mode & 0o777).toBe(0o600);
  }
});

test("the server starts without the private halves", () => {
  openKeys(dataDir, defaults);
  const trader = loadClientKey(keyPath(dataDir, "trader"));
  rmSync(keyPath(dataDir, "trader"));
  const store = openKeys(dataDir, defaults);
  expect(store.verify(trader.id, bytes, trader.sign(bytes))?.account).toBe(7);
  expect(() => loadClientKey(keyPath(dataDir, "trader"))).toThrow(/does not exist/);
});

test("an added key is stored; a name is given once and its file never overwritten", () => {
  const grant = { name: "desk", rights: Right.Read, account: 12, tenant: 0 };
  const store = addKey(openKeys(dataDir, defaults), grant);
  expect(openKeys(dataDir, defaults).named("desk")?.account).toBe(12);
  expect(() => addKey(store, grant)).toThrow(/key "desk" exists/);
});

test.each([
  ["{", /cannot be read as JSON/],
  ['{"version":1,"keys":[{"id":"x"}]}', /keys\.0\.id/],
])("a broken file is refused with the place: %s", (text, line) => {
  openKeys(dataDir, defaults);
  writeFileSync(join(dataDir, "keys", "keys.json"), text);
  expect(() => openKeys(dataDir, defaults)).toThrow(line);
});

test("an id that does not belong to its public half is refused", () => {
  const path = join(dataDir, "keys", "keys.json");
  const { keys } = openKeys(dataDir, defaults);
  const swapped = [{ ...keys[0]!, publicKey: keys[1]!.publicKey }];
  writeFileSync(path, JSON.stringify({ version: 1, keys: swapped }));
  expect(() => openKeys(dataDir, defaults)).toThrow(/its public half says/);
});

test("text that is no key is refused", () => {
  expect(() => clientKey("hello")).toThrow(/no private key in PEM form/);
});
