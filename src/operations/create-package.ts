import { randomUUID } from "node:crypto";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { insertCustomer } from "../store/customers.ts";
import { insertPackage, type PackageAlias } from "../store/packages.ts";
import { getRateCard } from "../store/rate-cards.ts";
import { checkAliases } from "./check-aliases.ts";
import type { OperationContext } from "./context.ts";
import { type CreateContract, createContract } from "./create-contract.ts";
import { tryOut } from "./try-out.ts";

export interface CreatePackage {
  readonly name: string;
  readonly aliases: readonly PackageAlias[];
  readonly uniquenessKey: string | null;
  /** JSON text of the terms as they were sent, which never change. */
  readonly terms: string;
  /** What a contract that starts now would have, for any customer. */
  readonly sample: CreateContract;
}

/**
 * Adds a package and returns its id. Its charges, commits and credits are tried out, and what is
 * wrong with them is refused; what depends on a date or on a customer is looked at when a contract is
 * made of it. An alias that another package bears goes to this one. A uniqueness key that was used
 * is a conflict.
 */
export async function createPackage(ctx: OperationContext, input: CreatePackage): Promise<string> {
  checkAliases(input.aliases);
  const { rateCardId, rateCardAlias } = input.sample;
  if (rateCardId !== undefined && rateCardAlias !== undefined) {
    throw invalid("Give either rate_card_id or rate_card_alias", "rate_card_alias");
  }
  if (rateCardId !== undefined) {
    const card = await getRateCard(ctx.db, ctx.environment.id, rateCardId);
    if (card.archived_at !== null) throw invalid("The rate card is archived", "rate_card_id");
  }
  await tryTerms(ctx, input.sample);
  const id = randomUUID();
  await inTransaction(ctx.db, (tx) =>
    insertPackage(
      tx,
      {
        id,
        environment_id: ctx.environment.id,
        name: input.name,
        terms: input.terms,
        uniqueness_key: input.uniquenessKey,
        created_at: instantText(ctx.now),
        created_by: ctx.actor,
      },
      input.aliases,
    ),
  );
  return id;
}

/** Makes a contract of them and takes it back again. The request's own transaction goes on after that. */
async function tryTerms(ctx: OperationContext, sample: CreateContract): Promise<void> {
  const datedLater = {
    rateCardAlias: undefined,
    billing: undefined,
    subscriptions: [],
    recurringCommits: [],
    recurringCredits: [],
    overrides: [],
    // Their least amounts depend on the currency, which an alias leaves open.
    thresholds: sample.rateCardAlias === undefined ? sample.thresholds : [],
  };
  const environmentId = ctx.environment.id;
  const createdAt = instantText(ctx.now);
  await inTransaction(ctx.db, (tx) =>
    tryOut(tx, true, async () => {
      const { id } = await insertCustomer(tx, { environmentId, name: "sample", createdAt });
      await createContract({ ...ctx, db: tx }, { ...sample, ...datedLater, customerId: id });
    }),
  );
}
