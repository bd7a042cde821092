import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld } from "./subscription-world.ts";

/** Pages and documents of invoices, as a customer's browser gets them. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect("2024-01-01T00:00:00Z");
  stripe = collect.stripe;
  world = subscriptionWorld(collect);
});
afterAll(() => collect.close());

async function openInvoice(lines: readonly { amount: number; description: string }[]) {
  const customer = (
    await stripe.customers.create({ name: `<script>alert("x")</script> & Söhne`, email: "a@b.c" })
  ).id;
  const { id } = await stripe.invoices.create({ customer, currency: "usd", footer: "Danke!" });
  await stripe.invoices.addLines(id, { lines: [...lines] });
  return stripe.invoices.finalizeInvoice(id);
}

const get = (url: string | null | undefined) => fetch(String(url), { redirect: "manual" });
const pay = (url: string | null | undefined, form: Record<string, string>) =>
  fetch(`${url}/pay`, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });

/** How many pages a PDF has, and whether its streams can be read. */
function inspectPdf(bytes: Buffer): { pages: number; fonts: number } {
  const text = bytes.toString("latin1");
  for (const match of text.matchAll(/\/FlateDecode[^>]*>>\s*stream\r?\n/g)) {
    const start = (match.index ?? 0) + match[0].length;
    const end = text.indexOf("endstream", start);
    expect(inflateSync(bytes.subarray(start, end)).length).toBeGreaterThan(0);
  }
  return {
    pages: [...text.matchAll(/\/Type \/Page\b/g)].length,
    fonts: [...text.matchAll(/\/FontFile2/g)].length,
  };
}

const pdfOf = async (url: string | null | undefined): Promise<Buffer> => {
  const response = await get(url);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/pdf"]);
  return Buffer.from(await response.arrayBuffer());
};

describe("the page of an invoice", () => {
  test("shows it all, escaped, locked down, and to nobody without the link", async () => {
    const invoice = await openInvoice([{ amount: 123_450, description: `Work <b>"quoted"</b>` }]);
    const response = await get(invoice.hosted_invoice_url);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const html = await response.text();
    expect(html).toContain("$1,234.50");
    expect(html).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Söhne");
    expect(html).not.toContain("<script");
    expect(html).not.toContain("<b>");
    const token = String(new URL(String(invoice.hosted_invoice_url)).pathname.split("/").at(-1));
    expect(Buffer.from(token, "base64url")).toHaveLength(24);
    const wrong = `${collect.url}/i/${token.slice(0, -2)}xx`;
    expect((await get(wrong)).status).toBe(404);
    expect((await get(`${collect.url}/i/${invoice.id}`)).status).toBe(404);
  });

  test("a draft has none", async () => {
    const customer = await world.customer();
    const draft = await stripe.invoices.create({ customer, currency: "usd" });
    expect([draft.hosted_invoice_url, draft.invoice_pdf]).toEqual([null, null]);
  });

  test("a card pays, once however often the button is pressed; then there is a receipt", async () => {
    const invoice = await openInvoice([{ amount: 5000, description: "Work" }]);
    const url = invoice.hosted_invoice_url;
    expect((await get(`${url}/receipt`)).status).toBe(404);
    const presses = await Promise.all([1, 2, 3].map(() => pay(url, { card: "pm_card_visa" })));
    expect(presses.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(presses[0]?.headers.get("location")).toMatch(/^\.\.\/[\w-]+\?outcome=paid$/);
    const charges = await stripe.charges.list({ customer: String(invoice.customer) });
    expect(charges.data.map(({ amount }) => amount)).toEqual([5000]);
    const html = await (await get(url)).text();
    expect(html).toContain("Paid · Test mode");
    expect(html).not.toContain("<form");
    inspectPdf(await pdfOf(`${url}/receipt`));
  });

  test("a declined card leaves it open and says so", async () => {
    const invoice = await openInvoice([{ amount: 5000, description: "Work" }]);
    const declined = await pay(invoice.hosted_invoice_url, { card: "pm_card_chargeCustomerFail" });
    expect(declined.headers.get("location")).toMatch(/outcome=declined$/);
    const html = await (await get(`${invoice.hosted_invoice_url}?outcome=declined`)).text();
    expect(html).toContain("The card was declined");
    expect((await stripe.invoices.retrieve(invoice.id)).status).toBe("open");
  });

  test("a payment that asks its owner is approved, or not", async () => {
    const invoice = await openInvoice([{ amount: 5000, description: "Work" }]);
    const url = invoice.hosted_invoice_url;
    const asked = await pay(url, { card: "pm_card_authenticationRequired" });
    expect(asked.headers.get("location")).toMatch(/outcome=approval$/);
    expect(await (await get(url)).text()).toContain("Approve the payment");
    const refused = await pay(url, { approval: "refused" });
    expect(refused.headers.get("location")).toMatch(/outcome=refused$/);
    expect((await stripe.invoices.retrieve(invoice.id)).status).toBe("open");
    await pay(url, { approval: "given" });
    expect((await stripe.invoices.retrieve(invoice.id)).status).toBe("paid");
    const { data } = await stripe.charges.list({ customer: String(invoice.customer) });
    expect(data.map(({ status }) => status)).toEqual(["succeeded", "failed"]);
  });

  test("what is no card, and what is void, is not paid", async () => {
    const invoice = await openInvoice([{ amount: 5000, description: "Work" }]);
    expect((await pay(invoice.hosted_invoice_url, { card: "pm_nonsense" })).status).toBe(400);
    await stripe.invoices.voidInvoice(invoice.id);
    await pay(invoice.hosted_invoice_url, { card: "pm_card_visa" });
    expect((await stripe.invoices.retrieve(invoice.id)).status).toBe("void");
    expect(await (await get(invoice.hosted_invoice_url)).text()).toContain("Void");
  });
});

describe("documents", () => {
  test("an invoice of many lines goes over pages; the same invoice has the same bytes", async () => {
    const lines = Array.from({ length: 120 }, (_, n) => ({
      amount: 100 + n,
      description: `Position ${n}: Größe, Цена, Τιμή`,
    }));
    const { invoice_pdf: url } = await openInvoice(lines);
    const [first, second] = [await pdfOf(url), await pdfOf(url)];
    const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    expect(digest(first)).toBe(digest(second));
    expect(inspectPdf(first).pages).toBeGreaterThan(2);
    expect(inspectPdf(first).fonts).toBe(2);
  });

  test("a credit note has its own", async () => {
    const invoice = await openInvoice([{ amount: 5000, description: "Work" }]);
    const note = await stripe.creditNotes.create({
      invoice: invoice.id,
      amount: 500,
      memo: "Sorry",
    });
    expect(inspectPdf(await pdfOf(note.pdf)).pages).toBe(1);
    expect((await get(`${note.pdf}x`)).status).toBe(404);
  });
});
