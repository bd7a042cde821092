import type { CoreTransaction } from "../db/database.ts";
import type { CustomFieldEntity } from "../domain/custom-fields/entity.ts";
import { instantText } from "../domain/time.ts";
import { conflict, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { readMappings } from "../providers/entity-mappings.ts";
import { listConnections } from "../store/connections.ts";
import {
  type CustomFieldKey,
  lockCustomFieldKey,
  removeCustomFieldKey,
  upsertCustomFieldKey,
} from "../store/custom-field-keys.ts";
import type { OperationContext } from "./context.ts";

/**
 * Allows a key on one kind of entity. One that is allowed already is a conflict; one that was
 * removed comes back with its values, which must be unique when the key now demands it.
 */
export async function addCustomFieldKey(
  ctx: OperationContext,
  { entity, key, enforceUniqueness }: Omit<CustomFieldKey, "position" | "removedAt">,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const existing = await lockCustomFieldKey(tx, ctx.environment.id, entity, key);
    if (existing !== undefined && existing.removedAt === null) {
      throw conflict(`The key "${key}" exists for ${entity}.`, "custom_field_key_exists");
    }
    await upsertCustomFieldKey(tx, ctx.environment.id, { entity, key, enforceUniqueness });
  });
}

/**
 * Throws conflict while a mapping rule of a connected account sends the key to a provider: without it the
 * rule would send nothing, and say so nowhere. Whoever stores rules holds their keys, as this does.
 */
async function checkUnmapped(
  tx: CoreTransaction,
  { environment }: OperationContext,
  entity: CustomFieldEntity,
  key: string,
): Promise<void> {
  for (const { provider, name, settings } of await listConnections(tx, environment.id)) {
    const rule = readMappings(settings).find((each) => each.entity === entity && each.key === key);
    if (rule === undefined) continue;
    throw conflict(
      `The key "${key}" of ${entity} is sent to ${rule.target} by a mapping rule of the ${provider} account "${name}". Take the rule out of /v1/settings/${provider}/entity-mappings first.`,
      "custom_field_key_in_use",
    );
  }
}

/**
 * Disallows a key and hides its stored values. Throws not_found for a key that is not allowed, and
 * conflict for one that a mapping rule uses.
 */
export async function hideCustomFieldKey(
  ctx: OperationContext,
  entity: CustomFieldEntity,
  key: string,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const existing = await lockCustomFieldKey(tx, ctx.environment.id, entity, key);
    if (existing === undefined || existing.removedAt !== null) {
      throw notFound(`custom field key of ${entity}`, `"${key}"`);
    }
    await checkUnmapped(tx, ctx, entity, key);
    await removeCustomFieldKey(tx, ctx.environment.id, entity, key, instantText(ctx.now));
  });
}
