// Ed25519 keys of clients: made at first start, the private halves as files for local clients.
//
// The server keeps only `keys.json` (id, rights, account, public half); each private half lies
// beside it in a file its owner alone can read, and can be carried away and deleted here. A key is
// bound to one account, so a stolen key reaches nobody else's money.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { Right } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";

const KEYS_FILE = "keys.json";
/** Keys one engine knows at most. */
export const KEYS_MAX = 1024;

const storedKey = z.strictObject({
  /** First 16 hexadecimal digits of the sha256 of the public half. */
  id: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
  name: z.string().check(z.minLength(1), z.maxLength(64)),
  /** Bits of enum Right. */
  rights: z.int().check(z.gte(0), z.lte(15)),
  account: z.int().check(z.gte(0), z.lte(0xffff_ffff)),
  tenant: z.int().check(z.gte(0), z.lte(0xffff)),
  /** The public half: DER (SPKI), base64. */
  publicKey: z.string().check(z.maxLength(200)),
});
const keysFile = z.strictObject({
  version: z.literal(1),
  keys: z.array(storedKey).check(z.maxLength(KEYS_MAX)),
});

/** A key as the server knows it. */
export type StoredKey = z.infer<typeof storedKey>;

/** What a login gives its session; `keyId` is empty for a token. */
export interface Grant {
  keyId: string;
  /** Bits of enum Right. */
  rights: number;
  /** 0 = none: such a session sees market data only. */
  account: number;
  tenant: number;
}

/** The server's half of all keys. */
export class KeyStore {
  readonly keys: readonly StoredKey[];
  /** Folder of the files; where a person finds the private halves. */
  readonly folder: string;
  readonly #public = new Map<string, { stored: StoredKey; key: KeyObject }>();

  constructor(folder: string, keys: readonly StoredKey[]) {
    this.folder = folder;
    this.keys = keys;
    for (const stored of keys) {
      const der = Buffer.from(stored.publicKey, "base64");
      const id = keyIdOf(der);
      if (id !== stored.id) {
        throw new AlphaError(
          "KEYS_INVALID",
          `key "${stored.name}" has id ${stored.id}, its public half says ${id}`,
          `restore ${join(folder, KEYS_FILE)} from a backup, or delete the entry`,
        );
      }
      const key = createPublicKey({ key: der, format: "der", type: "spki" });
      this.#public.set(stored.id, { stored, key });
    }
  }

  /**
   * What the holder of the key may do; undefined when the key is unknown or did not sign these
   * bytes. Takes some 100 us; the caller counts failures.
   */
  verify(keyId: string, message: Uint8Array, signature: Uint8Array): Grant | undefined {
    const found = this.#public.get(keyId);
    if (found === undefined || !verify(null, message, found.key, signature)) return undefined;
    const { rights, account, tenant } = found.stored;
    return { keyId, rights, account, tenant };
  }

  /** The key of this name, undefined when there is none. */
  named(name: string): StoredKey | undefined {
    return this.keys.find((key) => key.name === name);
  }
}

/** A client's key: what it sends and what signs. */
export interface ClientKey {
  id: string;
  sign(message: Uint8Array): Uint8Array;
}

/** What the keys of a first start are bound to. */
export interface KeyDefaults {
  /** Account of the trader key. */
  account: number;
  tenant: number;
}

/**
 * Loads `<dataDir>/keys/keys.json`; at the first start makes three keys (trader: read and trade on
 * the account; feed: market data in; admin: configuration and switches) and their files. Throws
 * KEYS_INVALID when the file is not one of ours.
 */
export function openKeys(dataDir: string, defaults: KeyDefaults): KeyStore {
  const folder = join(dataDir, "keys");
  const path = join(folder, KEYS_FILE);
  if (existsSync(path)) return new KeyStore(folder, readKeys(path));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { account, tenant } = defaults;
  const keys = [
    makeKey(folder, { name: "trader", rights: Right.Read | Right.Trade, account, tenant }),
    makeKey(folder, { name: "feed", rights: Right.Read | Right.Feed, account: 0, tenant }),
    makeKey(folder, { name: "admin", rights: Right.Read | Right.Admin, account: 0, tenant }),
  ];
  writeKeys(path, keys);
  return new KeyStore(folder, keys);
}

/** Makes a further key, stores its public half and returns the store that knows it. */
export function addKey(store: KeyStore, grant: Omit<Grant, "keyId"> & { name: string }): KeyStore {
  if (store.named(grant.name) !== undefined) {
    throw new AlphaError("KEY_EXISTS", `key "${grant.name}" exists`, "choose another name");
  }
  if (store.keys.length >= KEYS_MAX) {
    throw new AlphaError("KEYS_FULL", `${KEYS_MAX} keys are the most`, "delete one that is unused");
  }
  const keys = [...store.keys, makeKey(store.folder, grant)];
  writeKeys(join(store.folder, KEYS_FILE), keys);
  return new KeyStore(store.folder, keys);
}

/** Loads a private half for a local client; throws KEY_MISSING or KEYS_INVALID. */
export function loadClientKey(path: string): ClientKey {
  if (!existsSync(path)) {
    const remedy = "start the engine once, it makes the keys; or pass the path of a key file";
    throw new AlphaError("KEY_MISSING", `${path} does not exist`, remedy);
  }
  return clientKey(readFileSync(path, "utf8"));
}

/** A client key from the PEM text of its private half. */
export function clientKey(pem: string): ClientKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (fault) {
    const remedy = "pass a file <dataDir>/keys/*.pem";
    throw new AlphaError("KEYS_INVALID", "this is no private key in PEM form", remedy, fault);
  }
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  return { id: keyIdOf(der), sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** Where the private half of the key of this name lies. */
export function keyPath(dataDir: string, name: string): string {
  return join(dataDir, "keys", `${name}.pem`);
}

function keyIdOf(publicDer: Uint8Array): string {
  return createHash("sha256").update(publicDer).digest("hex").slice(0, 16);
}

function makeKey(folder: string, grant: Omit<Grant, "keyId"> & { name: string }): StoredKey {
  const pair = generateKeyPairSync("ed25519");
  const der = pair.publicKey.export({ format: "der", type: "spki" });
  const path = join(folder, `${grant.name}.pem`);
  // `wx`: a key somebody still uses is never overwritten.
  const pem = pair.privateKey.export({ format: "pem", type: "pkcs8" });
  writeFileSync(path, pem, { mode: 0o600, flag: "wx" });
  chmodSync(path, 0o600);
  const { name, rights, account, tenant } = grant;
  const publicKey = der.toString("base64");
  return { id: keyIdOf(der), name, rights, account, tenant, publicKey };
}

function writeKeys(path: string, keys: readonly StoredKey[]): void {
  // Written beside and renamed, so that a crash leaves the old file or the new one.
  writeFileSync(`${path}.part`, `${JSON.stringify({ version: 1, keys }, null, 2)}\n`, {
    mode: 0o600,
  });
  renameSync(`${path}.part`, path);
}

function readKeys(path: string): readonly StoredKey[] {
  const remedy = "restore it from a backup, or move the folder away to make new keys";
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (fault) {
    throw new AlphaError("KEYS_INVALID", `${path} cannot be read as JSON`, remedy, fault);
  }
  const result = z.safeParse(keysFile, value);
  if (result.success) return result.data.keys;
  const issue = result.error.issues[0];
  const place = issue?.path.join(".") ?? "";
  const why = issue?.message ?? "unreadable";
  throw new AlphaError("KEYS_INVALID", `${path}: ${place}: ${why}`, remedy);
}
