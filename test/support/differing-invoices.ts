import { expect } from "vitest";
import {
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  signMonth,
  useSome,
} from "./billed-customer.ts";
import { listInvoices } from "./billing.ts";
import { loseWebhooks, readReconciliation } from "./reconciled.ts";
import type { TestServer } from "./server.ts";

/** What a comparison finds of them, and may repair by itself. */
export const AUTOMATIC = ["voided_there", "orphan_draft"];

export const BILLED_AT = monthBilledAt(0);

/** Two invoices that differ at the provider, which tells nothing of it. */
export interface DifferingInvoices {
  /** Payer of the one that was voided there, which is to be delivered anew. */
  readonly voidedPayer: string;
  /** Payer of the one that has a second draft there, which is to be taken away. */
  readonly copiedPayer: string;
}

/** Bills January 2024 to two customers over a new server, and lets their invoices differ. */
export async function createDifferingInvoices(server: TestServer): Promise<DifferingInvoices> {
  await server.setClock(monthStart(0));
  const plan = await createPlan(server);
  const bill = async () => {
    const customer = await createBilledCustomer(server, { collectionMethod: "send_invoice" });
    await signMonth(server, plan, customer.id, 0);
    await useSome(server, plan, customer.id, monthStart(0));
    return customer;
  };
  const voided = await bill();
  const copied = await bill();
  await server.setClock(BILLED_AT);
  await loseWebhooks(server.stripe);
  const [theirs] = await listProviderInvoices(server.stripe, voided.payer);
  await server.stripe.invoices.voidInvoice(theirs?.id ?? "");
  const [ours] = await listInvoices(server.metronome, copied.id);
  await server.stripe.invoices.create({
    customer: copied.payer,
    auto_advance: false,
    metadata: { ledgerline_invoice_id: ours?.id ?? "" },
  });
  return { voidedPayer: voided.payer, copiedPayer: copied.payer };
}

/** What stands at the provider for a payer, in order of creation. */
export const documentsOf = async (
  { stripe }: Pick<TestServer, "stripe">,
  payer: string,
): Promise<string[]> =>
  (await listProviderInvoices(stripe, payer)).map(({ status, total }) => `${status} ${total}`);

/** Each difference was found once, what is repaired by itself was repaired once, and all of it is over. */
export async function expectRepairedOnce(
  server: Pick<TestServer, "send" | "stripe">,
  reconciliationId: string,
  { voidedPayer, copiedPayer }: DifferingInvoices,
): Promise<void> {
  const found = await readReconciliation(server, reconciliationId);
  expect(found).toMatchObject({ status: "COMPLETED", total: 2, checked: 2 });
  const states = found.findings.map((finding) => `${finding.class} ${finding.state}`);
  expect(states.toSorted()).toEqual([
    "orphan_draft VERIFIED",
    "status_missed PROPOSED",
    "voided_there VERIFIED",
  ]);
  expect(await documentsOf(server, voidedPayer)).toEqual(["void 2034", "open 2034"]);
  expect(await documentsOf(server, copiedPayer)).toEqual(["open 2034"]);
}
