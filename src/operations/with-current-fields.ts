import type { CustomFieldEntity, CustomFields } from "../domain/custom-fields/entity.ts";
import { versionAt } from "../domain/pricing/version-runs.ts";
import type { DeliverableInvoice } from "../providers/deliverable-invoice.ts";
import type { AnyProvider } from "../providers/provider.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import { listProducts, toProduct } from "../store/products.ts";
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

/** What the products of an invoice are called now: its lines may be called otherwise. */
async function productNames(
  ctx: OperationContext,
  invoice: DeliverableInvoice,
): Promise<Record<string, string>> {
  const products = await listProducts(ctx.db, idsOf(invoice, "contract_product"));
  return Object.fromEntries(
    products.map((record) => [record.id, versionAt(toProduct(record), ctx.now).name]),
  );
}

/** The invoice with what its provider reads of things of ours as they stand now: mappings, not content. */
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
  return { ...invoice, currentFields: found, productNames: await productNames(ctx, invoice) };
}
