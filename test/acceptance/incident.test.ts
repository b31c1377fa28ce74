// The page of an incident in a real browser: from a file, from a plain server, from the gateway.
//
// Needs Chromium (ALPHAPULSE_CHROMIUM, or where systems put it); without one it is skipped and says
// so. Screenshots lie in build/incident-shots.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { Role } from "../../asm/vocab.ts";
import { main } from "../../src/cli/main.ts";
import { loadBuild } from "../../src/core/build.ts";
import { buildPath } from "../../src/core/paths.ts";
import { Page as GatewayPage } from "../../src/gateway/page.ts";
import { SAFE_HEADERS } from "../../src/gateway/page.ts";
import { Follower } from "../../src/oms/follower.ts";
import { liveInline } from "./traders.ts";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const browserPath = [process.env["ALPHAPULSE_CHROMIUM"] ?? "", ...PLACES].find(
  (path) => path !== "" && existsSync(path),
);
const BROWSER_ARGS = ["--no-sandbox", "--headless=new"];
const OPEN_MILLIS_MAX = 60_000;
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const SHOTS = buildPath("incident-shots");
const POLL = { timeout: 20_000 };
const FOLDER = buildPath("dashboard");

/** A static server that knows nothing of us: it sends files and no header of its own. */
function plainServer(folder: string): Promise<{ server: Server; url: string }> {
  const types: Record<string, string> = {
    html: "text/html",
    js: "text/javascript",
    css: "text/css",
  };
  const server = createServer((request, response) => {
    const path = join(folder, (request.url ?? "/").split("?")[0]!);
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.setHeader("Content-Type", types[path.split(".").at(-1)] ?? "image/svg+xml");
    response.end(readFileSync(path));
  });
  return listen(server);
}

/** The gateway's own answers and headers. */
function gatewayServer(): Promise<{ server: Server; url: string }> {
  const page = new GatewayPage({ folder: FOLDER, metrics: () => "", unready: () => "" });
  const server = createServer((request, response) => {
    const answer = page.answer(request.method ?? "GET", (request.url ?? "/").split("?")[0]!);
    const headers = Object.fromEntries(SAFE_HEADERS);
    response.writeHead(answer.status, { ...headers, "Content-Type": answer.contentType });
    response.end(answer.body);
  });
  return listen(server);
}

async function listen(server: Server): Promise<{ server: Server; url: string }> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { server, url: `http://127.0.0.1:${(server.address() as { port: number }).port}/` };
}

describe.skipIf(browserPath === undefined)("the page of an incident in a browser", () => {
  let dir: string;
  let incident: string;
  let browser: Browser;
  let page: Page;
  let hashLive: string;
  let snapshotPath = "";
  const complaints: string[] = [];

  async function openPage(url: string): Promise<Page> {
    const fresh = await browser.newPage({ viewport: DESK, colorScheme: "dark" });
    fresh.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    fresh.on("pageerror", (fault) => complaints.push(String(fault.stack)));
    await fresh.goto(url);
    return fresh;
  }

  async function give(where: Page, ...files: string[]): Promise<void> {
    await where.getByTestId("files").setInputFiles(files);
  }

  async function verdict(where: Page): Promise<string> {
    await where.getByTestId("verdict").waitFor({ timeout: OPEN_MILLIS_MAX });
    return (await where.getByTestId("verdict").textContent()) ?? "";
  }

  const sequenceOf = async (): Promise<number> =>
    Number(await page.getByTestId("line").getAttribute("aria-valuenow"));

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    dir = mkdtempSync(join(tmpdir(), "alphapulse-page-"));
    const build = loadBuild();
    const journal = join(dir, "journal");
    hashLive = await liveInline(build, journal, 1500, (round) => {
      if (round !== 500) return;
      const follower = new Follower({ build, dir: journal, stream: 0, roles: Role.Both, keep: 1 });
      while (follower.step(64) > 0);
      snapshotPath = follower.snapshot()!.path;
      follower.close();
    });
    incident = join(dir, "late-fills.apx");
    const quiet = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const argv = ["--dir", journal, "--seconds", "10", "--note", "Fills came late"];
    expect(await main(["incident", "export", incident, ...argv])).toBe(0);
    quiet.mockRestore();
    browser = await chromium.launch({ executablePath: browserPath ?? "", args: BROWSER_ARGS });
    // A saved folder, opened as a file: no server, no header.
    cpSync(FOLDER, join(dir, "saved"), { recursive: true });
    page = await openPage(pathToFileURL(join(dir, "saved", "incident.html")).href);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test("says how to open something before anything is open", async () => {
    await page.getByTestId("door").filter({ hasText: "Drop an incident file" }).waitFor();
    expect(await page.evaluate(() => crossOriginIsolated), "no header helps it").toBe(false);
    await page.screenshot({ path: join(SHOTS, "empty.png") });
  });

  test("opened as a file it comes to the engine's own state", async () => {
    await give(page, incident);
    expect(await verdict(page)).toContain("State equal");
    expect(await page.getByTestId("verdict").getAttribute("title")).toContain(hashLive);
    await page.getByTestId("accounts").locator("tr").nth(1).waitFor();
    await page.getByTestId("chart").locator("canvas").first().waitFor();
    await page.screenshot({ path: join(SHOTS, "open.png") });
  });

  test("steps forwards and back by keys, and shows the same at the same place", async () => {
    const first = await sequenceOf();
    const text = await page.locator(".incident-grid").innerText();
    for (const key of ["ArrowRight", "ArrowRight", "ArrowRight"]) {
      const before = await sequenceOf();
      await page.keyboard.press(key);
      await expect.poll(sequenceOf, POLL).toBe(before + 1);
    }
    for (let step = 0; step < 3; step++) {
      const before = await sequenceOf();
      await page.keyboard.press("ArrowLeft");
      await expect.poll(sequenceOf, POLL).toBe(before - 1);
    }
    expect(await sequenceOf()).toBe(first);
    expect(await page.locator(".incident-grid").innerText()).toBe(text);
  });

  test("steps from event to event of a kind, and names record and outputs", async () => {
    await page.getByTestId("group-denied").click();
    const before = await sequenceOf();
    await page.getByTestId("event").click();
    await expect.poll(sequenceOf, POLL).toBeGreaterThan(before);
    await page
      .getByTestId("record")
      .filter({ hasText: /Denied/ })
      .waitFor();
    await page.screenshot({ path: join(SHOTS, "denied.png") });
    const denied = await sequenceOf();
    await page.keyboard.press("Shift+ArrowRight");
    await expect.poll(sequenceOf, POLL).toBeGreaterThan(denied);
    await page.keyboard.press("Shift+ArrowLeft");
    await expect.poll(sequenceOf, POLL).toBe(denied);
    await page.getByTestId("group-fill").click();
    await page.getByTestId("event").click();
    await page.getByTestId("record").filter({ hasText: "Fill" }).waitFor();
  });

  test("goes to a sequence, to a time, to both ends, and by a drag of the time line", async () => {
    await page.getByTestId("goto").fill("9,000");
    await page.keyboard.press("Enter");
    await expect.poll(sequenceOf, POLL).toBe(9000);
    const where = page.getByTestId("where");
    const time = ((await where.textContent()) ?? "").slice(0, 12);
    await page.getByTestId("goto").fill(time);
    await page.keyboard.press("Enter");
    await expect.poll(() => where.textContent(), POLL).toContain(time);
    await page.getByTestId("goto").blur();
    await page.keyboard.press("Home");
    await expect.poll(async () => (await sequenceOf()) < 4000, POLL).toBe(true);
    const box = (await page.locator(".line svg").boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 20, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => (await sequenceOf()) > 8000, POLL).toBe(true);
    await page.keyboard.press("End");
    const end = Number(await page.getByTestId("line").getAttribute("aria-valuemax"));
    await expect.poll(sequenceOf, POLL).toBe(end);
  });

  test("plays from the beginning at a speed, and stops when asked", async () => {
    await page.keyboard.press("Home");
    await page.getByLabel("Speed").selectOption("10");
    await page.getByLabel("Speed").blur();
    const begin = await sequenceOf();
    await page.keyboard.press(" ");
    await expect.poll(sequenceOf, POLL).toBeGreaterThan(begin + 50);
    await page.keyboard.press(" ");
    await expect.poll(() => page.getByTestId("play").textContent(), POLL).toBe("▶");
  });

  test("says what is in the file", async () => {
    await page.keyboard.press("i");
    const facts = page.locator("dialog.facts[open]");
    await facts.filter({ hasText: "Fills came late" }).filter({ hasText: hashLive }).waitFor();
    await facts.getByText("Configuration").click();
    expect(await facts.locator("pre").first().textContent()).toContain('"feed"');
    await page.screenshot({ path: join(SHOTS, "facts.png") });
    await page.keyboard.press("Escape");
    await facts.waitFor({ state: "detached" });
  });

  test("fits a desk and a phone in both themes, without sideways scrolling", async () => {
    for (const theme of ["dark", "light"]) {
      for (const [name, size] of Object.entries({ desk: DESK, phone: PHONE })) {
        await page.setViewportSize(size);
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
        const path = join(SHOTS, `${theme}-${name}.png`);
        await page.screenshot({ path, fullPage: name === "phone" });
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(width, `${theme} ${name}`).toBeLessThanOrEqual(size.width);
      }
      await page.keyboard.press("t");
    }
    await page.setViewportSize(DESK);
  });

  test("what does not open is said with its remedy, and another file opens after it", async () => {
    const bytes = readFileSync(incident);
    const files: [string, Uint8Array, RegExp][] = [
      ["letter.apx", Buffer.from("Dear engine, ".repeat(20)), /no incident file/],
      ["torn.apx", bytes.subarray(0, bytes.length - 1000), /ends at byte \d+.*copy it again/s],
      ["damaged.apx", flipped(bytes, bytes.length >> 1), /damaged at byte \d+/],
      ["empty.apx", new Uint8Array(0), /no incident file/],
    ];
    for (const [name, content, words] of files) {
      const path = join(dir, name);
      writeFileSync(path, content);
      await give(page, path);
      const fault = page.getByTestId("fault").filter({ hasText: name });
      await fault.waitFor();
      expect(await fault.textContent()).toMatch(words);
      await page.screenshot({ path: join(SHOTS, `fault-${name}.png`) });
    }
    await give(page, incident);
    expect(await verdict(page)).toContain("State equal");
  });

  test("files of a journal open with the core that wrote them", async () => {
    const segment = join(dir, "journal", "0", "segment-00000000000000000000.apj");
    await give(page, segment, snapshotPath);
    const fault = page.getByTestId("fault");
    await fault.filter({ hasText: "core.wasm" }).waitFor();
    await give(page, segment, snapshotPath, buildPath("core.wasm"));
    expect(await verdict(page)).toContain("Checkpoint equal");
    expect(await page.getByTestId("verdict").getAttribute("title")).toContain(hashLive);
  });

  test("from a plain server and from the gateway it comes to the same state", async () => {
    for (const [name, start] of [
      ["plain", () => plainServer(FOLDER)],
      ["gateway", () => gatewayServer()],
    ] as const) {
      const { server, url } = await start();
      const other = await openPage(`${url}incident.html`);
      await give(other, incident);
      expect(await verdict(other), name).toContain("State equal");
      const isIsolated = await other.evaluate(() => crossOriginIsolated);
      expect(isIsolated, name).toBe(name === "gateway");
      await other.close();
      server.close();
    }
  });

  test("leaves the console empty: no error, nothing refused by the content policy", () => {
    expect(complaints).toEqual([]);
  });
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1;
  return copy;
}
