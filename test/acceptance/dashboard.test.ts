// The dashboard in a real browser against the real engine: every panel fills, nothing is refused by
// the content policy, nothing is written to the console. Leaves screenshots in build/screenshots/.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { keyPath } from "../../src/access/keys.ts";
import { Client } from "../../src/client/index.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SHOTS = join(ROOT, "build/screenshots");
const START_MILLIS_MAX = 60_000;
const FILL_MILLIS_MAX = 30_000;
/** Of expect.poll, whose own bound is one second: too short beside other processes. */
const POLL = { timeout: FILL_MILLIS_MAX };
const BROWSER_ARGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
/** 1280 x 800 is the smallest desk, 390 x 844 a phone. */
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

const browserPath = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => path !== undefined && existsSync(path),
);
const reason = !existsSync(join(ROOT, "build/cli.js"))
  ? "build/cli.js is absent: run `npm run build`"
  : browserPath === undefined
    ? "no Chromium: install it or set CHROMIUM_PATH"
    : "";
if (reason !== "") console.warn(`skipped, dashboard acceptance: ${reason}`);

/** An engine of its own, and the address it printed. */
interface Engine {
  process: ChildProcess;
  folder: string;
  url: string;
}

async function startEngine(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "alphapulse-dashboard-"));
  const child = spawn(
    process.execPath,
    [join(ROOT, "scripts/alphapulse.mjs"), "start", "--port", "0"],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const url = await new Promise<string>((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`no address:\n${output}`)), START_MILLIS_MAX);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /http:\/\/\S+[#?]token=[\w.~%-]+/.exec(output);
      if (found === null) return;
      clearTimeout(timer);
      done(found[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => fail(new Error(`the engine ended with ${code}:\n${output}`)));
  });
  return { process: child, folder, url };
}

async function stopEngine({ process: child, folder }: Engine): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Text of one of the keys the engine made at its first start. */
function keyText({ folder }: Engine, name: "trader" | "feed"): string {
  return readFileSync(keyPath(join(folder, ".alphapulse"), name), "utf8");
}

/** Types into a field of the ticket. */
async function fill(page: Page, field: string, text: string): Promise<void> {
  await page.getByTestId(`field-${field}`).fill(text);
}

/** A price that rests: two percent below the last one, in whole units, which every tick divides. */
async function belowMarket(page: Page): Promise<string> {
  const last = (await page.getByTestId("field-price").getAttribute("placeholder")) ?? "";
  return String(Math.floor(Number(last.replaceAll(",", "")) * 0.98));
}

async function chooseType(page: Page, name: string): Promise<void> {
  await page.getByTestId("field-type").selectOption(name);
}

const textOf = async (page: Page, id: string): Promise<string> =>
  (await page.getByTestId(id).textContent()) ?? "";

describe.skipIf(reason !== "")(`the dashboard${reason && ` (skipped: ${reason})`}`, () => {
  let engine: Engine;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    engine = await startEngine();
    browser = await chromium.launch({ executablePath: browserPath ?? "", args: BROWSER_ARGS });
    page = await browser.newPage({ viewport: DESK, colorScheme: "dark" });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        complaints.push(message.text());
      }
    });
    page.on("pageerror", (fault) => complaints.push(String(fault.stack)));
    await page.goto(engine.url);
  }, START_MILLIS_MAX + FILL_MILLIS_MAX);

  afterAll(async () => {
    await browser?.close();
    if (engine !== undefined) await stopEngine(engine);
  });

  test("takes the token out of the address bar", () => {
    expect(page.url()).not.toContain("token");
  });

  test("says that the market is simulated, and in which mode the engine runs", async () => {
    await page.getByTestId("simulated").waitFor({ timeout: FILL_MILLIS_MAX });
    await page.getByTestId("link").filter({ hasText: "Live" }).waitFor();
    expect(await page.locator(".pill.mode").textContent()).toMatch(/paper/i);
  });

  test("fills every panel: candles, book, trades, account, latency", async () => {
    const timeout = FILL_MILLIS_MAX;
    await page.locator(".row .num").first().waitFor({ timeout });
    await page.locator(".trades .trade-line:not(.head)").first().waitFor({ timeout });
    await page.getByTestId("latency").locator("tbody tr").nth(6).waitFor({ timeout });
    await page.getByTestId("chart").locator("canvas").first().waitFor({ timeout });
    // The veil says why there are no candles; it goes with the first one.
    await page.locator(".chart-box .veil").waitFor({ state: "detached", timeout });
    expect(await textOf(page, "book")).toMatch(/Bid[\d,.]+.*Ask[\d,.]+/);
    expect(await textOf(page, "account")).toMatch(/Equity-?[\d,]+\.\d\d/);
    expect(await textOf(page, "latency"), "a stage has a percentile").toMatch(/\d (µs|ms)/);
  });

  test("moves the selection and the timeframe by keys", async () => {
    const symbol = page.locator(".symbol");
    const before = await symbol.textContent();
    const rows = await page.locator(".row").count();
    if (rows > 1) {
      const isFirst = (await page.locator(".row .name").first().textContent()) === before;
      await page.keyboard.press(isFirst ? "ArrowDown" : "ArrowUp");
      await expect.poll(() => symbol.textContent(), POLL).not.toBe(before);
    }
    const buttons = page.locator(".segments button");
    if ((await buttons.count()) > 1) {
      await page.keyboard.press("2");
      await expect.poll(() => buttons.nth(1).getAttribute("aria-pressed"), POLL).toBe("true");
      await page.keyboard.press("1");
    }
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
  });

  test("the link may only read: the ticket says so, a trading key opens it", async () => {
    const ticket = page.getByTestId("ticket");
    expect(await ticket.textContent()).toContain("Read only");
    await page.keyboard.press("o");
    await page.keyboard.type("1");
    await page.keyboard.press("Enter");
    const key = page.getByTestId("key");
    await key.fill("no key");
    await page.getByTestId("unlock").click();
    await page.getByTestId("unlock-fault").filter({ hasText: "no Ed25519" }).waitFor();
    await key.fill(keyText(engine, "feed"));
    await page.getByTestId("unlock").click();
    await page.getByTestId("unlock-fault").filter({ hasText: "may not trade" }).waitFor();
    await page.screenshot({ path: join(SHOTS, "ticket-unlock.png") });
    await key.fill(keyText(engine, "trader"));
    await page.getByTestId("unlock").click();
    await ticket.filter({ hasText: "Lock" }).filter({ hasText: "Account" }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
    expect(kept, "a key is never stored").not.toContain("PRIVATE");
  });

  test("says what is wrong, sends what is right, amends and cancels it", async () => {
    await chooseType(page, "Limit");
    await fill(page, "qty", "");
    await page.getByTestId("send").click();
    await page.getByTestId("faults").filter({ hasText: "Enter a quantity." }).waitFor();
    await page.screenshot({ path: join(SHOTS, "ticket-faults.png") });
    await page.locator(".row .name").filter({ hasText: "SIM-BTC" }).first().click();
    await fill(page, "qty", "0.1");
    await fill(page, "price", await belowMarket(page));
    await page.getByTestId("send").click();
    const orders = page.getByTestId("orders");
    const own = orders.locator("tbody tr").filter({ hasText: "limit" });
    await own.first().waitFor();
    await own.first().getByText("Amend").click();
    await page.getByLabel("New total quantity").fill("0.2");
    await page.screenshot({ path: join(SHOTS, "orders-amend.png") });
    await page.keyboard.press("Enter");
    await own.filter({ hasText: "0.20" }).first().waitFor();
    await own.first().getByText("Cancel").click();
    await own.first().waitFor({ state: "detached" });
  });

  test("shows a refusal by name, with what to do", async () => {
    const post = page.getByLabel("Post only");
    await chooseType(page, "Limit");
    await fill(page, "price", "90000000");
    await post.check();
    await page.getByTestId("send").click();
    const refusals = page.getByTestId("refusals");
    await refusals.filter({ hasText: /Order denied.*: .+\. [A-Z]/ }).waitFor();
    await page.screenshot({ path: join(SHOTS, "orders-refused.png") });
    await post.uncheck();
  });

  test("brackets and trailing stops show their fields", async () => {
    await page.getByTestId("attach").selectOption("bracket");
    await page.getByTestId("field-target").waitFor();
    await page.screenshot({ path: join(SHOTS, "ticket-bracket.png") });
    await page.getByTestId("attach").selectOption("none");
    await chooseType(page, "Trailing stop");
    await page.getByTestId("field-trail").waitFor();
    expect(await page.getByTestId("field-price").count()).toBe(0);
    await page.screenshot({ path: join(SHOTS, "ticket-trailing.png") });
    await chooseType(page, "Limit");
  });

  test("a bracket: its legs wait for the entry, then one ends the other", async () => {
    const orders = page.getByTestId("orders");
    const rows = orders.locator("tbody tr").filter({ hasText: "SIM-BTC" });
    const legs = rows.filter({ hasText: "sell" });
    await page.keyboard.press("Escape");
    await chooseType(page, "Limit");
    const low = Number(await belowMarket(page));
    await fill(page, "qty", "0.1");
    await fill(page, "price", String(low));
    await page.getByTestId("attach").selectOption("bracket");
    await fill(page, "stop", String(Math.floor(low * 0.98)));
    await fill(page, "target", String(Math.floor(low * 1.04)));
    await page.getByTestId("send").click();
    await legs.filter({ hasText: "held" }).nth(1).waitFor();
    await page.screenshot({ path: join(SHOTS, "orders-bracket-held.png") });
    await rows.filter({ hasText: "buy" }).first().getByText("Cancel").click();
    await legs.first().waitFor({ state: "detached" });

    // At market: the entry fills, both legs live, and what ends one ends the other.
    await chooseType(page, "Market");
    await page.getByTestId("send").click();
    const stop = legs.filter({ hasText: "armed" });
    await stop.first().waitFor();
    await legs.filter({ hasText: "live" }).first().waitFor();
    await stop.first().getByText("Amend").click();
    await page.getByLabel("New trigger").fill(String(Math.floor(low * 0.97)));
    await page.screenshot({ path: join(SHOTS, "orders-bracket-amend.png") });
    await page.keyboard.press("Enter");
    const moved = Math.floor(low * 0.97).toLocaleString("en-US");
    await stop.filter({ hasText: moved }).first().waitFor();
    await page.screenshot({ path: join(SHOTS, "orders-bracket.png") });
    await stop.first().getByText("Cancel").click();
    await legs.first().waitFor({ state: "detached" });
    await page.getByTestId("attach").selectOption("none");
  });

  test("an OCO pair: a limit order and a stop, canceling one cancels both", async () => {
    const rows = page.getByTestId("orders").locator("tbody tr").filter({ hasText: "SIM-BTC" });
    await chooseType(page, "Limit");
    const low = Number(await belowMarket(page));
    await fill(page, "price", String(low));
    await page.getByTestId("attach").selectOption("oco");
    await fill(page, "otherStop", String(Math.floor(low * 1.05)));
    await page.getByTestId("send").click();
    await rows.filter({ hasText: "armed" }).first().waitFor();
    await page.screenshot({ path: join(SHOTS, "orders-oco.png") });
    await rows.filter({ hasText: "limit" }).first().getByText("Cancel").click();
    await rows.filter({ hasText: "armed" }).first().waitFor({ state: "detached" });
    await page.getByTestId("attach").selectOption("none");
  });

  test("an order worked over time: its progress, and its end from the page", async () => {
    const { origin } = new URL(engine.url);
    const client = new Client(origin.replace("http", "ws"), { key: keyText(engine, "trader") });
    await client.open();
    const endNanos = BigInt(Date.now() + 120_000) * 1_000_000n;
    const request = { instrument: "SIM-BTC", side: "buy", algorithm: "twap" } as const;
    client.parent({ ...request, qty: "1", aggressive: true, intervalMillis: 500, endNanos });
    const row = page.getByTestId("worked").locator("tbody tr").filter({ hasText: "TWAP" });
    const meter = row.getByRole("meter");
    await row.waitFor();
    await expect
      .poll(async () => Number(await meter.getAttribute("aria-valuenow")), POLL)
      .toBeGreaterThan(0);
    await page.screenshot({ path: join(SHOTS, "orders-worked.png") });
    await row.getByText("Cancel").click();
    await row.filter({ hasText: "canceled" }).waitFor();
    expect(await row.locator("td[title*='not filled']").count()).toBe(1);
    client.close();
  });

  test("bars show what is used of each limit", async () => {
    const risk = page.getByTestId("risk");
    await risk.getByRole("meter").first().waitFor({ timeout: FILL_MILLIS_MAX });
    const names = await risk
      .getByRole("meter")
      .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? ""));
    // Those that a fresh engine's configuration sets.
    for (const name of ["Order value", "Messages", "Today"]) {
      expect(names).toContain(`${name} of its limit`);
    }
    await risk.screenshot({ path: join(SHOTS, "risk.png") });
  });

  test("each strategy has a line, what no strategy traded has one too", async () => {
    const panel = page.getByTestId("strategies");
    const sums = panel.locator("tr.sum");
    await sums.filter({ hasText: "breakout" }).waitFor({ timeout: FILL_MILLIS_MAX });
    await sums.filter({ hasText: "no strategy" }).waitFor({ timeout: FILL_MILLIS_MAX });
    const cells = await sums.filter({ hasText: "breakout" }).locator("td").allTextContents();
    expect(cells.length).toBe(7);
    const parts = await panel.locator("tbody").first().locator("tr.part").count();
    expect(cells[1]).toBe(parts === 0 ? "flat" : String(parts));
    expect(Number((cells[4] ?? "").replaceAll(",", "")), "fees of its fills").toBeGreaterThan(0);
    const inner = await panel.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(inner, "all columns fit a desk").toBeLessThanOrEqual(0);
    await page.screenshot({ path: join(SHOTS, "strategies.png") });
    await panel.screenshot({ path: join(SHOTS, "strategies-panel.png") });
  });

  test("every order type has its fields", async () => {
    for (const name of await page.getByTestId("field-type").locator("option").allTextContents()) {
      await chooseType(page, name);
      const path = join(SHOTS, `ticket-${name.toLowerCase().replaceAll(" ", "-")}.png`);
      await page.getByTestId("ticket").screenshot({ path });
    }
    await chooseType(page, "Limit");
  });

  test("the kill switch needs its word, stops the account, and is released", async () => {
    await page.locator("body").click({ position: { x: 5, y: 5 } });
    await page.keyboard.press("k");
    const kill = page.getByTestId("kill");
    expect(await kill.isDisabled()).toBe(true);
    await page.getByTestId("kill-word").fill("kill");
    await page.screenshot({ path: join(SHOTS, "kill-switch.png") });
    await page.keyboard.press("Enter");
    await page.getByTestId("trading-state").filter({ hasText: "Killed" }).waitFor();
    await fill(page, "price", await belowMarket(page));
    await page.getByTestId("send").click();
    await page.getByTestId("refusals").filter({ hasText: "Kill switch on" }).waitFor();
    await page.screenshot({ path: join(SHOTS, "killed.png") });
    await page.getByTestId("kill-switch").click();
    await page.getByTestId("kill-word").fill("release");
    await page.keyboard.press("Enter");
    await page.getByTestId("trading-state").filter({ hasText: "Active" }).waitFor();
  });

  test("is let in again after a reload, without a token in the address", async () => {
    await page.reload();
    await page
      .getByTestId("link")
      .filter({ hasText: "Live" })
      .waitFor({ timeout: FILL_MILLIS_MAX });
    await page.locator(".trades .trade-line:not(.head)").first().waitFor();
  });

  test("fits a desk and a phone in both themes, without sideways scrolling", async () => {
    for (const theme of ["dark", "light"]) {
      for (const [name, size] of Object.entries({ desk: DESK, phone: PHONE })) {
        await page.setViewportSize(size);
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
        const path = join(SHOTS, `dashboard-${theme}-${name}.png`);
        await page.screenshot({ path, fullPage: name === "phone" });
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(width, `${theme} ${name}`).toBeLessThanOrEqual(size.width);
      }
      await page.keyboard.press("t");
    }
    await page.setViewportSize(DESK);
  });

  test("leaves the console empty: no error, nothing refused by the content policy", () => {
    expect(complaints).toEqual([]);
  });

  test("used links and lost engines are explained", async () => {
    const stranger = await browser.newPage({ viewport: DESK });
    await stranger.goto(engine.url);
    await stranger.locator(".locked").waitFor({ timeout: FILL_MILLIS_MAX });
    expect(await stranger.locator(".locked").textContent()).toContain("npx alphapulse status");
    await stranger.close();
    await stopEngine(engine);
    await page.locator(".notice").filter({ hasText: "No connection" }).waitFor();
    expect(await page.getByTestId("link").textContent()).toContain("Offline");
  });
});
