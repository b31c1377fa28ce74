// Tokens that open the page: one-time, from the printed address, then a resume token in memory.
//
// The printed token works once and not forever, so an address in a shell history or a proxy log is
// worth nothing; what the page keeps is replaced at each login. Only hashes are kept here, so that
// a dump of this memory opens nothing, and looking one up tells nothing by its timing.
import { createHash, randomBytes } from "node:crypto";
import type { Grant } from "./keys.ts";

/** How long a printed token waits for its first use. */
export const TOKEN_MILLIS = 24 * 3600 * 1000;
/** How long a page may stay away and come back. */
export const RESUME_MILLIS = 12 * 3600 * 1000;
/** Tokens kept; the oldest goes first. */
export const TOKENS_MAX = 4096;

interface Kept {
  grant: Grant;
  expiresMillis: number;
}

/** A new token and when it ends, in milliseconds since the epoch. */
export interface Issued {
  token: string;
  expiresMillis: number;
}

/** One engine's tokens; forgotten when it ends. */
export class TokenStore {
  readonly #kept = new Map<string, Kept>();
  readonly #wallMillis: () => number;

  /** `wallMillis` is milliseconds since the epoch. */
  constructor(wallMillis: () => number) {
    this.#wallMillis = wallMillis;
  }

  /** A token that gives this grant once, within `lifeMillis`. */
  issue(grant: Omit<Grant, "keyId">, lifeMillis = TOKEN_MILLIS): Issued {
    const token = randomBytes(24).toString("base64url");
    const expiresMillis = this.#wallMillis() + lifeMillis;
    if (this.#kept.size >= TOKENS_MAX) {
      const oldest = this.#kept.keys().next();
      if (oldest.done !== true) this.#kept.delete(oldest.value);
    }
    this.#kept.set(hashOf(token), { grant: { ...grant, keyId: "" }, expiresMillis });
    return { token, expiresMillis };
  }

  /** Takes the token: its grant, or undefined when it is unknown, used, or over. */
  take(token: string): Grant | undefined {
    const hash = hashOf(token);
    const kept = this.#kept.get(hash);
    if (kept === undefined) return undefined;
    this.#kept.delete(hash);
    return kept.expiresMillis > this.#wallMillis() ? kept.grant : undefined;
  }

  /** The token a logged-in page comes back with. */
  resume(grant: Grant): Issued {
    return this.issue(grant, RESUME_MILLIS);
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
