import { type Browser, chromium, type Page } from "playwright-core";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "../collect/open-test-collect.ts";

/** The page of an invoice in a real browser: it is paid by keyboard, and asks nobody else for anything. */
let collect: TestCollect;
let browser: Browser;

beforeAll(async () => {
  collect = await openTestCollect("2024-01-01T00:00:00Z");
  browser = await chromium.launch({
    executablePath: String(process.env.CHROMIUM_PATH),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await collect.close();
});

async function openInvoice(): Promise<Stripe.Invoice> {
  const { stripe } = collect;
  const { id: customer } = await stripe.customers.create({ name: "Dune & <Sons>" });
  const { id } = await stripe.invoices.create({ customer, currency: "usd" });
  await stripe.invoices.addLines(id, {
    lines: [{ amount: 12_345, description: "Consulting <b>in January</b>" }],
  });
  return stripe.invoices.finalizeInvoice(id);
}

/** Everything that goes wrong on a page, and everybody else who is asked for something. */
function watch(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(collect.url)) faults.push(request.url());
  });
  return faults;
}

test("a customer sees the invoice, pays it by keyboard, and sees that it is paid", async () => {
  const page = await browser.newPage();
  const faults = watch(page);
  const invoice = await openInvoice();
  await page.goto(String(invoice.hosted_invoice_url));
  await page.getByRole("heading", { name: "Invoice" }).waitFor();
  expect(await page.getByText("Dune & <Sons>").count()).toBe(1);
  expect(await page.getByText("Consulting <b>in January</b>").count()).toBe(1);
  expect(await page.getByRole("row", { name: /Total \$123\.45/ }).count()).toBe(1);
  await page.getByLabel("Card that is declined").focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Pay now" }).focus();
  await page.keyboard.press("Enter");
  expect(await page.getByRole("status").textContent()).toContain("declined");
  await page.getByLabel("Visa that pays").check();
  await page.getByRole("button", { name: "Pay now" }).click();
  expect(await page.getByRole("status").textContent()).toContain("is paid");
  expect(await page.getByRole("button").count()).toBe(0);
  expect(await page.getByRole("link", { name: /receipt/ }).count()).toBe(1);
  expect((await collect.stripe.invoices.retrieve(invoice.id)).status).toBe("paid");
  expect(faults).toEqual([]);
  await page.close();
});

test("a payment that asks its owner is approved on the page", async () => {
  const page = await browser.newPage();
  const faults = watch(page);
  const invoice = await openInvoice();
  await page.goto(String(invoice.hosted_invoice_url));
  await page.getByLabel("Card that asks its owner").check();
  await page.getByRole("button", { name: "Pay now" }).click();
  await page.getByRole("button", { name: "Approve the payment" }).click();
  expect(await page.getByRole("status").textContent()).toContain("is paid");
  expect(faults).toEqual([]);
  await page.close();
});
