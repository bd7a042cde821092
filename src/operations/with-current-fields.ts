import type { CustomFieldEntity, CustomFields } from "../domain/custom-fields/entity.ts";
import type { DeliverableInvoice } from "../providers/deliverable-invoice.ts";
import type { AnyProvider } from "../providers/provider.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import type { OperationContext } from "./context.ts";

/** The things of an invoice whose custom fields a provider may ask for. */
function idsOf(
  { customerId, contractId, lines }: DeliverableInvoice,
  entity: CustomFieldEntity,
): string[] {
  switch (entity) {
    case "customer":
      return [customerId];
    case "contract":
      return [contractId];
    case "contract_product":
      return [...new Set(lines.flatMap(({ productId }) => productId ?? []))];
    default:
      return [];
  }
}

/** The invoice with the custom fields that its provider reads as they stand now: mappings, not content. */
export async function withCurrentFields(
  ctx: OperationContext,
  { currentFields: asked = [] }: AnyProvider,
  invoice: DeliverableInvoice,
): Promise<DeliverableInvoice> {
  if (asked.length === 0) return invoice;
  const found: Record<string, Record<string, CustomFields>> = {};
  for (const entity of new Set(asked.map((each) => each.entity))) {
    const ids = idsOf(invoice, entity);
    const fields = await listCustomFields(ctx.db, ctx.environment.id, entity, ids);
    found[entity] = Object.fromEntries(fields);
  }
  return { ...invoice, currentFields: found };
}
