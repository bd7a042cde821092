import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { conflict, invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { updateCustomer } from "../store/customers.ts";
import { hasOtherCustomer, replaceIngestAliases } from "../store/ingest-aliases.ts";
import type { OperationContext } from "./context.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { requestThresholdEvaluation } from "./request-threshold-evaluation.ts";

/** Place of the first alias that stood earlier in the list, or -1. */
function findRepeated(aliases: readonly string[]): number {
  const seen = new Set<string>();
  return aliases.findIndex((alias) => seen.size === seen.add(alias).size);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Replaces the aliases of a customer that the caller has created or locked. */
export async function assignIngestAliases(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  aliases: readonly string[],
): Promise<void> {
  const repeated = findRepeated(aliases);
  if (repeated !== -1) {
    const field = `ingest_aliases[${repeated}]`;
    throw invalid(`${field} repeats an earlier alias`, field);
  }
  const ids = aliases.filter((alias) => UUID.test(alias));
  if (await hasOtherCustomer(tx, ctx.environment.id, customerId, ids)) {
    throw conflict(
      "One of the ingest_aliases is the id of another customer.",
      "ingest_alias_taken",
    );
  }
  await replaceIngestAliases(tx, ctx.environment.id, customerId, aliases);
}

/** Replaces the whole set of texts that usage events may name the customer with. */
export async function setIngestAliases(
  ctx: OperationContext,
  customerId: string,
  aliases: readonly string[],
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await lockActiveCustomer(tx, ctx, customerId);
    await assignIngestAliases(tx, ctx, customerId, aliases);
    await updateCustomer(tx, customerId, { updatedAt: instantText(ctx.now) });
    // Earlier usage under a new alias counts at once.
    await requestThresholdEvaluation(tx, ctx, customerId);
  });
}
