import type { CoreTransaction } from "../db/database.ts";
import { AppError } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { LearnedField } from "../providers/delivery-step.ts";
import { lockCustomFieldKey, upsertCustomFieldKey } from "../store/custom-field-keys.ts";
import type { OperationContext } from "./context.ts";
import { setCustomFields } from "./set-custom-fields.ts";

/**
 * Keeps what a delivery found out about things of ours in their custom fields, all of a thing's at once; a key that
 * nobody added yet is added. Learning the same twice changes nothing. Where a value must be unique and another thing has
 * it, nothing of the thing is kept, because a person wrote that: the delivery goes on with what it found.
 */
export async function learnFields(
  ctx: OperationContext,
  fields: readonly LearnedField[],
): Promise<void> {
  const things = Map.groupBy(fields, ({ entity, entityId }) => `${entity} ${entityId}`);
  for (const ofThing of things.values()) await learnOfThing(ctx, ofThing);
}

async function learnOfThing(ctx: OperationContext, fields: readonly LearnedField[]): Promise<void> {
  const [first] = fields;
  if (first === undefined) return;
  const { entity, entityId } = first;
  const keys = fields.map(({ key }) => key).toSorted();
  try {
    await inTransaction(ctx.db, async (tx) => {
      for (const key of keys) await addKey(tx, ctx, entity, key);
      const values = Object.fromEntries(fields.map(({ key, value }) => [key, value]));
      await setCustomFields(tx, ctx, entity, entityId, values);
    });
  } catch (error) {
    if (!(error instanceof AppError && error.code === "custom_field_not_unique")) throw error;
    ctx.services.logger.warn({ entity, entityId, keys }, "a found id is another one's already");
  }
}

async function addKey(
  tx: CoreTransaction,
  ctx: OperationContext,
  entity: LearnedField["entity"],
  key: string,
): Promise<void> {
  const known = await lockCustomFieldKey(tx, ctx.environment.id, entity, key);
  if (known !== undefined && known.removedAt === null) return;
  const enforceUniqueness = known?.enforceUniqueness ?? false;
  await upsertCustomFieldKey(tx, ctx.environment.id, { entity, key, enforceUniqueness });
}
