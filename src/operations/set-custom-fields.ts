import type { CoreTransaction } from "../db/database.ts";
import type { CustomFieldEntity, CustomFields } from "../domain/custom-fields/entity.ts";
import { invalid } from "../errors.ts";
import { lockCustomFieldKeys } from "../store/custom-field-keys.ts";
import { upsertCustomFields } from "../store/custom-field-values.ts";
import type { OperationContext } from "./context.ts";

/**
 * Sets custom fields of one entity, beside those it has. Every key must have been added for that
 * kind of entity before; a value that must be unique and is taken is a conflict. The entity must
 * exist: the caller has just created or looked it up. `field` is what the request calls them.
 */
export async function setCustomFields(
  tx: CoreTransaction,
  ctx: OperationContext,
  entity: CustomFieldEntity,
  entityId: string,
  fields: CustomFields | undefined,
  field = "custom_fields",
): Promise<void> {
  const given = Object.entries(fields ?? {});
  if (given.length === 0) return;
  const keys = await lockCustomFieldKeys(tx, ctx.environment.id, entity);
  const known = new Map(keys.map((key) => [key.key, key]));
  const stored = given.map(([key, value]) => {
    const found = known.get(key);
    if (found === undefined) {
      throw invalid(`${field}: the key ${JSON.stringify(key)} was not added for ${entity}`, field);
    }
    return { key, value, unique: found.enforceUniqueness };
  });
  await upsertCustomFields(tx, ctx.environment.id, entity, entityId, stored);
}
