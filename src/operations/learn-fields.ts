import { AppError } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { LearnedField } from "../providers/delivery-step.ts";
import { lockCustomFieldKey, upsertCustomFieldKey } from "../store/custom-field-keys.ts";
import type { OperationContext } from "./context.ts";
import { setCustomFields } from "./set-custom-fields.ts";

/**
 * Keeps what a delivery found out about things of ours in their custom fields; a key that nobody added yet
 * is added. Learning the same twice changes nothing. A value that must be unique and that another thing has
 * is left out, because a person wrote that: the delivery goes on with what it found.
 */
export async function learnFields(
  ctx: OperationContext,
  fields: readonly LearnedField[],
): Promise<void> {
  for (const { entity, entityId, key, value } of fields) {
    try {
      await inTransaction(ctx.db, async (tx) => {
        const known = await lockCustomFieldKey(tx, ctx.environment.id, entity, key);
        if (known === undefined || known.removedAt !== null) {
          const enforceUniqueness = known?.enforceUniqueness ?? false;
          await upsertCustomFieldKey(tx, ctx.environment.id, { entity, key, enforceUniqueness });
        }
        await setCustomFields(tx, ctx, entity, entityId, { [key]: value });
      });
    } catch (error) {
      if (!(error instanceof AppError && error.code === "custom_field_not_unique")) throw error;
      ctx.services.logger.warn({ entity, entityId, key }, "a found id is another one's already");
    }
  }
}
