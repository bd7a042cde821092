import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startReceiver } from "../support/receiver.ts";
import type { Company } from "./books/company.ts";
import type { Entity } from "./books/entity.ts";
import { openQuickBooks, type QuickBooks } from "./open-quickbooks.ts";

interface Body {
  [name: string]: unknown;
  Invoice: Entity;
  CreditMemo: Entity;
  Customer: Entity;
  QueryResponse: { Invoice?: Entity[]; Customer?: Entity[]; totalCount?: number };
  Fault: { Error: { Message: string; Detail: string; code: string }[] };
}

const REDIRECT = "http://localhost/cb";
let quickBooks: QuickBooks;
let here: Company;
let abroad: Company;
let foreign: Company;
const tokens = new Map<string, string>();

const tokenFor = (realmId: string): string => {
  const token = tokens.get(realmId) ?? quickBooks.issueTokens(realmId).access_token;
  tokens.set(realmId, token);
  return token;
};

async function api(company: Company, method: string, path: string, body?: unknown) {
  const response = await fetch(`${quickBooks.apiBase}/v3/company/${company.realmId}/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${tokenFor(company.realmId)}`,
      accept: "application/json",
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    body: (text.startsWith("{") ? JSON.parse(text) : {}) as Body,
  };
}

/** "200", or the code it is refused with. */
const codeOf = async (company: Company, path: string, body: unknown): Promise<string> => {
  const reply = await api(company, "POST", path, body);
  return reply.body.Fault?.Error[0]?.code ?? String(reply.status);
};

const ask = (company: Company, query: string) =>
  api(company, "GET", `query?query=${encodeURIComponent(query)}`);

type Sale = readonly [amount: number, quantity?: number, price?: number, code?: string];

const lines = (...sales: readonly Sale[]) =>
  sales.map(([Amount, Qty, UnitPrice, code]) => ({
    Amount,
    DetailType: "SalesItemLineDetail",
    SalesItemLineDetail: {
      ItemRef: { value: "1" },
      ...(Qty === undefined ? {} : { Qty, UnitPrice }),
      ...(code === undefined ? {} : { TaxCodeRef: { value: code } }),
    },
  }));

const discount = (Amount: number) => ({ Amount, DetailType: "DiscountLineDetail" });

const invoice = (fields: object = {}) => ({
  CustomerRef: { value: "1" },
  Line: lines([100]),
  ...fields,
});

async function postForm(path: string, form: Record<string, string>, headers = {}) {
  const { clientId, clientSecret } = quickBooks.app;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const response = await fetch(`${quickBooks.oauthBase}${path}`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}`, ...headers },
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const renew = (refresh_token: unknown, headers = {}) =>
  postForm(
    "/oauth2/v1/tokens/bearer",
    { grant_type: "refresh_token", refresh_token: String(refresh_token) },
    headers,
  );

function authorizeUrl(changes: Record<string, string> = {}): string {
  const url = new URL("/connect/oauth2", quickBooks.oauthBase);
  const fields = {
    client_id: quickBooks.app.clientId,
    redirect_uri: REDIRECT,
    response_type: "code",
    scope: "com.intuit.quickbooks.accounting",
    state: "s-1",
    ...changes,
  };
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  return url.href;
}

const DAY = 86_400;

beforeAll(async () => {
  quickBooks = await openQuickBooks({ limits: false, redirectUris: [REDIRECT] });
  here = quickBooks.company;
  here.addCustomer("Amy's Bird Sanctuary");
  abroad = quickBooks.addCompany({ country: "GB", customTxnNumbers: true });
  abroad.addCustomer("Acme Ltd");
  foreign = quickBooks.addCompany({ multiCurrency: true });
  foreign.addCustomer({ DisplayName: "Euro", CurrencyRef: { value: "EUR" } });
  foreign.addCustomer({ DisplayName: "Yen", CurrencyRef: { value: "JPY" } });
});
afterAll(() => quickBooks.close());

test("it imports nothing of the product", () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  const code = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  expect(code.length).toBeGreaterThan(20);
  for (const file of code) {
    const text = readFileSync(join(import.meta.dirname, file), "utf8");
    for (const [, from = ""] of text.matchAll(/ from "([^"]+)"/g)) {
      const isOwn = from.startsWith("node:") || from.startsWith("./");
      const isAbove = file.includes("/") && /^\.\.\/[^.]/.test(from);
      expect(isOwn || isAbove, `${file} imports ${from}`).toBe(true);
    }
  }
});

describe("OAuth", () => {
  test("a code is good once, for the address it was sent to", async () => {
    expect(await quickBooks.consent(authorizeUrl(), { deny: true })).toBe(
      `${REDIRECT}?state=s-1&error=access_denied`,
    );
    await expect(
      quickBooks.consent(authorizeUrl({ redirect_uri: "http://evil/" })),
    ).rejects.toThrow("redirect_uri is not registered");
    await expect(quickBooks.consent(authorizeUrl({ state: "" }))).rejects.toThrow(
      "state is missing",
    );
    const back = new URL(await quickBooks.consent(authorizeUrl()));
    expect(back.searchParams.get("realmId")).toBe(quickBooks.realmId);
    const code = back.searchParams.get("code") ?? "";
    const trade = (redirect_uri: string, headers = {}) =>
      postForm(
        "/oauth2/v1/tokens/bearer",
        { grant_type: "authorization_code", code, redirect_uri },
        headers,
      );
    expect((await trade("http://other")).body.error).toBe("invalid_grant");
    const stranger = { authorization: `Basic ${btoa("some:body")}` };
    expect(await trade(REDIRECT, stranger)).toMatchObject({
      status: 401,
      body: { error: "invalid_client" },
    });
    const traded = await trade(REDIRECT);
    expect(traded.status).toBe(200);
    expect(Object.keys(traded.body).sort()).toEqual([
      "access_token",
      "expires_in",
      "refresh_token",
      "token_type",
      "x_refresh_token_expires_in",
    ]);
    expect((await trade(REDIRECT)).body.error).toBe("invalid_grant");
    const other = await postForm("/oauth2/v1/tokens/bearer", { grant_type: "password" });
    expect(other.body.error).toBe("unsupported_grant_type");
  });

  test("tokens end: an hour, a day after a newer one, 100 idle days, five years, at once", async () => {
    const own = await openQuickBooks();
    const basic = Buffer.from(`${own.app.clientId}:${own.app.clientSecret}`).toString("base64");
    const refresh = async (token: string) => {
      const response = await fetch(`${own.oauthBase}/oauth2/v1/tokens/bearer`, {
        method: "POST",
        headers: {
          authorization: `Basic ${basic}`,
          "x-include-refresh-token-hard-expires-in": "true",
        },
        body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: token }),
      });
      return (await response.json()) as Record<string, string | number>;
    };
    const look = async (token: unknown) => {
      const url = `${own.apiBase}/v3/company/${own.realmId}/preferences`;
      const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
      const response = await fetch(url, { headers });
      return { response, text: await response.text() };
    };
    const first = own.issueTokens();
    own.advance(3599);
    expect((await look(first.access_token)).response.status).toBe(200);
    own.advance(1);
    const { response, text } = await look(first.access_token);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(JSON.parse(text).fault.error[0].code).toBe("3200");

    const second = await refresh(first.refresh_token);
    expect(second.x_refresh_token_hard_expires_in).toBeGreaterThan(1825 * DAY);
    own.advance(DAY - 60);
    expect(await refresh(first.refresh_token)).toHaveProperty("access_token");
    own.advance(120);
    expect(await refresh(first.refresh_token)).toMatchObject({ error: "invalid_grant" });

    let token = own.issueTokens().refresh_token;
    for (let day = 0; day < 1800; day += 90) {
      own.advance(90 * DAY);
      token = String((await refresh(token)).refresh_token);
    }
    own.advance(27 * DAY);
    expect(await refresh(token)).toMatchObject({ error: "invalid_grant" });

    const idle = own.issueTokens().refresh_token;
    own.advance(100 * DAY);
    expect(await refresh(idle)).toMatchObject({ error: "invalid_grant" });

    const revoked = own.issueTokens();
    own.revokeConsent();
    expect((await look(revoked.access_token)).response.status).toBe(401);
    expect(await refresh(revoked.refresh_token)).toMatchObject({ error: "invalid_grant" });
    await own.close();
  });

  test("an answer that is lost leaves the old refresh token for a day", async () => {
    const { refresh_token } = quickBooks.issueTokens();
    quickBooks.trouble("/tokens/bearer", "cut after");
    await expect(renew(refresh_token)).rejects.toThrow();
    const renewed = await renew(refresh_token);
    expect(renewed.status).toBe(200);
    expect(renewed.body.refresh_token).not.toBe(refresh_token);
    expect(quickBooks.oauthRequests.at(-1)?.status).toBe(200);
  });

  test("a consent that the app gives back is over", async () => {
    const { refresh_token } = quickBooks.issueTokens();
    const revoke = () => postForm("/v2/oauth2/tokens/revoke", { token: refresh_token });
    expect((await revoke()).status).toBe(200);
    expect((await renew(refresh_token)).body.error).toBe("invalid_grant");
  });
});

describe("the gate", () => {
  test("a token lets into its own company only", async () => {
    const url = `${quickBooks.apiBase}/v3/company/${abroad.realmId}/preferences`;
    const headers = { authorization: `Bearer ${tokenFor(here.realmId)}` };
    expect((await fetch(url, { headers })).status).toBe(403);
    expect((await fetch(url)).status).toBe(401);
  });

  test("more calls than a second or a minute has are refused", async () => {
    const own = await openQuickBooks({ limits: { perSecond: 3, perMinute: 5 } });
    const headers = { authorization: `Bearer ${own.issueTokens().access_token}` };
    const url = `${own.apiBase}/v3/company/${own.realmId}/preferences`;
    const calls = async (count: number) => {
      const seen: number[] = [];
      for (let n = 0; n < count; n += 1) seen.push((await fetch(url, { headers })).status);
      return seen;
    };
    expect(await calls(4)).toEqual([200, 200, 200, 429]);
    own.advance(2);
    expect(await calls(3)).toEqual([200, 200, 429]);
    own.advance(60);
    expect(await calls(1)).toEqual([200]);
    await own.close();
  });
});

describe("writes", () => {
  const bad = (fields: object) => invoice(fields);
  test.each<[string, string, unknown, string]>([
    ["an invoice", "invoice", invoice(), "200"],
    ["the cents of a product", "invoice", bad({ Line: lines([229.96, 9.39, 24.49]) }), "200"],
    [
      "a product that is a cent off",
      "invoice",
      bad({ Line: lines([229.97, 9.39, 24.49]) }),
      "6070",
    ],
    [
      "seven places of a price",
      "invoice",
      bad({ Line: lines([401.23, 1234567.89, 0.000325]) }),
      "200",
    ],
    [
      "an eighth place is lost",
      "invoice",
      bad({ Line: lines([121.93, 987654321, 0.00000012345]) }),
      "6070",
    ],
    ["three places of an amount", "invoice", bad({ Line: lines([1.005]) }), "2090"],
    [
      "sixteen digits",
      "invoice",
      '{"CustomerRef":{"value":"1"},"Line":[{"Amount":1234567890123.456}]}',
      "2090",
    ],
    ["no JSON", "invoice", "{", "2010"],
    ["an unknown property", "invoice", bad({ Colour: "red" }), "2010"],
    [
      "an unknown property of a line",
      "invoice",
      bad({ Line: [{ ...lines([1])[0], Tint: 1 }] }),
      "2010",
    ],
    ["a date that is none", "invoice", bad({ TxnDate: "2024-02-30" }), "2010"],
    ["no line", "invoice", { CustomerRef: { value: "1" } }, "2020"],
    ["no customer", "invoice", { Line: lines([1]) }, "2020"],
    ["21 characters of a number", "invoice", bad({ DocNumber: "N".repeat(21) }), "200"],
    ["22 characters of a number", "invoice", bad({ DocNumber: "N".repeat(22) }), "2050"],
    ["a long memo", "invoice", bad({ CustomerMemo: { value: "m".repeat(1001) } }), "2050"],
    ["a long note", "invoice", bad({ PrivateNote: "n".repeat(4001) }), "2050"],
    ["a customer who is not there", "invoice", bad({ CustomerRef: { value: "99" } }), "2500"],
    ["a term that is not there", "invoice", bad({ SalesTermRef: { value: "99" } }), "2500"],
    [
      "a negative line below the total",
      "invoice",
      bad({ Line: lines([100], [-40, 1, -40]) }),
      "200",
    ],
    ["a total of zero", "invoice", bad({ Line: lines([100], [-100]) }), "200"],
    ["a total below zero", "invoice", bad({ Line: lines([100], [-100.01]) }), "6000"],
    ["a discount of all", "invoice", bad({ Line: [...lines([100]), discount(100)] }), "200"],
    ["a discount of more", "invoice", bad({ Line: [...lines([100]), discount(100.01)] }), "6000"],
    ["a discount below zero", "invoice", bad({ Line: [...lines([100]), discount(-1)] }), "6000"],
    ["two discounts", "invoice", bad({ Line: [...lines([9]), discount(1), discount(1)] }), "6000"],
    ["750 lines", "invoice", bad({ Line: Array(750).fill(lines([1])[0]) }), "200"],
    ["751 lines", "invoice", bad({ Line: Array(751).fill(lines([1])[0]) }), "6000"],
    [
      "a kind of line that is none",
      "invoice",
      bad({ Line: [{ Amount: 1, DetailType: "Sale" }] }),
      "2170",
    ],
    ["an email that is none", "invoice", bad({ BillEmail: { Address: "amy" } }), "2210"],
    ["a currency where there is one", "invoice", bad({ CurrencyRef: { value: "USD" } }), "6000"],
    ["a tax code of elsewhere", "invoice", bad({ Line: lines([1, 1, 1, "5"]) }), "6000"],
    ["a credit memo", "creditmemo", invoice(), "200"],
    ["a customer's name again", "customer", { DisplayName: "amy's bird sanctuary" }, "6240"],
    ["a colon in a name", "customer", { DisplayName: "a:b" }, "2040"],
    ["no name", "customer", { CompanyName: "C" }, "2020"],
    ["a long name", "customer", { DisplayName: "d".repeat(101) }, "2050"],
    [
      "an item's name again",
      "item",
      { Name: "Services", Type: "Service", IncomeAccountRef: { value: "2" } },
      "6240",
    ],
    ["an item without account", "item", { Name: "New", Type: "Service" }, "2020"],
    [
      "an item on a bank account",
      "item",
      { Name: "New", Type: "Service", IncomeAccountRef: { value: "1" } },
      "6430",
    ],
    [
      "an item on a liability",
      "item",
      { Name: "Prepaid", Type: "Service", IncomeAccountRef: { value: "3" } },
      "200",
    ],
    ["a tax code", "taxcode", { Name: "New" }, "2010"],
    ["an operation that is none", "invoice?operation=print", invoice(), "500"],
    ["an entity that is none", "estimate", invoice(), "500"],
    ["a long request id", `invoice?requestid=${"r".repeat(51)}`, invoice(), "2050"],
  ])("%s: %s", async (_title, path, body, code) => {
    expect(await codeOf(here, path, body)).toBe(code);
  });

  test("what the books work out", async () => {
    const sent = invoice({ TxnDate: "2026-03-01", Line: lines([7599.42, 140.73, 54], [-99.42]) });
    const { Invoice } = (await api(here, "POST", "invoice?minorversion=75", sent)).body;
    // 7599.42 - 99.42 = 7500; 30 days from 1 March are 31 March.
    expect(Invoice).toMatchObject({ TotalAmt: 7500, Balance: 7500, DueDate: "2026-03-31" });
    expect(Invoice.Line?.at(-1)).toMatchObject({ Amount: 7500, DetailType: "SubTotalLineDetail" });
    expect(Invoice.Line?.[0]?.SalesItemLineDetail?.TaxCodeRef?.value).toBe("NON");
    const bare = { Line: [{ Amount: 1, DetailType: "SalesItemLineDetail" }] };
    const filled = (await api(here, "POST", "invoice", invoice(bare))).body.Invoice;
    expect(filled.Line?.[0]?.SalesItemLineDetail?.ItemRef?.name).toBe("Services");
    // 8% of 100 - 10: the discount goes before the tax.
    const cut = {
      Line: [...lines([100, 1, 100, "TAX"]), discount(10)],
      TxnTaxDetail: { TxnTaxCodeRef: { value: here.ids.taxCodes.California } },
    };
    const less = (await api(here, "POST", "invoice", invoice(cut))).body.Invoice;
    expect(less).toMatchObject({ TotalAmt: 97.2, TxnTaxDetail: { TotalTax: 7.2 } });
    // 8% of 100, by a code; then what is said wins.
    const taxed = { Line: lines([100, 1, 100, "TAX"]) };
    const codeId = here.ids.taxCodes.California;
    const byCode = { ...taxed, TxnTaxDetail: { TxnTaxCodeRef: { value: codeId } } };
    const stated = { ...taxed, TxnTaxDetail: { TotalTax: 7.77 } };
    for (const [fields, total] of [
      [byCode, 108],
      [stated, 107.77],
    ] as const) {
      expect((await api(here, "POST", "invoice", invoice(fields))).body.Invoice.TotalAmt).toBe(
        total,
      );
    }
  });

  test("a tax service of the United States needs an address", async () => {
    here.preferences.partnerTaxEnabled = true;
    const fields = { Line: lines([100, 1, 100, "TAX"]), TxnTaxDetail: { TotalTax: 8 } };
    const address = { BillAddr: { CountrySubDivisionCode: "CA" } };
    const without = (await api(here, "POST", "invoice", invoice(fields))).body.Invoice;
    const within = (await api(here, "POST", "invoice", invoice({ ...fields, ...address }))).body;
    here.preferences.partnerTaxEnabled = false;
    expect(without.TotalAmt).toBe(100);
    expect(within.Invoice.TotalAmt).toBe(108);
  });

  test("elsewhere each line has a tax code, and tax is rounded by line", async () => {
    expect(await codeOf(abroad, "invoice", invoice())).toBe("6000");
    const code = abroad.ids.taxCodes["20.0% S"] ?? "";
    const sales = lines([100, 40, 2.5, code], [59.99, 1, 59.99, code], [0, 500, 0, code]);
    const sent = invoice({ Line: sales, GlobalTaxCalculation: "TaxExcluded" });
    const { Invoice } = (await api(abroad, "POST", "invoice", sent)).body;
    // 20.00 + 11.998 -> 12.00 + 0 = 32.00
    expect(Invoice).toMatchObject({ TotalAmt: 191.99, TxnTaxDetail: { TotalTax: 32 } });
    const untaxed = invoice({ GlobalTaxCalculation: "NotApplicable" });
    expect((await api(abroad, "POST", "invoice", untaxed)).body.Invoice.TotalAmt).toBe(100);
    // 120 with 20% in it: 120 x 20 / 120 = 20.
    const gross = { Line: lines([120, 1, 120, code]), GlobalTaxCalculation: "TaxInclusive" };
    expect((await api(abroad, "POST", "invoice", invoice(gross))).body.Invoice).toMatchObject({
      TotalAmt: 120,
      TxnTaxDetail: { TotalTax: 20 },
    });
  });

  test("numbers are the caller's own, and differ, where the company chose so", async () => {
    const plain = { GlobalTaxCalculation: "NotApplicable" };
    const numbered = invoice({ ...plain, DocNumber: "MTR-1" });
    expect(await codeOf(abroad, "invoice", numbered)).toBe("200");
    expect(await codeOf(abroad, "invoice", numbered)).toBe("6140");
    expect(await codeOf(abroad, "invoice?include=allowduplicatedocnum", numbered)).toBe("200");
    const none = (await api(abroad, "POST", "invoice", invoice(plain))).body.Invoice;
    expect(none.DocNumber).toBeUndefined();
    expect(await codeOf(here, "invoice", invoice({ DocNumber: "MTR-1" }))).toBe("200");
    expect(await codeOf(here, "invoice", invoice({ DocNumber: "MTR-1" }))).toBe("200");
    const own = (await api(here, "POST", "invoice", invoice())).body.Invoice;
    expect(own.DocNumber).toMatch(/^1\d\d\d$/);
  });

  test("a document is in its customer's currency", async () => {
    const euro = { Line: lines([1249.5, 833, 1.5]), ExchangeRate: 1.0825 };
    expect(await codeOf(foreign, "invoice", invoice(euro))).toBe("2020");
    const inDollars = invoice({ ...euro, CurrencyRef: { value: "USD" } });
    expect(await codeOf(foreign, "invoice", inDollars)).toBe("6000");
    const inEuros = invoice({ ...euro, CurrencyRef: { value: "EUR" } });
    const { Invoice } = (await api(foreign, "POST", "invoice", inEuros)).body;
    // 1249.5 x 1.0825 = 1352.58375
    expect(Invoice).toMatchObject({ TotalAmt: 1249.5, HomeTotalAmt: 1352.58 });
    const yen = (amount: number) =>
      invoice({
        CustomerRef: { value: "2" },
        CurrencyRef: { value: "JPY" },
        Line: lines([amount]),
      });
    expect(await codeOf(foreign, "invoice", yen(125000))).toBe("200");
    expect(await codeOf(foreign, "invoice", yen(125000.5))).toBe("2090");
  });

  test("a document is changed by who has seen it last, in part or in whole", async () => {
    const { Id, SyncToken } = here.create(
      "Invoice",
      invoice({ PrivateNote: "ours", PONumber: "7" }),
    );
    const sparse = { Id, SyncToken, sparse: true, CustomerMemo: { value: "Thanks" } };
    const changed = (await api(here, "POST", "invoice", sparse)).body.Invoice;
    expect(changed).toMatchObject({ SyncToken: "1", PrivateNote: "ours", TotalAmt: 100 });
    expect(await codeOf(here, "invoice", sparse)).toBe("5010");
    expect(await codeOf(here, "invoice", { Id, sparse: true })).toBe("2020");
    expect(await codeOf(here, "invoice", { Id: "9999", SyncToken: "0", sparse: true })).toBe("610");
    const full = { ...invoice({ Line: lines([70], [5]) }), Id, SyncToken: "1" };
    const whole = (await api(here, "POST", "invoice", full)).body.Invoice;
    expect(whole).toMatchObject({ SyncToken: "2", TotalAmt: 75 });
    expect(whole.PrivateNote).toBeUndefined();
    // A read document can be sent back as it is.
    expect((await api(here, "POST", "invoice", whole)).body.Invoice.SyncToken).toBe("3");
  });

  test("a payment makes the token stale, and what is paid is not voided", async () => {
    const { Id, SyncToken } = here.create("Invoice", invoice());
    const payment = here.pay(Id, 40);
    expect(here.get("Invoice", Id)).toMatchObject({ SyncToken: "1", Balance: 60, TotalAmt: 100 });
    expect(await codeOf(here, "invoice?operation=void", { Id, SyncToken })).toBe("5010");
    expect(await codeOf(here, "invoice?operation=void", { Id, SyncToken: "1" })).toBe("6000");
    expect(
      await codeOf(here, "invoice", { ...invoice({ Line: lines([39]) }), Id, SyncToken: "1" }),
    ).toBe("6000");
    here.void("Payment", payment.Id);
    expect(here.get("Invoice", Id)).toMatchObject({ SyncToken: "2", Balance: 100, LinkedTxn: [] });
    const over = here.pay(Id, 130);
    expect(over).toMatchObject({ TotalAmt: 130, UnappliedAmt: 30 });
    expect(here.get("Invoice", Id)?.Balance).toBe(0);
    here.delete("Invoice", Id);
    expect(here.get("Payment", over.Id)).toMatchObject({ UnappliedAmt: 130, Line: [] });
  });

  test("a payment of nothing puts a credit memo to an invoice of the same customer", async () => {
    const open = here.create("Invoice", invoice());
    const memo = here.create("CreditMemo", invoice({ Line: lines([30]) }));
    const link = (Amount: number, TxnId: string, TxnType: string) => ({
      Amount,
      LinkedTxn: [{ TxnId, TxnType }],
    });
    const both = [link(30, open.Id, "Invoice"), link(30, memo.Id, "CreditMemo")];
    const payment = { CustomerRef: { value: "1" }, TotalAmt: 0, Line: both };
    const other = here.addCustomer("Somebody else").Id;
    expect(await codeOf(here, "payment", { ...payment, CustomerRef: { value: other } })).toBe(
      "620",
    );
    expect(await codeOf(here, "payment", { ...payment, Line: both.slice(0, 1) })).toBe("6000");
    expect(await codeOf(here, "payment", payment)).toBe("200");
    expect(here.get("Invoice", open.Id)?.Balance).toBe(70);
    const used = here.get("CreditMemo", memo.Id);
    expect(used?.RemainingCredit).toBe(0);
    const token = { Id: memo.Id, SyncToken: used?.SyncToken };
    expect(await codeOf(here, "creditmemo?operation=delete", token)).toBe("6000");
    expect(await codeOf(here, "creditmemo?operation=void", token)).toBe("500");
    const [applied] = here.get("Invoice", open.Id)?.LinkedTxn ?? [];
    here.delete("Payment", applied?.TxnId ?? "");
    expect(here.get("Invoice", open.Id)?.Balance).toBe(100);
    here.delete("CreditMemo", memo.Id);
    expect(here.get("CreditMemo", memo.Id)).toBeUndefined();
  });

  test("where credit is put to invoices at once, the oldest open ones have it first", async () => {
    here.preferences.autoApplyCredit = true;
    const newer = here.create("Invoice", invoice({ TxnDate: "2026-02-01" }));
    const older = here.create("Invoice", invoice({ TxnDate: "2026-01-01", Line: lines([20]) }));
    const { body } = await api(here, "POST", "creditmemo", invoice({ Line: lines([30]) }));
    here.preferences.autoApplyCredit = false;
    expect(body.CreditMemo).toMatchObject({ TotalAmt: 30, Balance: 0 });
    expect([older, newer].map(({ Id }) => here.get("Invoice", Id)?.Balance)).toEqual([0, 90]);
  });

  test("void keeps the record without amounts, delete removes it, closed books stay", async () => {
    const { Id } = here.create("Invoice", invoice({ TxnDate: "2026-01-31", PrivateNote: "ours" }));
    here.preferences.booksClosedThrough = "2026-01-31";
    expect(await codeOf(here, "invoice?operation=void", { Id, SyncToken: "0" })).toBe("6210");
    expect(await codeOf(here, "invoice", invoice({ TxnDate: "2026-01-31" }))).toBe("6210");
    here.preferences.booksClosedThrough = "2026-01-30";
    const { Invoice } = (await api(here, "POST", "invoice?operation=void", { Id, SyncToken: "0" }))
      .body;
    here.preferences.booksClosedThrough = undefined;
    expect(Invoice).toMatchObject({ TotalAmt: 0, Balance: 0, SyncToken: "1" });
    expect(Invoice).toMatchObject({
      PrivateNote: "Voided - ours",
      Line: [{ Amount: 0 }, { Amount: 0 }],
    });
    const gone = await api(here, "POST", "invoice?operation=delete", { Id, SyncToken: "1" });
    expect(gone.body.Invoice).toEqual({ domain: "QBO", status: "Deleted", Id });
    const missing = await api(here, "GET", `invoice/${Id}`);
    expect(missing.body.Fault.Error[0]?.code).toBe("610");
    expect((await api(here, "GET", "invoice/1.5")).body.Fault.Error[0]?.code).toBe("2030");
  });

  test("who is made inactive frees the name and cannot be billed", async () => {
    const first = here.addCustomer("Once");
    const named = { Id: first.Id, SyncToken: "0", sparse: true, Active: false };
    const { Customer } = (await api(here, "POST", "customer", named)).body;
    expect(Customer.DisplayName).toBe("Once (deleted)");
    expect(await codeOf(here, "invoice", invoice({ CustomerRef: { value: first.Id } }))).toBe(
      "610",
    );
    expect(
      (await ask(here, "select * from Customer where DisplayName like 'Once%'")).body.QueryResponse,
    ).toEqual({});
    const all = "select * from Customer where DisplayName like 'Once%' and Active in (true, false)";
    expect((await ask(here, all)).body.QueryResponse.Customer).toHaveLength(1);
    here.addCustomer("Once");
    const back = { Id: first.Id, SyncToken: "1", sparse: true, Active: true };
    expect(await codeOf(here, "customer", back)).toBe("6240");
    here.create("Vendor", { DisplayName: "Twice" });
    expect(await codeOf(here, "customer", { DisplayName: "Twice" })).toBe("6240");
  });

  test("a request id is done once, also when its document is gone", async () => {
    const first = await api(here, "POST", "invoice?requestid=once", invoice());
    const { Id } = first.body.Invoice;
    here.delete("Invoice", Id);
    const again = await api(here, "POST", "invoice?requestid=once", invoice({ Line: lines([1]) }));
    expect(again.text).toBe(first.text);
    expect(here.get("Invoice", Id)).toBeUndefined();
    expect(await codeOf(here, "customer?requestid=mended", { DisplayName: "a:b" })).toBe("2040");
    expect(await codeOf(here, "customer?requestid=mended", { DisplayName: "a-b" })).toBe("200");
  });
});

describe("reads", () => {
  test.each([
    ["select * from Customer where DisplayName = 'Amy\\'s Bird Sanctuary'", "200"],
    ["select count(*) from Invoice where TxnDate >= '2026-01-01' and Balance > '0'", "200"],
    [
      "select * from Item where Name in ('Services') orderby Id desc startposition 1 maxresults 10",
      "200",
    ],
    ["select * from Invoice where MetaData.LastUpdatedTime > '2026-01-01T00:00:00Z'", "200"],
    ["select * from CompanyInfo", "200"],
    ["select * from Customer where DisplayName = 'Amy''s'", "4001"],
    ["select * from Custmoer", "4001"],
    ["select Id from Customer", "4001"],
    ["select * from Customer where Id = '1' or Id = '2'", "4001"],
    ["select * from Invoice where PrivateNote like '%ours%'", "4001"],
    ["select * from Customer maxresults 1001", "4001"],
    ["select * from Customer startposition 0", "4001"],
    ["delete from Customer", "4001"],
  ])("%s: %s", async (query, code) => {
    const { status, body } = await ask(here, query);
    expect(body.Fault?.Error[0]?.code ?? String(status)).toBe(code);
  });

  test("a page is 100 unless asked, and what is not there has no list", async () => {
    const own = quickBooks.addCompany();
    for (let n = 1; n <= 101; n += 1) own.addCustomer(`Customer ${n}`);
    const page = async (rest: string) =>
      (await ask(own, `select * from Customer ${rest}`)).body.QueryResponse.Customer ?? [];
    expect(await page("")).toHaveLength(100);
    expect((await page("orderby Id startposition 101")).map(({ Id }) => Id)).toEqual(["101"]);
    expect((await ask(own, "select * from Customer startposition 102")).body.QueryResponse).toEqual(
      {},
    );
    expect((await ask(own, "select count(*) from Customer")).body.QueryResponse).toEqual({
      totalCount: 101,
    });
  });

  test("the change feed has what changed and what is gone", async () => {
    const own = quickBooks.addCompany();
    own.addCustomer("Amy");
    const kept = own.create("Invoice", invoice());
    const gone = own.create("Invoice", invoice());
    own.delete("Invoice", gone.Id);
    const since = encodeURIComponent(String(kept.MetaData.LastUpdatedTime));
    const feed = await api(own, "GET", `cdc?entities=Invoice,Payment&changedSince=${since}`);
    expect(feed.body.CDCResponse).toMatchObject([
      { QueryResponse: [{ Invoice: [{ Id: kept.Id }, { Id: gone.Id, status: "Deleted" }] }, {}] },
    ]);
    const long = await api(own, "GET", "cdc?entities=Invoice&changedSince=2020-01-01T00:00:00Z");
    expect(long.body.Fault.Error[0]?.code).toBe("4001");
  });

  test("each item of a batch succeeds or is refused by itself", async () => {
    const BatchItemRequest = [
      { bId: "1", operation: "create", Customer: { DisplayName: "Of a batch" } },
      { bId: "2", operation: "create", Customer: { DisplayName: "Of a batch" } },
      { bId: "3", Query: "select count(*) from Account" },
    ];
    const { status, body } = await api(here, "POST", "batch?requestid=b-1", { BatchItemRequest });
    expect(status).toBe(200);
    expect(body.BatchItemResponse).toMatchObject([
      { bId: "1", Customer: { DisplayName: "Of a batch" } },
      { bId: "2", Fault: { Error: [{ code: "6240" }] } },
      { bId: "3", QueryResponse: { totalCount: 4 } },
    ]);
    const long = { BatchItemRequest: [{ bId: "12345678901", operation: "create" }] };
    expect(await codeOf(here, "batch", long)).toBe("2050");
  });

  test("preferences, a PDF and a mail", async () => {
    const { body } = await api(abroad, "GET", "preferences");
    expect(body.Preferences).toMatchObject({
      SalesFormsPrefs: { CustomTxnNumbers: true },
      CurrencyPrefs: { HomeCurrency: { value: "GBP" } },
    });
    const { Id } = here.create("Invoice", invoice());
    expect((await api(here, "GET", `invoice/${Id}/pdf`)).text).toMatch(/^%PDF/);
    expect(await codeOf(here, `invoice/${Id}/send`, undefined)).toBe("6000");
    const sent = await api(here, "POST", `invoice/${Id}/send?sendTo=amy%40example.com`);
    expect(sent.body.Invoice).toMatchObject({ EmailStatus: "EmailSent", SyncToken: "1" });
  });

  test("who does not ask for JSON gets XML, and numbers are written plainly", async () => {
    const url = `${quickBooks.apiBase}/v3/company/${here.realmId}/preferences`;
    const headers = { authorization: `Bearer ${tokenFor(here.realmId)}` };
    expect((await fetch(url, { headers })).headers.get("content-type")).toContain("xml");
    const sent = invoice({ Line: lines([0.1, 1000000, 0.0000001]) });
    expect((await api(here, "POST", "invoice", sent)).text).toContain('"UnitPrice":0.0000001');
  });
});

describe("trouble", () => {
  test.each([
    ["cut before", 0, undefined],
    ["cut after", 1, undefined],
    ["broken before", 0, 500],
    ["broken after", 1, 500],
    ["bad gateway after", 1, 502],
    ["page after", 1, 200],
    ["throttled", 0, 429],
    ["throttled xml", 0, 429],
    ["expired", 0, 401],
    ["forbidden", 0, 403],
    ["6210", 0, 400],
  ] as const)("%s: %i done, answer %s", async (kind, done, status) => {
    const before = here.list("Invoice").length;
    quickBooks.trouble("POST /v3", kind);
    const path = `invoice?requestid=${encodeURIComponent(kind)}`;
    const seen = await api(here, "POST", path, invoice()).catch(() => undefined);
    expect(seen?.status).toBe(status);
    expect(here.list("Invoice").length - before).toBe(done);
    expect(quickBooks.requests.at(-1)).toMatchObject({ requestId: kind, status: status ?? 0 });
    expect(await codeOf(here, path, invoice())).toBe("200");
    expect(here.list("Invoice").length - before).toBe(1);
  });

  test("a call that is held is answered when it is let go", async () => {
    quickBooks.trouble(/invoice/, "slow after");
    const before = here.list("Invoice").length;
    const held = api(here, "POST", "invoice", invoice());
    while (here.list("Invoice").length === before) await new Promise(setImmediate);
    quickBooks.release();
    expect((await held).status).toBe(200);
  });
});

test("webhooks tell what happened, signed, in both shapes, again and backwards", async () => {
  const receiver = await startReceiver();
  quickBooks.events.splice(0);
  const { Id } = here.create("Invoice", invoice());
  here.void("Invoice", Id);
  const deliveries = await quickBooks.sendWebhooks({
    url: receiver.url,
    separately: true,
    reversed: true,
  });
  expect(deliveries.map(({ status }) => status)).toEqual([200, 200]);
  const types = receiver.received.map(({ body }) => JSON.parse(body)[0].type);
  expect(types).toEqual(["qbo.invoice.voided.v1", "qbo.invoice.created.v1"]);
  const [first] = receiver.received;
  const signature = createHmac("sha256", quickBooks.app.verifierToken)
    .update(first?.body ?? "")
    .digest("base64");
  expect(first?.headers["intuit-signature"]).toBe(signature);
  if (deliveries[0] !== undefined) await quickBooks.redeliver(deliveries[0]);
  expect(receiver.received[2]?.body).toBe(first?.body);
  expect(await quickBooks.sendWebhooks({ url: receiver.url })).toEqual([]);

  here.pay(here.create("Invoice", invoice()).Id);
  await quickBooks.sendWebhooks({ url: receiver.url, form: "old" });
  const old = JSON.parse(receiver.received[3]?.body ?? "{}");
  expect(old.eventNotifications[0].realmId).toBe(here.realmId);
  const told = old.eventNotifications[0].dataChangeEvent.entities.map(
    ({ name, operation }: Record<string, string>) => `${name} ${operation}`,
  );
  expect(told).toEqual(["Invoice Create", "Payment Create", "Invoice Update"]);
  await receiver.close();
});
