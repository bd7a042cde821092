import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";
import { readReconciliation, type ShownFinding } from "../support/reconciled.ts";

const BILLED = "2026-03-02T00:00:00Z";

let world: QuickBooksWorld;

interface Billed {
  readonly customerId: string;
  readonly invoiceId: string;
  /** The id of its document in QuickBooks. */
  readonly id: string;
}

interface Mutation {
  readonly name: string;
  mutate(billed: Billed): unknown;
  readonly finds: readonly string[];
  /** What becomes of what was found, once all of it is applied. */
  readonly outcomes: readonly string[];
  readonly because?: RegExp;
  /** Documents of the invoice that are neither voided nor gone, by their totals. */
  readonly left: readonly number[];
}

const company = () => world.quickBooks.company;

/** The sales lines of a document, as they are sent back to change them. */
const linesOf = (id: string) =>
  (company().get("Invoice", id)?.Line ?? []).filter(
    ({ DetailType }) => DetailType === "SalesItemLineDetail",
  );

/** 3 x 54.00, and 1 x 54.00 of another product. */
const MUTATIONS: readonly Mutation[] = [
  { name: "Untouched", mutate: () => {}, finds: [], outcomes: [], left: [216] },
  {
    name: "Deleted",
    mutate: ({ id }) => company().delete("Invoice", id),
    finds: ["deleted"],
    outcomes: ["VERIFIED"],
    left: [216],
  },
  {
    name: "Voided",
    mutate: ({ id }) => company().void("Invoice", id),
    finds: ["voided_there"],
    outcomes: ["VERIFIED"],
    left: [216],
  },
  {
    name: "Edited",
    mutate: ({ id }) => {
      const [first, ...rest] = linesOf(id);
      const detail = { ...first?.SalesItemLineDetail, Qty: 1, UnitPrice: 7 };
      company().edit("Invoice", id, {
        Line: [{ ...first, Amount: 7, SalesItemLineDetail: detail }, ...rest],
      });
    },
    finds: ["edited_lines"],
    outcomes: ["VERIFIED"],
    left: [216],
  },
  {
    name: "Shortened",
    mutate: ({ id }) => company().edit("Invoice", id, { Line: linesOf(id).slice(0, 1) }),
    finds: ["missing_lines"],
    outcomes: ["VERIFIED"],
    left: [216],
  },
  {
    name: "Extended",
    mutate: ({ id }) => {
      const [first, ...rest] = linesOf(id);
      if (first === undefined) throw new Error("no line");
      const { Id: _id, ...copy } = first;
      company().edit("Invoice", id, { Line: [first, ...rest, copy] });
    },
    finds: ["extra_lines"],
    outcomes: ["VERIFIED"],
    left: [216],
  },
  {
    name: "Handed over",
    mutate: ({ id }) => {
      const other = company().addCustomer("Somebody else").Id;
      company().edit("Invoice", id, { CustomerRef: { value: other } });
    },
    finds: ["customer_changed"],
    outcomes: ["VERIFIED"],
    left: [216],
  },
  {
    name: "Put off",
    mutate: ({ id }) => company().edit("Invoice", id, { DueDate: "2027-01-01" }),
    finds: ["due_date_changed"],
    outcomes: ["VERIFIED"],
    left: [216],
  },
  {
    name: "Paid, untold",
    mutate: ({ id }) => company().pay(id),
    finds: ["open_here_paid_there"],
    outcomes: ["VERIFIED"],
    left: [216],
  },
  {
    name: "Edited and paid",
    mutate: ({ id }) => {
      company().edit("Invoice", id, { Line: linesOf(id).slice(0, 1) });
      company().pay(id);
    },
    finds: ["missing_lines", "open_here_paid_there"],
    outcomes: ["REFUSED", "VERIFIED"],
    because: /Money or credit was put/,
    left: [162],
  },
  {
    name: "Copied",
    mutate: ({ id }) => {
      const { CustomerRef, PrivateNote = "", DocNumber } = company().get("Invoice", id) ?? {};
      if (CustomerRef === undefined) throw new Error("no document");
      const Line = linesOf(id).map(({ Id: _id, ...line }) => line);
      company().create("Invoice", {
        CustomerRef,
        PrivateNote,
        DocNumber: `${DocNumber}X`,
        Line,
      });
    },
    finds: ["duplicate_invoice"],
    outcomes: ["VERIFIED"],
    left: [216],
  },
  {
    name: "Void here",
    mutate: async ({ invoiceId }) => {
      await world.server.metronome.v1.invoices.void({ id: invoiceId });
    },
    finds: ["void_here_open_there"],
    outcomes: ["VERIFIED"],
    left: [],
  },
];

const billed = new Map<string, Billed>();
const found = new Map<string, readonly ShownFinding[]>();
const applied = new Map<string, readonly ShownFinding[]>();

/** All at once: one reconciliation finds everything, and one more looks at what is left. */
beforeAll(async () => {
  world = await openQuickBooksWorld();
  const { server } = world;
  const { metronome } = server;
  await world.set({ item_strategy: "single", default_item_id: company().ids.services });
  await server.setClock("2026-02-10T00:00:00Z");
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "Compute"), 5400],
    [await createUsageProduct(metronome, "Storage"), 5400],
  ]);
  const customers = new Map<string, string>();
  for (const { name } of MUTATIONS) {
    const id = await world.addCustomer(name, {
      qbo_customer_id: company().addCustomer(name).Id,
    });
    customers.set(name, id);
    await createContract(metronome, id, card, {
      starting_at: "2026-02-01T00:00:00Z",
      ending_before: "2026-03-01T00:00:00Z",
    });
    await use(metronome, id, "Compute", "2026-02-05T00:00:00Z", 3);
    await use(metronome, id, "Storage", "2026-02-05T00:00:00Z", 1);
  }
  await server.setClock(BILLED);
  for (const { name, mutate } of MUTATIONS) {
    const customerId = customers.get(name) ?? "";
    const [invoice] = await listInvoices(metronome, customerId);
    const one = {
      customerId,
      invoiceId: invoice?.id ?? "",
      id: invoice?.external_invoice?.invoice_id ?? "",
    };
    billed.set(name, one);
    await mutate(one);
  }
  world.quickBooks.events.splice(0);
  const reconcile = async () => {
    const made = await server.send("POST", "/v1/reconciliations", {});
    await server.setClock(BILLED);
    return readReconciliation(server, made.body.data.id);
  };
  const first = await reconcile();
  expect([first.status, first.error]).toEqual(["COMPLETED", null]);
  const classes = [...new Set(first.findings.map((each) => each.class))];
  const reply = await server.send("POST", `/v1/reconciliations/${first.id}/apply`, { classes });
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  await server.setClock(BILLED);
  const after = await readReconciliation(server, first.id);
  for (const [name, { invoiceId }] of billed) {
    const isOf = (finding: ShownFinding) => finding.invoice_id === invoiceId;
    found.set(name, first.findings.filter(isOf));
    applied.set(name, after.findings.filter(isOf));
  }
}, 120_000);
afterAll(() => world?.close());

describe("what somebody did in QuickBooks is found, and put right or refused:", () => {
  test.each(MUTATIONS)("$name", ({ name, finds, outcomes, because, left }) => {
    const byClass = (a: ShownFinding, b: ShownFinding) => a.class.localeCompare(b.class);
    const findings = [...(applied.get(name) ?? [])].sort(byClass);
    expect(findings.map((each) => each.class)).toEqual(finds);
    expect(
      findings.map(({ state, reason }) => [state, state === "VERIFIED" ? null : reason]),
    ).toEqual(
      outcomes.map((state) => [
        state,
        state === "VERIFIED" ? null : expect.stringMatching(because ?? /./),
      ]),
    );
    const { invoiceId = "" } = billed.get(name) ?? {};
    const standing = company()
      .list("Invoice")
      .filter(({ PrivateNote = "" }) => PrivateNote.includes(invoiceId))
      .filter(({ PrivateNote = "" }) => !/voided/i.test(PrivateNote));
    expect(standing.map(({ TotalAmt }) => TotalAmt)).toEqual(left);
  });

  test("and a further look finds only what was refused", async () => {
    const made = await world.server.send("POST", "/v1/reconciliations", {});
    await world.server.setClock(BILLED);
    const { findings } = await readReconciliation(world.server, made.body.data.id);
    expect(findings.map((each) => each.class)).toEqual(["missing_lines"]);
  });
});
