import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createBilledCustomer,
  monthBilledAt,
  monthStart,
  signMonth,
} from "../support/billed-customer.ts";
import { type Invoice, listInvoices } from "../support/billing.ts";
import { connectCustomSystem, openCustomBilling } from "../support/custom-system.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * The description as a tool uses it that was given nothing else: what it says of requests and replies of the
 * three steps is held against its own examples and against what the server answers.
 */

// biome-ignore lint/suspicious/noExplicitAny: a description is walked whatever is in it.
type Description = any;

const VERSIONS = ["3.1", "3.0"] as const;
type Version = (typeof VERSIONS)[number];

let server: TestServer;
let waiting: Invoice;
let nowhere: Invoice;
let delivered: Invoice;
const described = new Map<Version, Description>();

beforeAll(async () => {
  server = await startTestServer();
  for (const version of VERSIONS) {
    const reply = await fetch(`${server.url}/openapi.json?version=${version}`);
    described.set(version, await reply.json());
  }
  await server.setClock(monthStart(-2));
  await connectCustomSystem(server);
  const billing = await openCustomBilling(server);
  waiting = await billing.bill();
  nowhere = await billing.bill("Nowhere", null);
  await server.setClock(monthStart(4));
  const { id } = await createBilledCustomer(server);
  await signMonth(server, billing.plan, id, 4);
  await server.setClock(monthBilledAt(4));
  const [found] = await listInvoices(server.metronome, id);
  if (found === undefined) throw new Error("no invoice");
  delivered = found;
}, 60_000);
afterAll(() => server?.close());

/** What is wrong with a value by a schema of the description; undefined: nothing. */
function faultOf(version: Version, schema: object, value: unknown): string | undefined {
  const ajv = new (version === "3.1" ? Ajv2020 : Ajv)({ strict: false, validateFormats: false });
  return ajv.validate(schema, value) ? undefined : ajv.errorsText();
}

function operationOf(version: Version, id: string): Description {
  const paths: Description[] = Object.values(described.get(version).paths);
  return paths
    .flatMap((methods) => Object.values<Description>(methods))
    .find(({ operationId }) => operationId === id);
}

/** Every place below the node that has a schema and an example of it. */
function samplesOf(
  node: Description,
  path = "",
): { path: string; schema: object; example: unknown }[] {
  if (typeof node !== "object" || node === null) return [];
  const { schema, example } = node;
  const own = schema !== undefined && example !== undefined ? [{ path, schema, example }] : [];
  return [
    ...own,
    ...Object.entries(node).flatMap(([name, inner]) => samplesOf(inner, `${path}/${name}`)),
  ];
}

test.each([
  ["3.1", 5],
  ["3.0", 4],
] as const)("every example of %s follows its schema", (version, count) => {
  const samples = samplesOf(described.get(version));
  // The webhook, the write-back, and three replies; 3.0 has no webhooks.
  expect(samples).toHaveLength(count);
  for (const { path, schema, example } of samples) {
    expect(faultOf(version, schema, example), path).toBeUndefined();
  }
});

test.each(VERSIONS)("what %s says of replies holds for those of the server", async (version) => {
  const answered = async (operation: string, method: string, path: string, body?: unknown) => {
    const reply = await server.send(method, path, body);
    expect(reply.status, path).toBe(200);
    const { schema } = operationOf(version, operation).responses["200"].content["application/json"];
    expect(faultOf(version, schema, reply.body), `${operation} ${path}`).toBeUndefined();
  };
  for (const { customer_id, id } of [waiting, nowhere, delivered]) {
    await answered("getCustomerInvoice", "GET", `/v1/customers/${customer_id}/invoices/${id}`);
  }
  await answered("getRuns", "GET", "/v1/runs");
  const written = `/v1/invoices/${waiting.id}/external-invoice`;
  await answered("setInvoiceExternalInvoice", "PUT", written, {
    external_id: "E-1",
    status: "FINALIZED",
    occurred_at: version === "3.1" ? "2024-02-02T00:00:00Z" : "2024-02-03T00:00:00Z",
  });
});

test("the examples are of one invoice: what is written back is what it comes to", () => {
  const replyOf = (id: string) =>
    operationOf("3.1", id).responses["200"].content["application/json"].example.data;
  const invoice = replyOf("getCustomerInvoice");
  const lines = invoice.line_items.map(({ total }: { total: number }) => total);
  expect(lines.reduce((a: number, b: number) => a + b, 0)).toBeCloseTo(invoice.total, 9);
  const { external_invoice: external } = replyOf("setInvoiceExternalInvoice");
  expect(external.invoiced_total).toBe(Math.round(invoice.total));
  const { requestBody } = operationOf("3.1", "setInvoiceExternalInvoice");
  const { example } = requestBody.content["application/json"];
  expect(example.total).toBe(external.invoiced_total);
});
