import { expect, test } from "vitest";
import { keepResumeToken, readResumeToken, takeToken } from "../../../src/dashboard/token.ts";

test("takes the token out of the fragment or the query and leaves the rest", () => {
  expect(takeToken("http://127.0.0.1:8080/#token=abc")).toEqual({ token: "abc", address: "/" });
  expect(takeToken("http://127.0.0.1:8080/?token=abc&x=1#y")).toEqual({
    ...{ token: "abc", address: "/?x=1#y" },
  });
  expect(takeToken("http://127.0.0.1:8080/?x=1")).toEqual({ token: "", address: "/?x=1" });
});

test("a token in both places leaves neither behind", () => {
  const { address } = takeToken("http://127.0.0.1:8080/?token=a#token=b");
  expect(address).not.toContain("token");
});

function storage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

test("the resume token is kept, replaced and forgotten", () => {
  const tab = storage();
  expect(readResumeToken(tab)).toBe("");
  keepResumeToken(tab, "one");
  keepResumeToken(tab, "two");
  expect(readResumeToken(tab)).toBe("two");
  keepResumeToken(tab, "");
  expect(readResumeToken(tab)).toBe("");
});

test("a browser that forbids storage has no resume token and no fault", () => {
  const refuse = (): never => {
    throw new Error("SecurityError");
  };
  const tab = { getItem: refuse, setItem: refuse, removeItem: refuse };
  keepResumeToken(tab, "one");
  expect(readResumeToken(tab)).toBe("");
});
