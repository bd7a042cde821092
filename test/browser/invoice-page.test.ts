import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** The page of an invoice in a real browser: it shows its lines, and asks nobody else for anything. */
const JANUARY = { starting_at: "2024-01-01T00:00:00Z", ending_before: "2024-02-01T00:00:00Z" };
/** One red pixel. */
const LOGO =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

let server: TestServer;
let browser: Browser;
let link: string;

beforeAll(async () => {
  server = await startTestServer();
  const { metronome } = server;
  browser = await chromium.launch({
    executablePath: String(process.env.CHROMIUM_PATH),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  await server.setClock("2024-01-25T00:00:00Z");
  await server.send("PATCH", "/v1/settings/invoicing", {
    seller: { name: "Ledger & <Co>", logo: LOGO },
  });
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "tokens"), 100],
  ]);
  const customer = await createCustomer(metronome, "Dune & <Sons>");
  await createContract(metronome, customer, card, {
    ...JANUARY,
    commits: [
      {
        type: "PREPAID",
        product_id: await createFixedProduct(metronome, "Balance"),
        name: "Balance",
        access_schedule: { schedule_items: [{ amount: 200, ...JANUARY }] },
      },
    ],
  });
  await use(metronome, customer, "tokens", "2024-01-10T00:00:00Z", 1234.5);
  const [invoice] = await listInvoices(metronome, customer);
  const { body } = await server.send("GET", `/v1/invoices/${invoice?.id}/page-link`);
  link = body.data.url;
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await server.close();
});

/** Everything that goes wrong on a page, and everybody else who is asked for something. */
function watch(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server.url) && !url.startsWith("data:")) faults.push(url);
  });
  return faults;
}

test("a customer sees what was used, what a commit paid, and takes the documents along", async () => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const early = await page.goto(link);
  expect(early?.status()).toBe(404);
  await page.getByText("not final yet").waitFor();
  await server.setClock("2024-02-03T00:00:00Z");

  const faults = watch(page);
  await page.goto(link);
  await page.getByRole("heading", { name: "Invoice" }).waitFor();
  expect(await page.title()).toBe("Invoice from Ledger & <Co>");
  expect(await page.getByText("Dune & <Sons>").count()).toBe(1);
  // 1,234.5 tokens at a dollar, of which a balance of $2 pays two.
  for (const row of [
    /Covered by a prepaid commit 2 \$1\.00 \$2\.00/,
    /Balance applied -\$2\.00/,
    /Usage 1,232\.5 \$1\.00 \$1,232\.50/,
    /Subtotal \$1,234\.50/,
    /Total \(USD\) \$1,232\.50/,
  ]) {
    expect(await page.getByRole("row", { name: row }).count(), String(row)).toBe(1);
  }
  // The style and the picture are there: nothing that the page's own rules forbid.
  const seen = (expression: string) => page.evaluate<number>(expression);
  expect(await seen(`document.querySelector("main").offsetWidth`)).toBeLessThan(1000);
  expect(await seen(`document.querySelector("img").naturalWidth`)).toBe(1);
  const csv = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  expect((await csv).suggestedFilename()).toMatch(/^invoice-[-0-9a-f]{36}\.csv$/);
  const pdf = await page.getByRole("link", { name: "PDF (A4)" }).getAttribute("href");
  const response = await fetch(new URL(String(pdf), page.url()));
  expect(response.headers.get("content-type")).toBe("application/pdf");
  expect(faults).toEqual([]);
  await page.close();
});

test("on a narrow screen nothing but the table is wider than the screen", async () => {
  const page = await browser.newPage({ viewport: { width: 360, height: 700 } });
  await page.goto(link);
  const width = await page.evaluate<number>("document.documentElement.scrollWidth");
  expect(width).toBeLessThanOrEqual(360);
  await page.close();
});
