import fc from "fast-check";
import { type RawBuilder, sql } from "kysely";
import type { TObject } from "typebox";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Endpoint } from "../../src/collect/http/endpoint.ts";
import { createEndpoints } from "../../src/collect/http/endpoints.ts";
import type { Node } from "../../src/collect/http/schema-node.ts";
import { createOutgoing } from "../../src/platform/network/outgoing.ts";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
/** Ids that exist, one of each kind, so that requests get past the first look-up. */
let ids: readonly string[];

beforeAll(async () => {
  collect = await openTestCollect();
  const { stripe } = collect;
  const { id: customer } = await stripe.customers.create({
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
    balance: -5,
  });
  const product = await stripe.products.create({ name: "Tokens" });
  const price = await stripe.prices.create({
    product: product.id,
    currency: "usd",
    unit_amount: 3,
  });
  const pending = await stripe.invoiceItems.create({ customer, amount: 7, currency: "usd" });
  const draft = await stripe.invoices.create({ customer, currency: "usd" });
  const { lines } = await stripe.invoices.addLines(draft.id, { lines: [{ amount: 1000 }] });
  const paid = await stripe.invoices.create({ customer, currency: "usd" });
  await stripe.invoices.addLines(paid.id, { lines: [{ amount: 1000 }] });
  await stripe.invoices.pay(paid.id);
  const [method] = (await stripe.customers.listPaymentMethods(customer)).data;
  const [payment] = (await stripe.invoicePayments.list({})).data;
  const [intent] = (await stripe.paymentIntents.list({})).data;
  const [charge] = (await stripe.charges.list({})).data;
  const [event] = (await stripe.events.list({})).data;
  const found = [customer, product, price, pending, draft, paid, lines.data[0], method];
  ids = [...found, payment, intent, charge, event].flatMap((each) =>
    typeof each === "string" ? each : (each?.id ?? []),
  );
  await readTables();
});
afterAll(() => collect?.close());

const endpoints = createEndpoints({
  outgoing: createOutgoing({ allowPrivateNetwork: true, trustedHosts: () => [] }),
});

/** Reads every row of Collect into numbers that change with any of them. */
let rowsOfAll: RawBuilder<unknown>;

async function readTables(): Promise<void> {
  const tables = await sql<{ name: string }>`select table_name as name
    from information_schema.tables where table_schema = 'collect' order by 1`.execute(collect.db);
  const parts = tables.rows.map(
    ({ name }) => sql`select count(*)::int as size, ${name}::text as name,
      coalesce(sum(hashtextextended(row::text, 0)::numeric), 0) as hash
      from ${sql.table(`collect.${name}`)} row`,
  );
  rowsOfAll = sql.join(parts, sql` union all `);
}

const fingerprint = async (): Promise<string> =>
  JSON.stringify((await rowsOfAll.execute(collect.db)).rows);

/** Percent-encoded bytes that are no UTF-8: a lone surrogate, a cut-off sequence, a byte of no use. */
const BROKEN = ["%ED%A0%80", "%F0%9F", "%FF", "%", "%zz", "%00"];

/** A text as it stands in a form, encoded already. */
const encodedText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "binary" }).map(encodeText) },
  { weight: 3, arbitrary: fc.constantFrom(...BROKEN) },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(
        ..."|0|-0|-1|1|1e9|1.5|0.0000000000001|99999999|100000000|999999999999999|9999999999999999999|NaN|Infinity|true|false|null|usd|jpy|USD|xxx|card|draft|pm_card_visa|pm_card_chargeCustomerFail|[]|{}|__proto__|constructor|253402300799|253402300800|-62135596800|metadata['a']:'b'".split(
          "|",
        ),
      )
      .map(encodeURIComponent),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 200_000 }).map((size) => "x".repeat(size)) },
);

/** A lone surrogate cannot be encoded; as bytes it is what BROKEN holds. */
function encodeText(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : "%ED%A0%80";
}

/** Names of members: those that the endpoint knows, those of any list, and nonsense. */
function memberNames(node: Node): string[] {
  const inner = node.anyOf?.find((choice) => choice.type !== "null") ?? node;
  if (inner.items !== undefined)
    return ["[0]", "[]", "[1]", "[x]", "[-1]", "[99999]"].flatMap((index) => [
      index,
      ...memberNames(inner.items ?? {}).map((rest) => `${index}${rest}`),
    ]);
  const properties = Object.entries(inner.properties ?? {});
  const nested = properties.flatMap(([name, property]) => [
    `[${name}]`,
    ...memberNames(property).map((rest) => `[${name}]${rest}`),
  ]);
  return inner.format === "metadata" || inner.format === "range"
    ? ["[a]", "[gte]", "[__proto__]", "[]"]
    : nested;
}

const topLevel = (name: string): string => name.replace(/^\[([^\]]*)\]/, "$1");

const nonsense = fc.oneof(
  fc.constantFrom(
    "",
    "[",
    "]",
    "[]",
    "a[",
    "a]b",
    "__proto__",
    "__proto__[a]",
    "constructor[name]",
    "expand",
    "expand[]",
    "expand[0][a]",
    "%00",
    "%ED%A0%80",
  ),
  fc.integer({ min: 1, max: 40 }).map((depth) => `metadata${"[a]".repeat(depth)}`),
  fc.string({ unit: "binary", maxLength: 20 }).map(encodeText),
);

interface Attack {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly form: string;
}

function attackOn(endpoint: Endpoint): fc.Arbitrary<Attack> {
  const schema = endpoint.params as TObject as Node;
  const known = memberNames(schema).map(topLevel);
  const name =
    known.length === 0
      ? nonsense
      : fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...known) }, nonsense);
  const value = fc.oneof(
    { weight: 3, arbitrary: encodedText },
    fc.nat().map((at) => ids[at % ids.length] ?? ""),
  );
  const pair = fc.tuple(name, value).map(([key, text]) => `${key}=${text}`);
  const segment = fc.oneof(
    { weight: 5, arbitrary: fc.nat().map((at) => ids[at % ids.length] ?? "") },
    encodedText.map((text) => text.slice(0, 300)),
  );
  const slots = endpoint.path.split("/").filter((part) => part.startsWith(":")).length;
  return fc
    .record({
      segments: fc.array(segment, { minLength: slots, maxLength: slots }),
      pairs: fc.array(pair, { maxLength: 8 }),
    })
    .map(({ segments, pairs }) => {
      const rest = [...segments];
      const path = endpoint.path.replace(/:\w+/g, () => rest.shift() || "x");
      return { endpoint, path, form: pairs.join("&") };
    });
}

/** Sends it as it is; a client library would refuse to. */
async function send({ endpoint, path, form }: Attack): Promise<Response> {
  const { method } = endpoint;
  if (method !== "POST") return collect.request(`${path}?${form}`, { method });
  return collect.request(path, {
    method,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form,
  });
}

/** A declined card is a refusal whose traces are meant to stay. */
const leavesTraces = (status: number): boolean => status < 400 || status === 402;

test.each(endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  "%s: bad input is a precise 4xx, never a fault, and changes nothing",
  async (_name, endpoint) => {
    let before = await fingerprint();
    await fc.assert(
      fc.asyncProperty(attackOn(endpoint), async (attack) => {
        const response = await send(attack);
        const body: unknown = await response.json();
        expect(response.status, JSON.stringify(body).slice(0, 300)).toBeLessThan(500);
        const after = await fingerprint();
        if (leavesTraces(response.status)) before = after;
        else {
          expect(body).toMatchObject({ error: { message: expect.any(String) } });
          expect(after, `${response.status} ${JSON.stringify(body)}`).toBe(before);
        }
      }),
      { numRuns: 10, endOnFailure: true },
    );
  },
);
