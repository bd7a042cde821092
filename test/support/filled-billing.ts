import {
  type Ask,
  access,
  type Catalogue,
  createAlerts,
  createCard,
  createCatalogue,
  everyTerm,
  openAsk,
  packageTerms,
} from "./every-term.ts";
import type { TestServer } from "./server.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
type Body = any;

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
export const EUR = "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c";
const START = "2024-01-01T00:00:00Z";
const END = "2024-07-01T00:00:00Z";
const JANUARY = { inclusive_start_date: START, exclusive_end_date: "2024-02-01T00:00:00Z" };

/** Things that have custom fields, each with the field "ref". */
const WITH_FIELDS = [
  "billable_metric",
  "commit",
  "contract",
  "contract_credit",
  "contract_product",
  "customer",
  "invoice",
  "rate_card",
  "scheduled_charge",
  "subscription",
] as const;

let sent = 0;

/** Events of one kind, each with these properties. */
const ingest = (
  ask: Ask,
  customer: string,
  kind: string,
  at: string,
  properties: object,
): Promise<Body> => {
  sent += 1;
  return ask("POST", "/v1/ingest", [
    {
      transaction_id: `filled-${sent}`,
      customer_id: customer,
      event_type: kind,
      timestamp: at,
      properties,
    },
  ]);
};

type Server = Pick<TestServer, "send" | "setClock">;

const isUsage = ({ type }: { type: string }) => type === "USAGE";

/** What a system elsewhere says of an invoice that it fetched. */
const WRITTEN_BACK = {
  status: "PAID",
  external_id: "erp-1",
  issued_at: "2024-02-02T00:00:00Z",
  due_date: "2024-02-16",
  url: "https://erp.example/1",
  pdf_url: "https://erp.example/1.pdf",
};

interface Shared {
  readonly catalogue: Catalogue;
  readonly card: string;
  readonly calls: (at: string, region: string, value: number, who: string) => Promise<Body>;
}

/** Customers with some usage in January. */
async function billOthers({ send }: Server, ask: Ask, { catalogue, card, calls }: Shared) {
  const create = async (name: string, terms: object, rateCard = card) => {
    const { id } = await ask("POST", "/v1/customers", {
      name,
      customer_billing_provider_configurations: [
        { billing_provider: "custom", delivery_method: "direct_to_billing_provider" },
      ],
    });
    const { id: contract } = await ask("POST", "/v1/contracts/create", {
      customer_id: id,
      rate_card_id: rateCard,
      starting_at: START,
      ...terms,
    });
    return { id: id as string, contract: contract as string };
  };
  const january = { ending_before: "2024-02-01T00:00:00Z" };
  const euroCard = (
    await ask("POST", "/v1/contract-pricing/rate-cards/create", {
      name: "Euros",
      fiat_credit_type_id: EUR,
    })
  ).id;
  await ask("POST", "/v1/contract-pricing/rate-cards/addRate", {
    rate_card_id: euroCard,
    product_id: catalogue.calls,
    starting_at: START,
    entitled: true,
    rate_type: "FLAT",
    price: 0.333,
    pricing_group_values: { region: "us" },
    credit_type_id: EUR,
  });
  const euros = await create("Euros", january, euroCard);
  const voided = await create("Void", january);
  const regenerated = await create("Regenerated", january);
  for (const { id } of [euros, voided, regenerated])
    await calls("2024-01-15T00:00:00Z", "us", 5, id);
  const imported = await create("Imported", {
    ending_before: "2024-03-01T00:00:00Z",
    usage_statement_schedule: {
      frequency: "MONTHLY",
      invoice_generation_starting_at: "2024-02-01T00:00:00Z",
    },
  });
  const { status, body } = await send("POST", "/v1/contracts/createHistoricalInvoices", {
    preview: false,
    invoices: [
      {
        customer_id: imported.id,
        contract_id: imported.contract,
        credit_type_id: USD,
        ...JANUARY,
        issue_date: "2024-01-20T00:00:00Z",
        billed_total: 7,
        usage_line_items: [{ product_id: catalogue.jobs, ...JANUARY, quantity: 3 }],
      },
    ],
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
  // Something is left of a commit, and how much is settled when its last invoice is final.
  const renewed = await create("Renewed", {
    ending_before: "2024-04-01T00:00:00Z",
    commits: [
      {
        type: "PREPAID",
        name: "Rest",
        product_id: catalogue.fee,
        rollover_fraction: 1,
        access_schedule: access(70, "2024-04-01T00:00:00Z"),
      },
    ],
  });
  await calls("2024-01-15T00:00:00Z", "us", 5, renewed.id);
  await ask("POST", "/v1/contracts/create", {
    customer_id: renewed.id,
    rate_card_id: card,
    starting_at: "2024-04-01T00:00:00Z",
    ending_before: END,
    transition: { from_contract_id: renewed.contract, type: "RENEWAL" },
  });
  return {
    euros: euros.id,
    voided: voided.id,
    regenerated: regenerated.id,
    imported: imported.id,
    renewed: renewed.id,
  };
}

/** A customer with a contract of a package, one that is archived, and a commit of its own. */
async function signMore(ask: Ask, { fee }: Catalogue, packageId: string): Promise<void> {
  const { id: customer_id } = await ask("POST", "/v1/customers", { name: "Packaged" });
  const sign = async (terms: object): Promise<string> =>
    (await ask("POST", "/v1/contracts/create", { customer_id, starting_at: START, ...terms })).id;
  const contract = await sign({ package_id: packageId });
  const archived = await sign({ name: "Archived" });
  await ask("POST", "/v1/contracts/archive", {
    customer_id,
    contract_id: archived,
    void_invoices: true,
  });
  await ask("POST", "/v1/contracts/customerCommits/create", {
    customer_id,
    type: "PREPAID",
    product_id: fee,
    priority: 1,
    applicable_contract_ids: [contract],
    invoice_contract_id: contract,
    uniqueness_key: "its own",
    access_schedule: access(5),
    invoice_schedule: { schedule_items: [{ timestamp: START, amount: 5 }] },
  });
}

/** Corrects what was billed to them. */
async function settleOthers(ask: Ask, others: Awaited<ReturnType<typeof billOthers>>) {
  const usageOf = async (id: string) =>
    (await ask("GET", `/v1/customers/${id}/invoices`)).filter(isUsage)[0].id;
  await ask("POST", "/v1/invoices/void", { id: await usageOf(others.voided) });
  const again = { id: await usageOf(others.regenerated) };
  await ask("POST", "/v1/invoices/void", again);
  await ask("POST", "/v1/invoices/regenerate", again);
  await ask("PUT", `/v1/invoices/${await usageOf(others.euros)}/external-invoice`, {
    ...WRITTEN_BACK,
    external_id: "erp-2",
    total: 4.38,
    tax: 1.05,
  });
}

/**
 * Fills a server with a thing of every kind, so that its replies show every field that they have: one
 * customer with everything, billed until March 2024, and others whose invoices are void, regenerated,
 * corrected, imported, or in euros.
 */
export async function fillBilling(server: Server) {
  const ask = openAsk(server);
  await server.setClock(START);
  for (const entity of WITH_FIELDS) {
    await ask("POST", "/v1/customFields/addKey", {
      entity,
      key: "ref",
      enforce_uniqueness: false,
    });
  }
  const setField = (entity: string, entity_id: string) =>
    ask("POST", "/v1/customFields/setValues", {
      entity,
      entity_id,
      custom_fields: { ref: `of ${entity}` },
    });
  await ask("PATCH", "/v1/settings/invoicing", { late_usage: "supplementary" });
  await ask("POST", "/v1/connections", { provider: "custom", name: "ERP", credential: {} });
  const catalogue = await createCatalogue(ask);
  const card = await createCard(ask, catalogue);
  const { id: packageId } = await ask("POST", "/v1/packages/create", packageTerms(catalogue, card));
  const { id: customer } = await ask("POST", "/v1/customers", {
    name: "Acme",
    ingest_aliases: ["acme"],
    customer_billing_provider_configurations: [
      { billing_provider: "custom", delivery_method: "direct_to_billing_provider" },
    ],
  });
  await ask("POST", `/v1/customers/${customer}/updateConfig`, { salesforce_account_id: "001" });
  await createAlerts(ask, catalogue, customer);
  await setField("customer", customer);
  await setField("billable_metric", catalogue.metric);
  await setField("contract_product", catalogue.calls);
  await setField("contract_product", catalogue.fee);
  await setField("contract_product", catalogue.seats);
  await setField("rate_card", card);
  const { id: contract } = await ask("POST", "/v1/contracts/create", {
    customer_id: customer,
    rate_card_id: card,
    ...everyTerm(catalogue),
  });
  await setField("contract", contract);
  const keys = { customer_id: customer, contract_id: contract };
  const made = await ask("POST", "/v2/contracts/get", keys);
  for (const { id } of made.commits) await setField("commit", id);
  for (const { id } of made.credits) await setField("contract_credit", id);
  for (const { id } of made.scheduled_charges) await setField("scheduled_charge", id);
  const [subscription] = made.subscriptions;
  await setField("subscription", subscription.id);

  await server.setClock("2024-01-20T00:00:00Z");
  const calls = (at: string, region: string, value: number, who = customer) =>
    ingest(ask, who, "calls", at, { value, region, user: "ann" });
  await calls("2024-01-05T00:00:00Z", "eu", 12);
  await calls("2024-01-06T00:00:00Z", "us", 101);
  await ingest(ask, customer, "jobs", "2024-01-07T00:00:00Z", {});
  await ingest(ask, customer, "jobs", "2024-01-08T00:00:00Z", {});
  await ask("POST", "/v2/contracts/edit", {
    ...keys,
    uniqueness_key: "more seats",
    update_subscriptions: [
      {
        subscription_id: subscription.id,
        seat_updates: {
          add_seat_ids: [{ seat_ids: ["cat", "dan"], starting_at: "2024-02-10T00:00:00Z" }],
        },
      },
    ],
    add_credits: [
      {
        name: "More",
        product_id: catalogue.fee,
        applicable_product_tags: ["nothing"],
        access_schedule: access(2),
      },
    ],
  });
  await signMore(ask, catalogue, packageId);
  const others = await billOthers(server, ask, { catalogue, card, calls });

  await server.setClock("2024-02-03T00:00:00Z");
  await calls("2024-01-09T00:00:00Z", "eu", 7);
  await calls("2024-02-02T00:00:00Z", "us", 20);
  const [usage] = (await ask("GET", `/v1/customers/${customer}/invoices`)).filter(isUsage);
  await setField("invoice", usage.id);
  await ask("PUT", `/v1/invoices/${usage.id}/external-invoice`, {
    ...WRITTEN_BACK,
    total: 9775,
    tax: 50,
  });
  await ask("POST", "/v1/credit-notes", {
    invoice_id: usage.id,
    amount: 100,
    reason: "order_change",
  });
  await settleOthers(ask, others);

  await server.setClock("2024-03-01T12:00:00Z");
  const drafts = (await ask("GET", `/v1/customers/${customer}/invoices?status=DRAFT`)).filter(
    isUsage,
  );
  await ask("POST", `/v1/invoices/${drafts[0].id}/approve`);
  await ask("POST", `/v1/invoices/${drafts[0].id}/lock`);
  await server.setClock("2024-03-03T00:00:00Z");
  const [draft] = (await ask("GET", `/v1/customers/${customer}/invoices?status=DRAFT`)).filter(
    isUsage,
  );
  await ask("POST", `/v1/invoices/${draft.id}/hold`, { reason: "a question" });
  const now = await ask("POST", "/v2/contracts/get", keys);
  const more = now.credits.find(({ name }: Body) => name === "More");
  await ask("POST", "/v2/contracts/edit", { ...keys, archive_credits: [{ id: more.id }] });
  return { ask, catalogue, card, packageId, customer, contract, others };
}
