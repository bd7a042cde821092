import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fewAtATime } from "../../src/platform/few-at-a-time.ts";
import { createOutgoing } from "../../src/platform/network/outgoing.ts";
import { quickBooksProvider } from "../../src/providers/quickbooks_online/provider.ts";
import type { Call } from "../quickbooks/http/call.ts";
import type { TroubleKind } from "../quickbooks/http/trouble.ts";
import type { QuickBooks } from "../quickbooks/quickbooks.ts";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

/** What becomes of the answer to a write; no answer comes before the product has given the call up. */
const AFTER = ["cut after", "broken after", "bad gateway after", "slow after"] as const;
const BEFORE = ["cut before", "broken before", "expired"] as const;

/**
 * The calls of a delivery of which nothing is mapped, in order, and what happens to each; the first look asks by number
 * and by name. A throttled one waits for a real minute: the contract suite and the bench have it.
 */
const FAULTS = {
  "GET /query Invoice": ["cut after", "broken after", "expired"],
  "GET /query Customer": ["bad gateway after"],
  "GET /query Item": ["broken before"],
  "POST /customer": ["cut before", ...AFTER],
  "POST /item": ["cut before", ...AFTER],
  "POST /invoice": [...BEFORE, "page after", ...AFTER],
  "GET /invoice": ["cut after", "page after", "expired"],
} as const satisfies Readonly<Record<string, readonly TroubleKind[]>>;
type CallName = keyof typeof FAULTS;

interface Cell {
  readonly name: string;
  readonly call: CallName;
  readonly kind: TroubleKind;
  readonly times: number;
  /** Whether the company refuses a number that is taken. */
  readonly customNumbers: boolean;
}

/** A kept connection that breaks is tried once more by the client itself. */
const cellOf = (call: CallName, kind: TroubleKind, customNumbers: boolean): Cell => ({
  name: `${call}: ${kind}, own numbers ${customNumbers ? "on" : "off"}`,
  call,
  kind,
  times: kind.startsWith("cut") ? 2 : 1,
  customNumbers,
});

const MODES = [false, true];
/** A number that is taken is refused where numbers are the company's own: there the document alone is of interest. */
const CELLS: readonly Cell[] = [
  ...(Object.keys(FAULTS) as CallName[]).flatMap((call) =>
    FAULTS[call].map((kind) => cellOf(call, kind, false)),
  ),
  ...(["page after", ...AFTER] as const).map((kind) => cellOf("POST /invoice", kind, true)),
];

const AT_ONCE = 8;
const WRITE_TIMEOUT_MS = 1500;
const TIMEOUT_MS = 300_000;

let world: QuickBooksWorld;
afterAll(() => world?.close());

/** As it is, but patient for less long, and held by no rate. */
function hasty({ apiBase, oauthBase }: QuickBooks) {
  const outgoing = createOutgoing({ allowPrivateNetwork: true, trustedHosts: () => [] });
  const hosts = {
    api: apiBase,
    oauth: oauthBase,
    writeTimeoutMs: WRITE_TIMEOUT_MS,
    pauseSeconds: 0,
  };
  const gate = { pass: async () => {}, pause: async () => {} };
  return { quickbooks_online: quickBooksProvider(outgoing, hosts, gate) };
}

interface Told {
  readonly cell: Cell;
  readonly customerId: string;
  /** Words by which its calls are known: what is asked for or written names one of them. */
  readonly marks: readonly string[];
  readonly invoiceId: string;
}

/** A call as the matrix names it. */
function nameOf({ method, path, query }: Call): string {
  const [, , , , route = ""] = path.split("/");
  const entity = /from (\w+)/.exec(query.get("query") ?? "")?.[1];
  return `${method} /${route}${entity === undefined ? "" : ` ${entity}`}`;
}

const isOf = ({ marks, invoiceId }: Told, { path, query, body }: Call): boolean => {
  const [, , , , route, id = ""] = path.split("/");
  const note = route === "invoice" ? world.quickBooks.company.get("Invoice", id)?.PrivateNote : "";
  const text = `${query.get("query") ?? ""} ${body} ${note ?? ""}`;
  return text.includes(invoiceId) || marks.some((mark) => text.includes(mark));
};

/** A customer with a product and a contract of its own, billed for 3 x 54.00 on the month's last day. */
async function prepare(cell: Cell, index: number, from: string, to: string): Promise<Told> {
  const { metronome } = world.server;
  const name = `Cell ${index}.`;
  const product = await createUsageProduct(metronome, name);
  const card = await createRateCard(metronome, [[product, 5400]]);
  const customerId = await world.addCustomer(name);
  await createContract(metronome, customerId, card, { starting_at: from, ending_before: to });
  await use(metronome, customerId, name, from.replace("01T", "05T"), 3);
  const [draft] = await listInvoices(metronome, customerId);
  const invoiceId = draft?.id ?? "";
  const number = `MTR-${invoiceId.slice(0, 8).toUpperCase()}`;
  return { cell, customerId, invoiceId, marks: [`'${name}'`, `"${name}"`, `'${number}'`] };
}

async function outcomeOf({ invoiceId, marks, customerId }: Told) {
  const { company } = world.quickBooks;
  const documents = company
    .list("Invoice")
    .filter(({ PrivateNote = "" }) => PrivateNote.includes(invoiceId));
  const named = (entity: "Customer" | "Item") =>
    company.list(entity).filter((each) => marks.includes(`"${each.DisplayName ?? each.Name}"`));
  const [run] = await world.runsOf(invoiceId);
  const [ours] = await listInvoices(world.server.metronome, customerId);
  return {
    documents: documents.map(({ TotalAmt, DocNumber }) => [TotalAmt, DocNumber]),
    customers: named("Customer").length,
    items: named("Item").length,
    run: [run.status, run.error],
    external: [ours?.external_invoice?.external_status, ours?.external_invoice?.invoice_id],
    expectedId: documents[0]?.Id,
  };
}

describe("whatever happens to a call, in the end there is one document, one customer and one item:", () => {
  const hit = new Set<string>();
  const outcomes = new Map<string, Awaited<ReturnType<typeof outcomeOf>>>();
  const told = new Map<string, Told>();

  /** All of a mode at once: each cell is a customer of its own. */
  beforeAll(async () => {
    world = await openQuickBooksWorld({}, hasty);
    const { server, quickBooks } = world;
    await world.set({
      create_items: true,
      income_account_id: quickBooks.company.ids.incomeAccount,
    });
    for (const [month, customNumbers] of MODES.entries()) {
      const [from, to] = [`2026-0${month + 2}-01T00:00:00Z`, `2026-0${month + 3}-01T00:00:00Z`];
      quickBooks.company.preferences.customTxnNumbers = customNumbers;
      await server.setClock(from.replace("01T", "06T"));
      const cells = CELLS.filter((cell) => cell.customNumbers === customNumbers);
      await fewAtATime(AT_ONCE, cells, async (cell) => {
        told.set(cell.name, await prepare(cell, CELLS.indexOf(cell), from, to));
      });
      for (const cell of cells) {
        const matches = (call: Call): boolean => {
          const known = told.get(cell.name);
          const isHit = known !== undefined && nameOf(call) === cell.call && isOf(known, call);
          if (isHit) hit.add(cell.name);
          return isHit;
        };
        quickBooks.trouble(matches, cell.kind, cell.times);
      }
      await server.setClock(to.replace("01T", "02T"));
      await server.setClock(to.replace("01T00", "02T06"));
      quickBooks.mend();
      await fewAtATime(AT_ONCE, cells, async ({ name }) => {
        const known = told.get(name);
        if (known !== undefined) outcomes.set(name, await outcomeOf(known));
      });
    }
  }, TIMEOUT_MS);

  test.each(CELLS)("$name", ({ name }) => {
    expect(hit.has(name), "it happened").toBe(true);
    const { expectedId, ...outcome } = outcomes.get(name) ?? {};
    const { invoiceId = "" } = told.get(name) ?? {};
    // 3 x 54.00, under the first of its numbers.
    expect(outcome).toEqual({
      documents: [[162, `MTR-${invoiceId.slice(0, 8).toUpperCase()}`]],
      customers: 1,
      items: 1,
      run: ["SENT", null],
      external: ["FINALIZED", expectedId],
    });
  });
});

test("a company that is throttled under another status, in XML, is none that shuts us out", async () => {
  const { server, quickBooks, connectionId } = world;
  quickBooks.trouble("/companyinfo/", "throttled 403");
  const tested = await server.send("POST", `/v1/connections/${connectionId}/test`);
  expect(tested.body.data).toMatchObject({
    permissions: [{ granted: null }],
    problems: [{ code: "unreachable", message: expect.stringContaining("(3001)") }],
  });
  const shown = await server.send("GET", `/v1/connections/${connectionId}`);
  expect(shown.body.data.status).toMatch(/^connect(ed|ing)$/);
});
