import { get } from "node:http";
import { text } from "node:stream/consumers";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startSmtpServer } from "../support/smtp-server.ts";

/** Mails of invoices that are sent: kept to be looked at, or handed to a mail server. */
let server: TestServer;

async function sendInvoice(stripe: Stripe, terms: Stripe.CustomerCreateParams = {}) {
  const customer = await stripe.customers.create({
    name: "Bea <b>",
    email: "bea@example.com",
    ...terms,
  });
  const { id } = await stripe.invoices.create({
    customer: customer.id,
    collection_method: "send_invoice",
    days_until_due: 14,
    auto_advance: true,
    currency: "usd",
  });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: id, amount: 123_456 });
  return stripe.invoices.finalizeInvoice(id);
}

interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly status: string;
  readonly time: string;
  readonly attempts: number;
  readonly error: string | null;
}

/** Asks for a path as it is written. */
const rawGet = (url: string, path: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    get({ hostname, port, path }, (response) => {
      text(response)
        .then((body) => resolve({ status: response.statusCode ?? 0, body }))
        .catch(reject);
    }).on("error", reject);
  });

const outbox = async (query = ""): Promise<readonly Mail[]> =>
  (await server.send("GET", `/v1/outbox${query}`)).body.data;

async function payWithInstructions(): Promise<void> {
  const headers = {
    authorization: `Bearer ${server.sandboxToken}`,
    "content-type": "application/json",
  };
  const url = `${server.collectUrl}/ledgerline/accounts`;
  const list = (await (await fetch(url, { headers })).json()) as { data: { id: string }[] };
  const body = JSON.stringify({
    business_name: "Acme GmbH",
    payment_instructions: "IBAN DE02 1203 0000 0000 2020 51",
  });
  await fetch(`${url}/${list.data[0]?.id}`, { method: "POST", headers, body });
}

describe("without a mail server", () => {
  beforeAll(async () => {
    server = await startTestServer();
    await server.setClock("2024-01-01T00:00:00Z");
    await payWithInstructions();
  });
  afterAll(() => server.close());

  test("a mail is kept: amount, due date, link, how to pay", async () => {
    const invoice = await sendInvoice(server.stripe);
    const [mail] = await outbox();
    expect(mail).toMatchObject({
      to: "bea@example.com",
      subject: `[Test] Invoice ${invoice.number} from Acme GmbH`,
      status: "kept",
      time: "2024-01-01T00:00:00Z",
    });
    expect(mail?.text).toContain("Amount due: $1,234.56");
    expect(mail?.text).toContain("Due date: Jan 15, 2024");
    expect(mail?.text).toContain(String(invoice.hosted_invoice_url));
    expect(mail?.text).toContain("IBAN DE02 1203 0000 0000 2020 51");
  });

  test("sending again mails again; without an address there is none; a name cannot add headers", async () => {
    const before = (await outbox()).length;
    const { id } = await sendInvoice(server.stripe, {
      email: "x@example.com\r\nBcc: all@example.com",
    });
    await server.stripe.invoices.sendInvoice(id);
    await sendInvoice(server.stripe, { email: "" });
    const mails = (await outbox()).slice(before);
    expect(mails).toHaveLength(2);
    expect(mails[0]?.to).toBe("x@example.com Bcc: all@example.com");
  });

  test("a paid invoice that is sent asks for nothing", async () => {
    const { id } = await sendInvoice(server.stripe, { email: "paid@example.com" });
    await server.stripe.invoices.pay(id, { paid_out_of_band: true });
    await server.stripe.invoices.sendInvoice(id);
    const [asked, paid] = await outbox("?to=paid%40example.com");
    expect(asked?.text).toContain("Amount due: $1,234.56");
    expect(paid?.text).toContain("Amount: $1,234.56");
    for (const word of ["due", "Due", "IBAN"]) expect(paid?.text).not.toContain(word);
  });

  test("the list is of one environment, pages and filters", async () => {
    expect((await outbox("?to=bea%40example.com")).length).toBe(1);
    expect(await outbox("?status=sent")).toEqual([]);
    const { body } = await server.send("GET", "/v1/outbox?limit=1");
    expect(body.data).toHaveLength(1);
    expect((await outbox(`?limit=100&next_page=${body.next_page}`)).length).toBe(4);
    const other = await fetch(`${server.url}/v1/outbox`, {
      headers: { authorization: `Bearer ${server.productionToken}` },
    });
    expect(await other.json()).toEqual({ data: [], next_page: null });
    expect((await server.send("GET", "/v1/outbox?status=lost")).status).toBe(400);
  });

  test("the page behind the link also answers at the core's address", async () => {
    const { hosted_invoice_url: link } = await sendInvoice(server.stripe);
    const path = new URL(String(link)).pathname;
    const page = await fetch(`${server.url}${path}`);
    expect([page.status, page.headers.get("x-robots-tag")]).toEqual([200, "noindex"]);
    expect(await page.text()).toContain("Bea &lt;b&gt;");
    const style = await fetch(`${server.url}/i/page.css`);
    expect(style.headers.get("content-type")).toContain("text/css");
    expect((await fetch(`${server.url}/i/nothing-here-at-all`)).status).toBe(404);
    // Node's client would walk the path itself: sent as it is, and answered by the core, not by Collect.
    const outside = await rawGet(server.url, "/i/%2e%2e/v1/customers");
    expect([outside.status, JSON.parse(outside.body)]).toEqual([
      404,
      { message: expect.stringMatching(/^Page .* not found$/) },
    ]);
  });
});

describe("with a mail server", () => {
  let smtp: Awaited<ReturnType<typeof startSmtpServer>>;
  beforeAll(async () => {
    smtp = await startSmtpServer();
    server = await startTestServer({ mail: { smtpUrl: smtp.url, from: "billing@acme.test" } });
    await server.setClock("2024-01-01T00:00:00Z");
  });
  afterAll(async () => {
    await server.close();
    await smtp.close();
  });

  test("a mail goes out once", async () => {
    await sendInvoice(server.stripe);
    await server.setClock("2024-01-01T00:00:01Z");
    expect(smtp.mails).toHaveLength(1);
    expect(smtp.mails[0]).toMatchObject({
      from: expect.stringContaining("billing@acme.test"),
      to: expect.stringContaining("bea@example.com"),
    });
    expect(smtp.mails[0]?.data).toMatch(/^Message-ID: <[\w-]+@ledgerline>$/m);
    expect(await outbox()).toMatchObject([{ status: "sent", attempts: 1, error: null }]);
  });

  test("an address with a comma in it is one address", async () => {
    const before = smtp.mails.length;
    await sendInvoice(server.stripe, { email: '"a,b"@example.com' });
    await server.setClock("2024-01-01T00:00:01.5Z");
    expect(smtp.mails.slice(before).map(({ to }) => to)).toEqual([
      expect.stringContaining('"a,b"@example.com'),
    ]);
  });

  test("one that is refused is tried again", async () => {
    smtp.be("refuses");
    await sendInvoice(server.stripe, { email: "late@example.com" });
    await server.setClock("2024-01-01T00:00:02Z");
    expect(await outbox("?to=late%40example.com")).toMatchObject([
      { status: "waiting", attempts: 1, error: expect.stringContaining("not now") },
    ]);
    smtp.be("takes");
    await server.setClock("2024-01-01T00:01:00Z");
    expect(await outbox("?to=late%40example.com")).toMatchObject([{ status: "sent", attempts: 2 }]);
  });

  test("one whose taking was not heard of goes again under the same id", async () => {
    smtp.be("drops");
    const before = smtp.mails.length;
    await sendInvoice(server.stripe, { email: "twice@example.com" });
    await server.setClock("2024-01-01T00:01:01Z");
    smtp.be("takes");
    await server.setClock("2024-01-01T00:05:00Z");
    const mails = smtp.mails.slice(before);
    const ids = mails.map(({ data }) => /^Message-ID: (.*)$/m.exec(data)?.[1]);
    expect(mails.length).toBeGreaterThanOrEqual(2);
    expect(new Set(ids).size).toBe(1);
    expect(await outbox("?to=twice%40example.com")).toMatchObject([{ status: "sent" }]);
  });
});
