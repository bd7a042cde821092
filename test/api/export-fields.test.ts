import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { toCustomerAlertView } from "../../src/http/views/alert.ts";
import type { toBillableMetricView } from "../../src/http/views/billable-metric.ts";
import type { toContractV2View } from "../../src/http/views/contract.ts";
import type { toCustomerDetailView } from "../../src/http/views/customer.ts";
import type { toInvoiceLineView } from "../../src/http/views/invoice-line-view.ts";
import type { toInvoiceView } from "../../src/http/views/invoice-view.ts";
import type { toOverrideView } from "../../src/http/views/override.ts";
import type { toRateCardView } from "../../src/http/views/rate-card.ts";
import type { toRecurringCommitView } from "../../src/http/views/recurring-commit.ts";
import type { toSubscriptionView } from "../../src/http/views/subscription.ts";
import {
  compareWithRow,
  fieldsOf,
  meaningOf,
  readTableNotes,
  withJson,
} from "../support/export-columns.ts";
import { openExports, readExported, type Table } from "../support/exports.ts";
import { fillBilling } from "../support/filled-billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Tables are compared with the replies that they flatten: docs/export.md says what differs, and why. */

// biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
type Body = any;

let server: TestServer;
let root: string;
let filled: Awaited<ReturnType<typeof fillBilling>>;
let columns: Map<string, { name: string; type: string }[]>;
let run: Body;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "ledgerline-exports-"));
  server = await startTestServer({ exportDir: root });
  filled = await fillBilling(server);
  const exports = openExports(server);
  const tables: Body[] = await exports.ask("GET", "/tables");
  columns = new Map(tables.map((table) => [table.table, table.columns]));
  const { id } = await exports.create({
    name: "Files",
    kind: "folder",
    settings: { folder: "files" },
  });
  run = await exports.run(id);
}, 120_000);

afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

const rowsOf = async (table: string): Promise<Table> =>
  withJson(await readExported(root, run, table), columns.get(table) ?? []) as Table;

/** A reply whose numbers are their digits as they came: a double would lose some. */
async function read(method: string, path: string, json?: object): Promise<Body> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.sandboxToken}`,
      "content-type": "application/json",
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text, (_name, value, context?: { source?: string }) =>
    typeof value === "number" ? context?.source : value,
  );
}

/** All pages of a list. */
async function listAll(method: string, path: string, body?: object): Promise<Body[]> {
  const found: Body[] = [];
  for (let next: string | null = null; ; ) {
    const page: string = next === null ? "" : `${path.includes("?") ? "&" : "?"}next_page=${next}`;
    const reply = await read(method, `${path}${page}`, body);
    found.push(...reply.data);
    next = reply.next_page ?? null;
    if (next === null) return found;
  }
}

const everyCustomer = async (): Promise<string[]> =>
  (await listAll("GET", "/v1/customers")).map(({ id }) => id);
const each = async (ids: readonly string[], read: (id: string) => Promise<Body[]>) =>
  (await Promise.all(ids.map(read))).flat();
const invoices = async (): Promise<Body[]> =>
  each(await everyCustomer(), (id) => listAll("GET", `/v1/customers/${id}/invoices`));
const contracts = async (): Promise<Body[]> =>
  each(await everyCustomer(), (id) =>
    listAll("POST", "/v2/contracts/list", { customer_id: id, include_archived: true }),
  );
const parts = async (...names: string[]): Promise<Body[]> =>
  (await contracts()).flatMap((contract) => names.flatMap((name) => contract[name]));

/** Every object has its row, and every field of it is there or said to be left out. */
async function expectRows(table: string, objects: readonly Body[], key = "id") {
  const notes = readTableNotes(table);
  const rows = new Map((await rowsOf(table)).map((row) => [row[key], row]));
  expect(objects.length, "there is something to compare").toBeGreaterThan(0);
  const found = objects.flatMap((object) => {
    const row = rows.get(object[key]);
    return row === undefined
      ? [`no row of ${object[key]}`]
      : compareWithRow(object, row, notes).map((difference) => `${table}: ${difference}`);
  });
  expect([...new Set(found)]).toEqual([]);
}

/** Some object shows each of the fields: otherwise nobody has compared it. */
function expectShown(table: string, objects: readonly Body[], fields: readonly string[]) {
  const { leftOut } = readTableNotes(table);
  const shown = new Set(objects.flatMap((object) => Object.keys(object)));
  expect(fields.filter((name) => !shown.has(name) && !leftOut.has(name))).toEqual([]);
}

const INVOICE = fieldsOf<ReturnType<typeof toInvoiceView>>()({
  id: true,
  customer_id: true,
  contract_id: true,
  type: true,
  status: true,
  credit_type: true,
  start_timestamp: true,
  end_timestamp: true,
  issued_at: true,
  subtotal: true,
  total: true,
  line_items: true,
  net_payment_terms_days: true,
  billable_status: true,
  approval: true,
  hold: true,
  locked_at: true,
  locked_by: true,
  regenerated_from_invoice_id: true,
  corrected_invoice_id: true,
  credited_total: true,
  imported: true,
  billed_total: true,
  difference: true,
  conventions: true,
  external_invoice: true,
  custom_fields: true,
  customer_custom_fields: true,
  contract_custom_fields: true,
});
const LINE = fieldsOf<ReturnType<typeof toInvoiceLineView>>()({
  name: true,
  type: true,
  total: true,
  credit_type: true,
  product_id: true,
  product_type: true,
  product_tags: true,
  product_custom_fields: true,
  quantity: true,
  unit_price: true,
  starting_at: true,
  ending_before: true,
  pricing_group_values: true,
  presentation_group_values: true,
  tier: true,
  commit_id: true,
  commit_segment_id: true,
  commit_type: true,
  commit_custom_fields: true,
  applied_commit_or_credit: true,
  postpaid_commit: true,
  scheduled_charge_id: true,
  scheduled_charge_custom_fields: true,
  subscription_id: true,
  is_prorated: true,
  subscription_custom_fields: true,
  list_price: true,
});

const isDraft = ({ status }: Body) => status === "DRAFT";

describe("invoices", () => {
  test.each([
    ["invoice", "line_item", false],
    ["draft_invoice", "draft_line_item", true],
  ] as const)("%s and %s", async (table, lineTable, drafts) => {
    const all = (await invoices()).filter((invoice) => isDraft(invoice) === drafts);
    await expectRows(table, all);
    const rows = Map.groupBy(await rowsOf(lineTable), (row) => row.invoice_id);
    const notes = readTableNotes(lineTable);
    const found = all.flatMap(({ id, line_items: lines }) => {
      const own = rows.get(id) ?? [];
      expect(own.length, `lines of ${id}`).toBe(lines.length);
      return lines.flatMap((line: Body, n: number) => compareWithRow(line, own[n] ?? {}, notes));
    });
    expect([...new Set(found)]).toEqual([]);
    expect((await rowsOf(table)).map(({ id }) => id).sort()).toEqual(
      all.map(({ id }) => id).sort(),
    );
  });

  test("show every field that they have", async () => {
    const all = await invoices();
    expectShown("invoice", all, INVOICE);
    expectShown(
      "line_item",
      all.flatMap(({ line_items: lines }) => lines),
      LINE,
    );
  });

  test("of every kind are there", async () => {
    const all = await invoices();
    const labels = new Set((await rowsOf("invoice")).map((row) => row.invoice_label));
    expect([...labels].sort()).toEqual(["CONTRACT_SCHEDULED", "CONTRACT_TRUEUP", "CONTRACT_USAGE"]);
    expect(new Set(all.map(({ status }) => status))).toEqual(
      new Set(["DRAFT", "FINALIZED", "VOID"]),
    );
    expect(new Set(all.map(({ credit_type }) => credit_type.name))).toEqual(
      new Set(["EUR", "USD (cents)"]),
    );
    expect(
      new Set(all.flatMap(({ line_items }) => line_items.map((line: Body) => line.type))),
    ).toEqual(
      new Set([
        "applied_commit_or_credit",
        "commit_purchase",
        "cpu_conversion",
        "scheduled",
        "subscription",
        "usage",
      ]),
    );
  });
});

describe("who and what is billed", () => {
  test("customer", async () => {
    const all: Body[] = await listAll("GET", "/v1/customers");
    await expectRows("customer", all);
    const fields = fieldsOf<ReturnType<typeof toCustomerDetailView>>()({
      id: true,
      external_id: true,
      ingest_aliases: true,
      name: true,
      custom_fields: true,
      billing_config: true,
      customer_config: true,
      created_at: true,
      updated_at: true,
      archived_at: true,
    });
    expectShown("customer", all, fields);
  });

  test("billable_metric", async () => {
    await filled.ask("POST", "/v1/billable-metrics/create", {
      name: "unused",
      aggregation_type: "COUNT",
    });
    const all: Body[] = await listAll("GET", "/v1/billable-metrics?include_archived=true");
    const exported = all.filter(({ name }) => name !== "unused");
    await expectRows("billable_metric", exported);
    const fields = fieldsOf<ReturnType<typeof toBillableMetricView>>()({
      id: true,
      name: true,
      aggregation_type: true,
      aggregation_key: true,
      event_type_filter: true,
      property_filters: true,
      group_keys: true,
      custom_fields: true,
      archived_at: true,
    });
    expectShown(
      "billable_metric",
      all,
      fields.filter((name) => name !== "archived_at"),
    );
  });

  test("credit_type", async () => {
    await expectRows("credit_type", await listAll("GET", "/v1/credit-types/list"));
  });

  test("alert", async () => {
    const all = await listAll("POST", "/v1/customer-alerts/list", { customer_id: filled.customer });
    const alerts = all.map(({ alert }) => alert);
    await expectRows("alert", alerts);
    const fields = fieldsOf<ReturnType<typeof toCustomerAlertView>["alert"]>()({
      id: true,
      name: true,
      type: true,
      status: true,
      threshold: true,
      credit_type: true,
      billable_metric_id: true,
      uniqueness_key: true,
      custom_field_filters: true,
      group_values: true,
      invoice_types_filter: true,
      seat_filter: true,
      updated_at: true,
    });
    expectShown("alert", alerts, fields);
  });

  test("events", async () => {
    const ids = (await rowsOf("events")).map(({ transaction_id: id }) => id);
    const found: Body[] = await read("POST", "/v1/events/search", { transactionIds: ids });
    await expectRows("events", found, "transaction_id");
  });
});

describe("contracts", () => {
  test("contracts_contracts", async () => {
    const all = await contracts();
    await expectRows("contracts_contracts", all);
    const fields = fieldsOf<ReturnType<typeof toContractV2View>>()({
      id: true,
      customer_id: true,
      archived_at: true,
      uniqueness_key: true,
      package_id: true,
      custom_fields: true,
      subscriptions: true,
      customer_billing_provider_configuration: true,
      billing_provider_configuration_schedule: true,
      name: true,
      rate_card_id: true,
      ending_before: true,
      net_payment_terms_days: true,
      starting_at: true,
      created_at: true,
      created_by: true,
      usage_statement_schedule: true,
      scheduled_charges_on_usage_invoices: true,
      commits: true,
      credits: true,
      scheduled_charges: true,
      overrides: true,
      multiplier_override_prioritization: true,
      discounts: true,
      professional_services: true,
      reseller_royalties: true,
      recurring_commits: true,
      recurring_credits: true,
      transitions: true,
      usage_filter: true,
      has_more: true,
    });
    expectShown("contracts_contracts", all, fields);
  });

  test("contracts_commits and contracts_balances", async () => {
    const all = await each(await everyCustomer(), (id) =>
      listAll("POST", "/v1/contracts/customerBalances/list", {
        customer_id: id,
        include_contract_balances: true,
        include_balance: true,
        include_ledgers: true,
        include_archived: true,
      }),
    );
    const plain = all.map(({ balance: _, ledger: __, ...commit }) => commit);
    await expectRows("contracts_commits", plain);
    const living = all.filter(({ archived_at: at }) => at === undefined);
    await expectRows(
      "contracts_balances",
      living.map(({ id, type, balance, ledger }) => ({ id, type, balance, ledger })),
    );
    expectShown("contracts_commits", plain, [
      ...["id", "type", "product", "name", "description", "contract", "invoice_contract"],
      ...["applicable_product_ids", "applicable_product_tags", "applicable_contract_ids"],
      ...["specifiers", "netsuite_sales_order_id", "uniqueness_key", "rollover_fraction"],
      ...["recurring_commit_id", "recurring_credit_id", "rolled_over_from", "priority"],
      ...["rate_type", "access_schedule", "invoice_schedule", "custom_fields", "created_at"],
      ...["created_by", "archived_at"],
    ]);
  });

  test("contracts_subscriptions", async () => {
    const all = await parts("subscriptions");
    const rows = await rowsOf("contracts_subscriptions");
    // The API leaves out quantities that are over.
    const present = all.map((shown) => {
      const { quantity_schedule: kept } = rows.find(({ id }) => id === shown.id) ?? {};
      expect(meaningOf(kept.slice(-shown.quantity_schedule.length))).toEqual(
        meaningOf(shown.quantity_schedule),
      );
      return { ...shown, quantity_schedule: kept };
    });
    await expectRows("contracts_subscriptions", present);
    const fields = fieldsOf<ReturnType<typeof toSubscriptionView>>()({
      id: true,
      name: true,
      description: true,
      ending_before: true,
      starting_at: true,
      subscription_rate: true,
      collection_schedule: true,
      proration: true,
      billing_cycle_config: true,
      quantity_management_mode: true,
      seat_config: true,
      quantity_schedule: true,
      billing_periods: true,
      fiat_credit_type_id: true,
      custom_fields: true,
    });
    expectShown("contracts_subscriptions", all, fields);
    // Three seats in January, one more from February 10 on: ann, bob, cat and dan.
    const [row] = rows;
    expect(row?.quantity_schedule).toEqual([
      {
        quantity: "3",
        starting_at: "2024-01-01T00:00:00Z",
        ending_before: "2024-02-10T00:00:00Z",
      },
      { quantity: "4", starting_at: "2024-02-10T00:00:00Z" },
    ]);
  });

  test("contracts_recurring_commits", async () => {
    const all = await parts("recurring_commits", "recurring_credits");
    await expectRows("contracts_recurring_commits", all);
    const fields = fieldsOf<ReturnType<typeof toRecurringCommitView>>()({
      id: true,
      contract: true,
      product: true,
      name: true,
      description: true,
      rollover_fraction: true,
      applicable_product_ids: true,
      applicable_product_tags: true,
      specifiers: true,
      netsuite_sales_order_id: true,
      recurrence_frequency: true,
      ending_before: true,
      invoice_amount: true,
      subscription_config: true,
      priority: true,
      rate_type: true,
      access_amount: true,
      commit_duration: true,
      proration: true,
      starting_at: true,
    });
    expectShown("contracts_recurring_commits", all, fields);
  });

  test("contracts_scheduled_charges", async () => {
    await expectRows("contracts_scheduled_charges", await parts("scheduled_charges"));
  });

  test("contracts_overrides", async () => {
    const all = await parts("overrides");
    await expectRows("contracts_overrides", all);
    const fields = fieldsOf<ReturnType<typeof toOverrideView>>()({
      id: true,
      starting_at: true,
      created_at: true,
      ending_before: true,
      entitled: true,
      type: true,
      priority: true,
      multiplier: true,
      overwrite_rate: true,
      override_tiers: true,
      product: true,
      applicable_product_tags: true,
      override_specifiers: true,
      is_commit_specific: true,
      target: true,
    });
    expectShown("contracts_overrides", all, fields);
  });

  test("contracts_transitions", async () => {
    await expectRows("contracts_transitions", await parts("transitions"), "to_contract_id");
  });

  test("contracts_edits", async () => {
    const edits = await listAll("POST", "/v2/contracts/getEditHistory", {
      customer_id: filled.customer,
      contract_id: filled.contract,
    });
    const all = edits.map(({ id, timestamp, uniqueness_key, ...changes }) => ({
      id,
      timestamp,
      uniqueness_key,
      changes,
    }));
    await expectRows("contracts_edits", all);
  });
});

describe("the catalogue", () => {
  test("contracts_rate_cards", async () => {
    const all = await listAll("POST", "/v1/contract-pricing/rate-cards/list", {});
    await expectRows("contracts_rate_cards", all);
    const fields = fieldsOf<ReturnType<typeof toRateCardView>>()({
      id: true,
      name: true,
      description: true,
      fiat_credit_type: true,
      credit_type_conversions: true,
      aliases: true,
      custom_fields: true,
      created_at: true,
      created_by: true,
    });
    expectShown("contracts_rate_cards", all, fields);
  });

  test("contracts_rate_card_entries", async () => {
    const all = await listAll("POST", "/v1/contract-pricing/rate-cards/getRateSchedule", {
      rate_card_id: filled.card,
      starting_at: "2024-01-01T00:00:00Z",
    });
    const notes = readTableNotes("contracts_rate_card_entries");
    const nameOf = (rate: Body) =>
      JSON.stringify([rate.product_id, rate.pricing_group_values ?? {}, rate.starting_at]);
    const rows = new Map(
      (await rowsOf("contracts_rate_card_entries"))
        .filter((row) => row.rate_card_id === filled.card)
        .map((row) => [
          nameOf({ ...row, starting_at: row.starting_at.toISOString().replace(".000Z", "Z") }),
          row,
        ]),
    );
    expect(all.length).toBe(5);
    expect(
      all.flatMap((rate) => compareWithRow(rate, rows.get(nameOf(rate)) ?? {}, notes)),
    ).toEqual([]);
  });

  test("contracts_product_list_item_versions", async () => {
    const all = await listAll("POST", "/v1/contract-pricing/products/list", {
      archive_filter: "ALL",
    });
    const notes = readTableNotes("contracts_product_list_item_versions");
    const rows = Map.groupBy(
      await rowsOf("contracts_product_list_item_versions"),
      (row) => row.product_id,
    );
    const found = all.flatMap(({ id, type, archived_at, custom_fields, initial, updates }) => {
      const shared = { type, archived_at, custom_fields };
      const own = rows.get(id) ?? [];
      return [initial, ...updates].flatMap((version: Body) => {
        const at = version.starting_at === undefined ? null : Date.parse(version.starting_at);
        const row = own.find((each) => (each.starting_at?.getTime() ?? null) === at);
        return compareWithRow({ ...shared, ...version }, row ?? {}, notes);
      });
    });
    expect([...new Set(found)]).toEqual([]);
    // What an update leaves alone is nothing of its own.
    const jobs = (rows.get(filled.catalogue.jobs) ?? []).map((row) => [
      row.starting_at?.toISOString() ?? null,
      row.name,
      row.tags,
      row.changed,
    ]);
    expect(jobs.sort()).toEqual([
      [null, "Jobs", [], []],
      ["2024-02-01T00:00:00.000Z", null, ["compute"], ["tags"]],
      ["2024-03-01T00:00:00.000Z", "Batch jobs", null, ["name"]],
    ]);
  });

  test("packages", async () => {
    await expectRows(
      "packages",
      await listAll("POST", "/v1/packages/list", { archive_filter: "ALL" }),
    );
  });
});
