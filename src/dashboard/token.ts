// The read token: taken from the address once, then only a resume token that this tab remembers.
//
// A token in the address bar ends up in histories and screenshots, so it is removed before
// anything else happens. The resume token lies in sessionStorage: it lives as long as the tab and
// is not shared with other tabs. Storage may be forbidden by the browser; the page then works
// until a reload.

const RESUME_KEY = "alphapulse.resume";

/** A token and the address without it; `token` is "" when the address has none. */
export interface TakenToken {
  token: string;
  /** Path, query and fragment to show instead. */
  address: string;
}

/** Finds `token` in the query or the fragment of an address and takes it out. */
export function takeToken(href: string): TakenToken {
  const url = new URL(href);
  const fragment = new URLSearchParams(url.hash.slice(1));
  const token = url.searchParams.get("token") ?? fragment.get("token") ?? "";
  url.searchParams.delete("token");
  if (fragment.has("token")) {
    fragment.delete("token");
    url.hash = fragment.toString();
  }
  return { token, address: `${url.pathname}${url.search}${url.hash}` };
}

/** The tab's storage, as far as this module needs it. */
export type TokenStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The resume token this tab has, "" when there is none. */
export function readResumeToken(storage: TokenStorage): string {
  try {
    return storage.getItem(RESUME_KEY) ?? "";
  } catch {
    return ""; // Storage is forbidden: a reload will need a fresh link, and the page says so.
  }
}

/** Remembers the resume token of the last welcome; "" forgets it. */
export function keepResumeToken(storage: TokenStorage, token: string): void {
  try {
    if (token === "") storage.removeItem(RESUME_KEY);
    else storage.setItem(RESUME_KEY, token);
  } catch {
    return; // As above.
  }
}
