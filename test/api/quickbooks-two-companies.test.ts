import { afterAll, beforeAll, expect, test } from "vitest";
import type { Company } from "../quickbooks/books/company.ts";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { openOrganization } from "../support/organization.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

let world: QuickBooksWorld;
let product: string;
let card: string;
let other: Company;
let otherConnection: string;
let month = 1;

const monthAt = (day: string): string => `2026-${String(month).padStart(2, "0")}-${day}T00:00:00Z`;

/** A second company of the same app, whose ids are counted from where the first one's are. */
beforeAll(async () => {
  world = await openQuickBooksWorld();
  const { quickBooks, server } = world;
  other = quickBooks.addCompany({});
  const { access_token, refresh_token } = quickBooks.issueTokens(other.realmId);
  const { clientId: client_id, clientSecret: client_secret } = quickBooks.app;
  const { body } = await server.send("POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential: { client_id, client_secret, access_token, refresh_token },
    // A real company, beside one of Intuit's sandbox.
    settings: { realm_id: other.realmId, environment: "production" },
  });
  otherConnection = body.data.id;
  await server.setClock(monthAt("01"));
  product = await createUsageProduct(server.metronome, "Compute");
  card = await createRateCard(server.metronome, [[product, 5400]]);
});
afterAll(() => world?.close());

const customerOver = async (name: string, delivery_method_id: string): Promise<string> => {
  const { data } = await world.server.metronome.v1.customers.create({
    name,
    customer_billing_provider_configurations: [
      { billing_provider: "quickbooks_online" as "stripe", delivery_method_id },
    ],
  });
  return data.id;
};

/** Bills each of the customers a month; answers the document of each, wherever it is. */
async function bill(...customers: readonly string[]) {
  const { server, quickBooks } = world;
  await server.setClock(monthAt("10"));
  for (const customer of customers) {
    await createContract(server.metronome, customer, card, {
      starting_at: monthAt("01"),
      ending_before: monthAt("15"),
    });
    await use(server.metronome, customer, "Compute", monthAt("05"), "1");
  }
  await server.setClock(monthAt("20"));
  month += 1;
  return Promise.all(
    customers.map(async (customer) => {
      const [invoice] = (await listInvoices(server.metronome, customer)).slice(-1);
      const [run] = await world.runsOf(invoice?.id ?? "");
      const documents = [quickBooks.company, other].flatMap((company) =>
        company
          .list("Invoice")
          .filter(({ PrivateNote = "" }) => PrivateNote.includes(invoice?.id ?? "none"))
          .map((document) => ({ company, document })),
      );
      expect([run.status, run.error, documents.length]).toEqual(["SENT", null, 1]);
      const [found] = documents;
      if (found === undefined) throw new Error("no document");
      const { company, document } = found;
      const ofLine = document.Line?.[0]?.SalesItemLineDetail?.ItemRef?.value ?? "";
      return {
        realm: company.realmId,
        payer: company.get("Customer", document.CustomerRef?.value ?? "")?.DisplayName,
        item: company.get("Item", ofLine)?.Name,
      };
    }),
  );
}

test("an id that was found in one company says nothing in another, where it is somebody else's", async () => {
  const { company } = world.quickBooks;
  const here = company.addItem("Compute").Id;
  const decoy = other.addItem("Somebody else's service").Id;
  expect(decoy).toBe(here);
  other.addItem("Compute");
  const [first] = await bill(await customerOver("First", world.connectionId));
  expect(first).toEqual({ realm: company.realmId, payer: "First", item: "Compute" });
  expect(await world.customField("product", product, "qbo_item_id")).toBe(here);
  const [second] = await bill(await customerOver("Second", otherConnection));
  expect(second).toEqual({ realm: other.realmId, payer: "Second", item: "Compute" });
  expect(await world.customField("product", product, "qbo_item_id")).toBe(here);
});

test("a customer that moves to another company is looked for there by name", async () => {
  const mover = await customerOver("Mover", world.connectionId);
  await bill(mover);
  const before = await world.customField("customer", mover, "qbo_customer_id");
  // The id that it has in the first company is somebody else's in the second.
  while (other.get("Customer", before ?? "") === undefined) {
    other.addCustomer(`Somebody else ${other.list("Customer").length}`);
  }
  const { metronome } = world.server;
  const url = "/v1/setCustomerBillingProviderConfigurations";
  const reply = await world.server.send("POST", url, {
    data: [
      {
        customer_id: mover,
        billing_provider: "quickbooks_online",
        delivery_method_id: otherConnection,
      },
    ],
  });
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  const configurations = await metronome.v1.customers.retrieveBillingConfigurations({
    customer_id: mover,
  });
  const old = configurations.data.find((each) => each.delivery_method_id !== otherConnection);
  await metronome.v1.customers.archiveBillingConfigurations({
    customer_id: mover,
    customer_billing_provider_configuration_ids: [old?.id ?? ""],
  });
  expect(await bill(mover)).toEqual([{ realm: other.realmId, payer: "Mover", item: "Compute" }]);
});

test("an id that a person wrote holds wherever it is read", async () => {
  const { company } = world.quickBooks;
  const customer = await customerOver("Mapped by hand", otherConnection);
  const payer = other.addCustomer("Chosen payer").Id;
  await world.map("customer", customer, "qbo_customer_id", payer);
  const [made] = await bill(customer);
  expect(made?.payer).toBe("Chosen payer");
  expect(company.realmId).not.toBe(made?.realm);
});

test("so does one that an external mapping names, though a delivery learned it in another company", async () => {
  const org = await openOrganization(world.server);
  const learned = await world.customField("product", product, "qbo_item_id");
  const mapping = await org.ask("POST", "/externalmappings", {
    m3terEntity: "Product",
    m3terId: product,
    externalSystem: "QuickBooks",
    externalTable: "Item",
    externalId: learned,
  });
  const [made] = await bill(await customerOver("Mapped item", otherConnection));
  expect(made).toMatchObject({ realm: other.realmId, item: "Somebody else's service" });
  await org.ask("DELETE", `/externalmappings/${mapping.id}`);
});

test("customers whose long names begin alike, or of whose names nothing is left, are not one payer", async () => {
  const long = "The Very Long Company of ".repeat(5);
  const names = [`${long} North`, `${long} South`, ":", "\t:"];
  const made: string[] = [];
  for (const name of names) made.push(await customerOver(name, world.connectionId));
  const payers = (await bill(...made)).map(({ payer }) => payer);
  expect(new Set(payers).size).toBe(4);
  expect(payers.map((payer, index) => payer?.endsWith(`(${made[index]?.slice(0, 8)})`))).toEqual(
    Array(4).fill(true),
  );
});

test("people see a document where its own company keeps it, in Intuit's sandbox or not", async () => {
  const org = await openOrganization(world.server);
  const customers = [
    await customerOver("Seen in the sandbox", world.connectionId),
    await customerOver("Seen in real books", otherConnection),
  ];
  await bill(...customers);
  const addresses = await Promise.all(
    customers.map(async (customer) => {
      const [invoice] = await listInvoices(world.server.metronome, customer);
      const { data } = await org.ask("GET", `/integrationruns/Bill/${invoice?.id}`);
      return data[0].url;
    }),
  );
  expect(addresses).toEqual([
    expect.stringMatching(/^https:\/\/sandbox\.qbo\.intuit\.com\/app\/invoice\?txnId=\d+$/),
    expect.stringMatching(/^https:\/\/qbo\.intuit\.com\/app\/invoice\?txnId=\d+$/),
  ]);
});
