import type { CoreTransaction } from "../db/database.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  type CheckedMapping,
  type EntityMapper,
  type EntityMapping,
  MAPPINGS_SETTING,
  readMappings,
} from "../providers/entity-mappings.ts";
import { updateConnection } from "../store/connection-changes.ts";
import { findDefaultConnection } from "../store/connections.ts";
import { lockCustomFieldKeys } from "../store/custom-field-keys.ts";
import { findLongCustomField } from "../store/custom-field-values.ts";
import { lockDefaultConnection } from "./change-provider-settings.ts";
import type { OperationContext } from "./context.ts";

/** The mapping rules of the environment's default account at a provider. */
export async function readEntityMappings(
  ctx: OperationContext,
  provider: string,
): Promise<readonly EntityMapping[]> {
  const connection = await findDefaultConnection(ctx.db, ctx.environment.id, provider);
  return readMappings(connection?.settings ?? {});
}

/** Throws invalid for a rule of a custom field that does not exist, or that holds too long a value. */
async function checkField(
  tx: CoreTransaction,
  { environment }: OperationContext,
  { entity, key, target, maxLength }: CheckedMapping,
  at: string,
): Promise<void> {
  const keys = await lockCustomFieldKeys(tx, environment.id, entity);
  if (!keys.some((known) => known.key === key)) {
    const name = JSON.stringify(key);
    throw invalid(
      `${at}.key must be a custom field of ${entity}: ${name} was not added`,
      `${at}.key`,
    );
  }
  const long = await findLongCustomField(tx, environment.id, { entity, key }, maxLength);
  if (long === undefined) return;
  throw invalid(
    `${at}.key must hold at most ${maxLength} characters for ${target}: ${entity} ${long.entityId} has ${long.length}`,
    `${at}.key`,
  );
}

/**
 * Puts these rules in the place of all that the default account had. Invoices that are not delivered
 * yet follow. Throws AppError: invalid, or a conflict when no account is connected.
 */
export async function replaceEntityMappings(
  ctx: OperationContext,
  provider: string,
  mapper: EntityMapper,
  mappings: readonly EntityMapping[],
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const connection = await lockDefaultConnection(tx, ctx, provider);
    const checked = mapper.check(mappings);
    for (const [index, mapping] of checked.entries()) {
      await checkField(tx, ctx, mapping, `data[${index}]`);
    }
    const stored = mappings.map(({ entity, key, target }) => ({ entity, key, target }));
    const settings = { ...connection.settings, [MAPPINGS_SETTING]: stored };
    await updateConnection(tx, connection.id, { settings });
  });
}
