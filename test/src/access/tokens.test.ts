import { expect, test } from "vitest";
import { TOKENS_MAX, TokenStore } from "../../../src/access/tokens.ts";

const grant = { rights: 1, account: 7, tenant: 0 };

test("a token works once", () => {
  const store = new TokenStore(() => 1000);
  const { token } = store.issue(grant);
  expect(token.length).toBeGreaterThanOrEqual(32);
  expect(store.take(token)).toEqual({ ...grant, keyId: "" });
  expect(store.take(token)).toBeUndefined();
  expect(store.take("")).toBeUndefined();
});

test("a token ends with its time, not one millisecond before", () => {
  let now = 1000;
  const store = new TokenStore(() => now);
  const one = store.issue(grant, 500);
  const two = store.issue(grant, 500);
  now = 1499;
  expect(store.take(one.token)).toBeDefined();
  now = 1500;
  expect(store.take(two.token)).toBeUndefined();
});

test("the oldest token goes when too many wait", () => {
  const store = new TokenStore(() => 0);
  const first = store.issue(grant);
  const second = store.issue(grant);
  for (let count = 2; count <= TOKENS_MAX; count += 1) store.issue(grant);
  expect(store.take(first.token)).toBeUndefined();
  expect(store.take(second.token)).toBeDefined();
});
