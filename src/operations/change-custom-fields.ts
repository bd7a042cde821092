import type { CoreTransaction } from "../db/database.ts";
import type { CustomFieldEntity, CustomFields } from "../domain/custom-fields/entity.ts";
import { notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { findOwningCustomer, lockCustomFieldOwner } from "../store/custom-field-owners.ts";
import { deleteCustomFields } from "../store/custom-field-values.ts";
import type { OperationContext } from "./context.ts";
import { requestAlertEvaluation } from "./request-threshold-evaluation.ts";
import { setCustomFields } from "./set-custom-fields.ts";

async function demandOwner(
  tx: CoreTransaction,
  ctx: OperationContext,
  entity: CustomFieldEntity,
  id: string,
): Promise<void> {
  if (await lockCustomFieldOwner(tx, ctx.environment.id, entity, id)) return;
  throw notFound(entity.replaceAll("_", " "), id);
}

/** Alerts may count by custom fields. */
async function followChange(
  tx: CoreTransaction,
  ctx: OperationContext,
  entity: CustomFieldEntity,
  id: string,
): Promise<void> {
  const customerId = await findOwningCustomer(tx, entity, id);
  if (customerId !== undefined) await requestAlertEvaluation(tx, ctx, customerId);
}

/** Sets custom fields of an entity that exists, all or none, beside those it has. */
export async function changeCustomFields(
  ctx: OperationContext,
  entity: CustomFieldEntity,
  id: string,
  fields: CustomFields,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await demandOwner(tx, ctx, entity, id);
    await setCustomFields(tx, ctx, entity, id, fields);
    await followChange(tx, ctx, entity, id);
  });
}

/** Deletes custom fields of an entity that exists; keys without a value are no error. */
export async function dropCustomFields(
  ctx: OperationContext,
  entity: CustomFieldEntity,
  id: string,
  keys: readonly string[],
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await demandOwner(tx, ctx, entity, id);
    await deleteCustomFields(tx, ctx.environment.id, entity, id, keys);
    await followChange(tx, ctx, entity, id);
  });
}
