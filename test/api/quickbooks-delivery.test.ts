import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  type NewContract,
  use,
} from "../support/billing.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

let world: QuickBooksWorld;
let product: string;
let card: string;
let item: string;
let month = 0;
const START = "2026-02-01T00:00:00Z";
const END = "2026-03-01T00:00:00Z";
const BILLED = "2026-03-02T00:00:00Z";

/** The guide's own example. */
const guide: { payer: string; invoice: Invoice | undefined } = { payer: "", invoice: undefined };

beforeAll(async () => {
  world = await openQuickBooksWorld();
  await world.server.setClock("2026-02-10T00:00:00Z");
  product = await createUsageProduct(world.server.metronome, "Warehouse Compute");
  card = await createRateCard(world.server.metronome, [[product, 5400]]);
  item = world.quickBooks.company.addItem("Compute").Id;
  await world.map("contract_product", product, "qbo_item_id", item);
  // Billed before every test, so that its dates are the same whichever tests run, and in which order.
  guide.payer = world.quickBooks.company.addCustomer("Guide Co").Id;
  const customer = await world.addCustomer("Acme");
  await world.map("customer", customer, "qbo_customer_id", guide.payer);
  guide.invoice = await bill(customer, "140.73");
}, 60_000);
afterAll(() => world?.close());

const at = (text: string): string => {
  const [, rest] = text.split("2026-");
  const [of, ...day] = (rest ?? "").split("-");
  const total = Number(of) - 1 + month;
  const year = 2026 + Math.floor(total / 12);
  return `${year}-${String((total % 12) + 1).padStart(2, "0")}-${day.join("-")}`;
};

/** Each customer is billed in months of its own. */
async function bill(
  customerId: string,
  quantity: string,
  terms: Partial<NewContract> = {},
): Promise<Invoice> {
  const { server } = world;
  await server.setClock(at("2026-02-10T00:00:00Z"));
  await createContract(server.metronome, customerId, card, {
    name: "Acme 2026",
    starting_at: at(START),
    ending_before: at(END),
    ...terms,
  });
  await use(
    server.metronome,
    customerId,
    "Warehouse Compute",
    at("2026-02-05T00:00:00Z"),
    quantity,
  );
  await server.setClock(at(BILLED));
  month += 2;
  return ours(customerId);
}

async function ours(customerId: string): Promise<Invoice> {
  const invoices = await listInvoices(world.server.metronome, customerId);
  const [invoice] = invoices.filter(({ line_items: lines }) => lines.length > 0);
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

const theirs = (invoice: Pick<Invoice, "id">, kind: "Invoice" | "CreditMemo" = "Invoice") =>
  world.quickBooks.company
    .list(kind)
    .filter(({ PrivateNote = "" }) => PrivateNote.includes(invoice.id));

/** Lets what falls due now happen, with nothing new due. */
const settle = async () => {
  const { body } = await world.server.send("GET", "/v1/sandbox/clock");
  await world.server.setClock(body.data.now);
};

async function retry(invoice: Pick<Invoice, "id">): Promise<void> {
  const [run] = await world.runsOf(invoice.id);
  const reply = await world.server.send("POST", `/v1/runs/${run.id}/retry`);
  expect(reply.status).toBe(200);
  await settle();
}

const writesOf = (entity: string) =>
  world.quickBooks.requests.filter(
    ({ method, path }) => method === "POST" && path.endsWith(`/${entity}`),
  );

test("the guide's example, from usage to the books: 140.73 x 54.00 = 7599.42", () => {
  const { payer, invoice } = guide;
  if (invoice === undefined) throw new Error("not billed");
  const id8 = invoice.id.slice(0, 8).toUpperCase();
  const [sent, ...more] = writesOf("invoice").filter(({ body }) => body.includes(invoice.id));
  expect(more).toEqual([]);
  // Issued when the day of grace after the period is over, due 30 days from then.
  expect(sent?.query.minorversion).toBe("75");
  expect(sent?.query.requestid).toMatch(/^[0-9a-f]{40}$/);
  expect(sent?.body).toBe(
    `{"CustomerRef":{"value":"${payer}"},"TxnDate":"2026-03-02","DueDate":"2026-04-01","DocNumber":"MTR-${id8}",` +
      `"PrivateNote":"invoice=${invoice.id}; FINALIZED; 2026-02-01..2026-03-01; contract=${invoice.contract_id}; Acme 2026",` +
      '"CustomerMemo":{"value":"Usage 1 Feb 2026 to 28 Feb 2026, Acme 2026"},' +
      '"Line":[{"Amount":7599.42,"DetailType":"SalesItemLineDetail",' +
      `"Description":"Warehouse Compute (usage); 2026-02-01 to 2026-03-01; product ${product}",` +
      `"SalesItemLineDetail":{"ItemRef":{"value":"${item}"},"Qty":140.73,"UnitPrice":54}}]}`,
  );
  const [document] = theirs(invoice);
  expect(invoice.external_invoice).toMatchObject({
    billing_provider_type: "quickbooks_online",
    invoice_id: document?.Id,
    external_status: "FINALIZED",
    invoiced_total: 759942,
  });
});

test("from the line in the books back to the rate and the events that it came of", async () => {
  const { server, quickBooks } = world;
  const { external_invoice: external } = guide.invoice ?? {};
  const document = quickBooks.company.get("Invoice", external?.invoice_id ?? "");
  const [, id] = /invoice=([0-9a-f-]+);/.exec(document?.PrivateNote ?? "") ?? [];
  const [, name, of] =
    /^(.+) \(usage\);.*product (\S+)$/.exec(document?.Line?.[0]?.Description ?? "") ?? [];
  const { body } = await server.send("GET", `/v1/invoices/${id}/explain`);
  const [found] = await listInvoices(server.metronome, guide.invoice?.customer_id ?? "");
  expect(found?.line_items[0]).toMatchObject({ name, product_id: of });
  const [line, ...more] = body.data.line_items.filter(
    (each: { name: string }) => each.name === name,
  );
  expect(more).toEqual([]);
  expect(line.steps.map(({ text }: { text: string }) => text).join()).toContain(
    "140.73 x 5400 = 759942",
  );
  const { events_url: events } = line.steps[0];
  const { pathname, search } = new URL(events);
  const used = await server.send("GET", `${pathname}${search}`);
  expect(used.body.data).toMatchObject([{ properties: { value: "140.73" } }]);
});

test("what a preview shows is what is sent, byte for byte", async () => {
  const customer = await world.addCustomer("Preview Co", {
    qbo_customer_id: world.quickBooks.company.addCustomer("Preview Co").Id,
  });
  const invoice = await bill(customer, "2.5");
  const { body } = await world.server.send(
    "POST",
    `/v1/invoices/${invoice.id}/provider-requests`,
    {},
  );
  const [sent] = writesOf("invoice").slice(-1);
  expect(body.data).toHaveLength(1);
  expect(JSON.stringify(body.data[0].params)).toBe(sent?.body);
  expect(body.data[0]).toMatchObject({ method: "POST", path: sent?.path });
});

describe("customers", () => {
  test("are found by their name, and their id is kept", async () => {
    const there = world.quickBooks.company.addCustomer("Known O'Brien & Sons").Id;
    const customer = await world.addCustomer("Known O'Brien & Sons");
    const before = writesOf("customer").length;
    const invoice = await bill(customer, "1");
    expect(writesOf("customer")).toHaveLength(before);
    expect(theirs(invoice)).toMatchObject([{ CustomerRef: { value: there } }]);
    expect(await world.customField("customer", customer, "qbo_customer_id")).toBe(there);
  });

  test("are made where there is none, once, and their id is kept", async () => {
    const customer = await world.addCustomer("Brand: New\tInc");
    const first = await bill(customer, "1");
    await bill(customer, "2");
    const made = world.quickBooks.company
      .list("Customer")
      .filter(({ DisplayName }) => DisplayName === "Brand New Inc");
    expect(made).toHaveLength(1);
    expect(theirs(first)).toMatchObject([{ CustomerRef: { value: made[0]?.Id } }]);
    expect(await world.customField("customer", customer, "qbo_customer_id")).toBe(made[0]?.Id);
  });

  test("whose name a vendor has get the head of our id behind it", async () => {
    world.quickBooks.company.create("Vendor", { DisplayName: "Taken Ltd" });
    const customer = await world.addCustomer("Taken Ltd");
    const invoice = await bill(customer, "1");
    const [document] = theirs(invoice);
    const payer = document?.CustomerRef?.value ?? "";
    expect(world.quickBooks.company.get("Customer", payer)?.DisplayName).toBe(
      `Taken Ltd (${customer.slice(0, 8)})`,
    );
  });

  test("are not made where that is off: the run says what to do, and a retry after it is done sends", async () => {
    await world.set({ create_customers: false });
    const customer = await world.addCustomer("Unknown Co");
    const invoice = await bill(customer, "1");
    await world.set({ create_customers: true });
    const [run] = await world.runsOf(invoice.id);
    expect(run).toMatchObject({
      status: "FAILED",
      error: { code: "customer_missing", message: expect.stringContaining("qbo_customer_id") },
    });
    const there = world.quickBooks.company.addCustomer("Some other name").Id;
    await world.map("customer", customer, "qbo_customer_id", there);
    await retry(invoice);
    expect(theirs(invoice)).toMatchObject([{ CustomerRef: { value: there } }]);
  });
});

describe("items", () => {
  const oneOff = (name: string, productId: string): Partial<NewContract> => ({
    scheduled_charges: [
      {
        name,
        product_id: productId,
        schedule: { schedule_items: [{ timestamp: at("2026-02-20T00:00:00Z"), amount: 10_000 }] },
      },
    ],
  });
  const scheduled = async (customer: string) => {
    const all = await listInvoices(world.server.metronome, customer);
    const found = all.find(({ type }) => type === "SCHEDULED");
    if (found === undefined) throw new Error("no scheduled invoice");
    return found;
  };

  test("of a product that nothing maps: refused with its name, sent once it is mapped", async () => {
    const support = await createFixedProduct(world.server.metronome, "Support plan");
    const customer = await world.addCustomer("Items Co");
    await bill(customer, "1", oneOff("Support plan", support));
    const invoice = await scheduled(customer);
    const [run] = await world.runsOf(invoice.id);
    expect(run.error).toMatchObject({
      code: "item_missing",
      message: expect.stringContaining('"Support plan"'),
    });
    expect(theirs(invoice)).toEqual([]);
    const item = world.quickBooks.company.addItem("Support").Id;
    await world.map("contract_product", support, "qbo_item_id", item);
    await retry(invoice);
    expect(theirs(invoice)[0]?.Line?.[0]).toMatchObject({
      Amount: 100,
      SalesItemLineDetail: { ItemRef: { value: item } },
    });
  });

  test("are made where that is on, on the income account that was named, and their id is kept", async () => {
    const { company } = world.quickBooks;
    const training = await createFixedProduct(world.server.metronome, "Training");
    await world.set({ create_items: true, income_account_id: company.ids.incomeAccount });
    const customer = await world.addCustomer("Made Co");
    await bill(customer, "1", oneOff("Training", training));
    await world.set({ create_items: null, income_account_id: null });
    const made = company.list("Item").filter(({ Name }) => Name === "Training");
    expect(made).toMatchObject([{ IncomeAccountRef: { value: company.ids.incomeAccount } }]);
    expect(await world.customField("product", training, "qbo_item_id")).toBe(made[0]?.Id);
  });

  test("are called as the product is, whatever its charges are called: one for all of them", async () => {
    const { company } = world.quickBooks;
    const setUp = await createFixedProduct(world.server.metronome, "Set-up");
    const half = (name: string) => oneOff(name, setUp).scheduled_charges ?? [];
    await world.set({ create_items: true, income_account_id: company.ids.incomeAccount });
    const customer = await world.addCustomer("Halves Co");
    await bill(customer, "1", {
      scheduled_charges: [...half("First half"), ...half("Second half")],
    });
    await world.set({ create_items: null, income_account_id: null });
    const [made, ...others] = company
      .list("Item")
      .filter(({ Name = "" }) => /^(Set-up|(First|Second) half)/.test(Name));
    expect([made?.Name, others]).toEqual(["Set-up", []]);
    const sales = (theirs(await scheduled(customer))[0]?.Line ?? []).filter(
      ({ DetailType }) => DetailType === "SalesItemLineDetail",
    );
    expect(sales.map((line) => line.SalesItemLineDetail?.ItemRef?.value)).toEqual([
      made?.Id,
      made?.Id,
    ]);
  });

  test("of a name that sub-items have too: its own, and none of several; a category is none", async () => {
    const { company } = world.quickBooks;
    const below = (Name: string, parent: string) =>
      company.addItem({ Name, ParentRef: { value: parent } }).Id;
    const [cloud, desk] = [company.addItem("Cloud rooms").Id, company.addItem("Desk rooms").Id];
    const own = company.addItem("Shared room").Id;
    below("Shared room", cloud);
    const only = below("Only room", cloud);
    below("Two rooms", cloud);
    below("Two rooms", desk);
    company.create("Item", { Name: "Room category", Type: "Category" });
    const itemOf = async (name: string) => {
      const room = await createFixedProduct(world.server.metronome, name);
      const customer = await world.addCustomer(`${name} Co`);
      await bill(customer, "1", oneOff(name, room));
      const invoice = await scheduled(customer);
      const [run] = await world.runsOf(invoice.id);
      return (
        run.error?.message ?? theirs(invoice)[0]?.Line?.[0]?.SalesItemLineDetail?.ItemRef?.value
      );
    };
    expect(await itemOf("Shared room")).toBe(own);
    expect(await itemOf("Only room")).toBe(only);
    expect(await itemOf("Two rooms")).toMatch(/several items "Two rooms".*qbo_item_id.*retry/);
    expect(await itemOf("Room category")).toMatch(/"Room category".*has no item.*retry/);
  });

  test("that nothing maps go on the generic one where one is named", async () => {
    const { company } = world.quickBooks;
    const extra = await createFixedProduct(world.server.metronome, "Extra");
    await world.set({ default_item_id: company.ids.services });
    const customer = await world.addCustomer("Fallback Co");
    await bill(customer, "1", oneOff("Extra", extra));
    await world.set({ default_item_id: null });
    expect(theirs(await scheduled(customer))[0]?.Line?.[0]).toMatchObject({
      SalesItemLineDetail: { ItemRef: { value: company.ids.services } },
    });
  });
});

test("commits that are applied go on their own item, as a negative line", async () => {
  const { company } = world.quickBooks;
  const deferred = company.addItem({
    Name: "Prepaid",
    IncomeAccountRef: { value: company.ids.deferredRevenueAccount },
  }).Id;
  await world.set({ commit_item_id: deferred });
  const prepaid = await createFixedProduct(world.server.metronome, "Prepaid commit");
  const commits: NewContract["commits"] = [
    {
      product_id: prepaid,
      type: "PREPAID",
      access_schedule: {
        schedule_items: [{ amount: 20_000, starting_at: at(START), ending_before: at(END) }],
      },
    },
  ];
  const customer = await world.addCustomer("Commit Co");
  const invoice = await bill(customer, "5", { commits });
  await world.set({ commit_item_id: null });
  // 5 x 54.00 = 270.00, of which 200.00 were paid ahead.
  const sales = (theirs(invoice)[0]?.Line ?? []).filter(
    ({ DetailType }) => DetailType === "SalesItemLineDetail",
  );
  expect(sales.map(({ Amount }) => Amount)).toEqual(expect.arrayContaining([-200]));
  expect(sales.find(({ Amount }) => Amount === -200)).toMatchObject({
    SalesItemLineDetail: { ItemRef: { value: deferred }, Qty: 1, UnitPrice: -200 },
  });
  expect(theirs(invoice)[0]).toMatchObject({ TotalAmt: 70, Balance: 70 });
});

test("a number that somebody else's document has: the longer one, and the other is left alone", async () => {
  const customer = await world.addCustomer("Numbers Co");
  const { company } = world.quickBooks;
  world.quickBooks.before = async (call) => {
    // Just before ours is made, somebody takes its number by hand.
    if (call.method !== "POST" || !call.path.endsWith("/invoice")) return;
    world.quickBooks.before = undefined;
    const { DocNumber, CustomerRef } = JSON.parse(call.body) as {
      DocNumber: string;
      CustomerRef: { value: string };
    };
    company.create("Invoice", {
      DocNumber,
      CustomerRef,
      Line: [
        {
          Amount: 1,
          DetailType: "SalesItemLineDetail",
          SalesItemLineDetail: { ItemRef: { value: company.ids.services } },
        },
      ],
    });
  };
  company.preferences.customTxnNumbers = true;
  const invoice = await bill(customer, "1");
  company.preferences.customTxnNumbers = false;
  const digits = invoice.id.replaceAll("-", "").toUpperCase();
  expect(theirs(invoice)).toMatchObject([{ DocNumber: `MTR-${digits.slice(0, 17)}` }]);
  const taken = company
    .list("Invoice")
    .filter(({ DocNumber }) => DocNumber === `MTR-${digits.slice(0, 8)}`);
  expect(taken).toHaveLength(1);
  expect(taken[0]?.TotalAmt).toBe(1);
});

test("closed books: refused with Intuit's words however often it is tried; open again, sent under its own number", async () => {
  const customer = await world.addCustomer("Closed Co");
  const { preferences } = world.quickBooks.company;
  preferences.booksClosedThrough = "2099-01-01";
  const invoice = await bill(customer, "1");
  await retry(invoice);
  await retry(invoice);
  preferences.booksClosedThrough = undefined;
  const [run] = await world.runsOf(invoice.id);
  expect(run).toMatchObject({
    status: "FAILED",
    error: { code: "accounting_period_closed", message: expect.stringContaining("open them") },
  });
  await retry(invoice);
  // The number was refused with the document, and is nobody else's.
  const number = `MTR-${invoice.id.slice(0, 8).toUpperCase()}`;
  expect(theirs(invoice)).toMatchObject([{ DocNumber: number }]);
});

test("several currencies, kept since it was connected: the run says which setting, and a retry after it is set sends", async () => {
  const { preferences } = world.quickBooks.company;
  const payer = world.quickBooks.company.addCustomer("Later Co").Id;
  const customer = await world.addCustomer("Later Co", { qbo_customer_id: payer });
  preferences.multiCurrency = true;
  const invoice = await bill(customer, "1");
  const [run] = await world.runsOf(invoice.id);
  expect(run).toMatchObject({
    status: "FAILED",
    error: { message: expect.stringMatching(/CurrencyRef.*settings\.multicurrency.*retry/) },
  });
  const tested = await world.server.send("POST", `/v1/connections/${world.connectionId}/test`);
  expect(tested.body.data.problems).toMatchObject([{ code: "multicurrency_mismatch" }]);
  await world.set({ multicurrency: true });
  await retry(invoice);
  expect(theirs(invoice)).toMatchObject([{ CurrencyRef: { value: "USD" }, TotalAmt: 54 }]);
  await world.set({ multicurrency: null });
  preferences.multiCurrency = false;
});

test("a run refused for its settings sends nothing", async () => {
  await world.set({ home_currency: "EUR" });
  const customer = await world.addCustomer("Currency Co");
  const before = world.quickBooks.requests.length;
  const invoice = await bill(customer, "1");
  await world.set({ home_currency: "USD" });
  const [run] = await world.runsOf(invoice.id);
  expect(run.error.code).toBe("currency_mismatch");
  expect(world.quickBooks.requests.slice(before).filter(({ method }) => method === "POST")).toEqual(
    [],
  );
});

test.each([
  [{ environment: "live" }, "settings.environment must be one of sandbox, production"],
  [{ doc_number_prefix: "LONG-1" }, "settings.doc_number_prefix must be at most 4"],
  [{ due_date: "never" }, "settings.due_date must be one of net_terms, period_end, sales_term"],
  [{ exchange_rates: { EUR: 0 } }, "settings.exchange_rates must be an object"],
  [{ requests_per_second: 0 }, "settings.requests_per_second must be"],
  [{ default_item_id: 21 }, "settings.default_item_id must be the id of an item"],
  [{ days: 1 }, "unknown field settings.days"],
])("settings %j are refused: %s", async (settings, message) => {
  const path = `/v1/connections/${world.connectionId}`;
  const reply = await world.server.send("PATCH", path, { settings });
  expect(reply.status).toBe(400);
  expect(reply.body.message).toContain(message);
});

test.each([
  [{ qbo_customer_id: "58 " }, "configuration.qbo_customer_id must be the id"],
  [{ stripe_customer_id: "cus_1" }, "unknown field configuration.stripe_customer_id"],
])("a billing configuration with %j is refused: %s", async (configuration, message) => {
  await expect(world.addCustomer("Refused", configuration)).rejects.toThrow(message);
});
