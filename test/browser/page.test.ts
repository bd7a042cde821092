import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  server = await startTestServer();
  browser = await chromium.launch({
    executablePath: String(process.env.CHROMIUM_PATH),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await server.close();
});

async function billOneMonth(): Promise<void> {
  const { metronome } = server;
  await server.setClock("2026-01-01T00:00:00Z");
  const product = await metronome.v1.contracts.products.create({ name: "Fee", type: "FIXED" });
  const customer = await metronome.v1.customers.create({ name: "Dune & <Sons>" });
  await metronome.v1.contracts.create({
    customer_id: customer.data.id,
    starting_at: "2026-01-01T00:00:00Z",
    scheduled_charges: [
      {
        product_id: product.data.id,
        schedule: { schedule_items: [{ timestamp: "2026-01-01T00:00:00Z", amount: 123456.5 }] },
      },
    ],
  });
  await server.setClock("2026-01-02T00:00:00Z");
}

test("the page asks for a token, shows invoices with exact totals, and explains a wrong token", async () => {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  await page.goto(`${server.url}/`);

  await page.getByLabel("API token").fill("wrong-token-wrong-token");
  await page.keyboard.press("Enter");
  await page.getByText("The API token is not valid").waitFor();

  await page.getByLabel("API token").fill(server.sandboxToken);
  await page.getByRole("button", { name: "Show invoices" }).click();
  await page.getByText("No invoices yet.").waitFor();

  await billOneMonth();
  await page.getByRole("button", { name: "Show invoices" }).click();
  const row = page.getByRole("row", { name: /SCHEDULED/ });
  await row.waitFor();
  expect(await row.innerText()).toMatch(
    /Dune & <Sons>\s+SCHEDULED\s+2026-01-01\s+FINALIZED\s+\$1,234\.565\s+not sent/,
  );
  expect(await page.getByText("Environment: SANDBOX").count()).toBe(1);

  await page.reload();
  await page.getByRole("row", { name: /SCHEDULED/ }).waitFor();
  expect(faults).toEqual([]);
});

test("an amount is explained, with the keyboard alone; what was imported says so", async () => {
  const { metronome } = server;
  const product = await createUsageProduct(metronome, "tokens");
  const card = await createRateCard(metronome, [[product, 250]]);
  const customer = await createCustomer(metronome, "Moved in");
  const contract = await createContract(metronome, customer, card, {
    starting_at: "2025-12-01T00:00:00Z",
    usage_statement_schedule: {
      frequency: "MONTHLY",
      invoice_generation_starting_at: "2026-01-01T00:00:00Z",
    },
  });
  const december = {
    inclusive_start_date: "2025-12-01T00:00:00Z",
    exclusive_end_date: "2026-01-01T00:00:00Z",
  };
  await metronome.v1.contracts.createHistoricalInvoices({
    preview: false,
    invoices: [
      {
        customer_id: customer,
        contract_id: contract,
        credit_type_id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2",
        ...december,
        issue_date: "2026-01-02T00:00:00Z",
        usage_line_items: [{ product_id: product, ...december, quantity: 3 }],
      },
    ],
  });
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);
  await page.getByLabel("API token").fill(server.sandboxToken);
  await page.keyboard.press("Enter");
  const row = page.getByRole("row", { name: /imported/ });
  await row.waitFor();
  // 3 x 250 cents.
  expect(await row.innerText()).toMatch(
    /Moved in\s+USAGE\s+2025-12-01 to 2026-01-01\s+FINALIZED, imported\s+\$7\.50\s+not sent/,
  );
  await row.getByRole("button", { name: "Why $7.50" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /Moved in, 2025-12-01 to 2026-01-01: \$7\.50/ });
  await dialog.waitFor();
  expect(await dialog.getByRole("heading", { level: 3 }).allInnerTexts()).toEqual([
    "tokens: $7.50",
  ]);
  const steps = await dialog.getByRole("listitem").allInnerTexts();
  expect(steps[0]).toBe("Imported quantity from 2025-12-01T00:00:00Z to 2026-01-01T00:00:00Z: 3");
  expect(steps.at(-1)).toBe("3 x 250 = 750");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
});

test("the events behind an amount are shown and hidden, with the keyboard", async () => {
  const { metronome } = server;
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "images"), 150],
  ]);
  const customer = await createCustomer(metronome, "Draws");
  await use(metronome, customer, "images", "2026-01-01T10:00:00Z", 2);
  await use(metronome, customer, "images", "2026-01-01T11:00:00Z", "1.50");
  await createContract(metronome, customer, card, {
    starting_at: "2026-01-01T00:00:00Z",
    ending_before: "2026-02-01T00:00:00Z",
  });
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);
  await page.getByLabel("API token").fill(server.sandboxToken);
  await page.keyboard.press("Enter");
  // 3.5 x 150 cents.
  await page.getByRole("button", { name: "Why $5.25" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /^Draws/ });
  const button = dialog.getByRole("button", { name: /events of images$/ });
  await button.focus();
  expect(await button.getAttribute("aria-expanded")).toBe("false");
  await page.keyboard.press("Enter");
  await dialog.getByRole("status").getByText("2 events").waitFor();
  const table = dialog.getByRole("table", { name: "2 events" });
  const rows = await table.getByRole("row").allInnerTexts();
  expect(rows.map((row) => row.replaceAll(/\s+/g, " ").replace(/test-\d+/, "ID"))).toEqual([
    "Time Transaction Value Properties Arrived",
    "2026-01-01T10:00:00Z ID 2 value: 2 2026-01-02T00:00:00Z",
    "2026-01-01T11:00:00Z ID 1.5 value: 1.50 2026-01-02T00:00:00Z",
  ]);
  expect(await button.getAttribute("aria-expanded")).toBe("true");
  await page.keyboard.press("Enter");
  await table.waitFor({ state: "hidden" });
  expect(await button.innerText()).toBe("Show events");
});

test("a draft is put on hold, released and approved, with the keyboard", async () => {
  const { metronome } = server;
  await server.send("PATCH", "/v1/settings/invoicing", { finalization: "on_approval" });
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "calls"), 100],
  ]);
  const customer = await createCustomer(metronome, "Waits");
  await createContract(metronome, customer, card, {
    starting_at: "2025-12-01T00:00:00Z",
    ending_before: "2026-01-01T00:00:00Z",
  });
  const page = await browser.newPage();
  page.on("dialog", (dialog) => void dialog.accept("Price is disputed"));
  await page.goto(`${server.url}/`);
  await page.getByLabel("API token").fill(server.sandboxToken);
  await page.keyboard.press("Enter");
  const row = page.getByRole("row", { name: /Waits/ });
  await row.getByText("DRAFT, waits for approval").waitFor();
  await row.getByRole("button", { name: "Hold Waits, 2025-12-01 to 2026-01-01" }).focus();
  await page.keyboard.press("Enter");
  await row.getByText("DRAFT, on hold: Price is disputed").waitFor();
  await row.getByRole("button", { name: /^Release/ }).focus();
  await page.keyboard.press("Enter");
  await row.getByText("DRAFT, waits for approval").waitFor();
  await row.getByRole("button", { name: /^Approve/ }).focus();
  await page.keyboard.press("Enter");
  await row.getByText("DRAFT, approved").waitFor();
  await server.send("PATCH", "/v1/settings/invoicing", { finalization: "automatic" });
});

test("an invoice is credited, with the keyboard; what was credited stands beside the total", async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);
  await page.getByLabel("API token").fill(server.sandboxToken);
  await page.keyboard.press("Enter");
  const row = page.getByRole("row", { name: /Moved in/ });
  await row.getByRole("button", { name: "Credit Moved in, 2025-12-01 to 2026-01-01" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "2025-12-01 to 2026-01-01" });
  await dialog.getByText("No credit notes yet.").waitFor();
  await dialog.getByLabel("Amount in US dollars").fill("2,50");
  await page.keyboard.press("Enter");
  await dialog.getByText("Give an amount like 12.50").waitFor();
  await dialog.getByLabel("Amount in US dollars").fill("8");
  await page.keyboard.press("Enter");
  await dialog.getByText("amount: 800 is more than the 750 left of the invoice").waitFor();
  await dialog.getByLabel("Amount in US dollars").fill("2.50");
  await dialog.getByLabel("Memo").fill("Goodwill");
  await page.keyboard.press("Enter");
  await dialog.getByRole("cell", { name: "other: Goodwill" }).waitFor();
  expect(await dialog.getByRole("row").last().innerText()).toMatch(/ISSUED\s+not sent\s+\$2\.50/);
  await dialog.getByRole("button", { name: "Credit what is left" }).focus();
  await page.keyboard.press("Enter");
  await dialog.getByRole("cell", { name: "$5.00" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("cell", { name: "$7.50, $7.50 credited" }).waitFor();
});

test("every link of the page leads somewhere", async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);
  const links = await page
    .locator("nav a")
    .evaluateAll((found) => found.map((link) => String(link.getAttribute("href"))));
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) expect((await fetch(`${server.url}${link}`)).status).toBe(200);
});
