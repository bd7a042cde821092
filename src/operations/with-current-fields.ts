import type { CustomFieldEntity, CustomFields } from "../domain/custom-fields/entity.ts";
import { versionAt } from "../domain/pricing/version-runs.ts";
import { assert } from "../errors.ts";
import type { DeliverableInvoice } from "../providers/deliverable-invoice.ts";
import type { AnyProvider, CurrentField } from "../providers/provider.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import { listExternalIds } from "../store/payer-mappings.ts";
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

/** What external mappings call them. */
const MAPPED_AS: Partial<Readonly<Record<CustomFieldEntity, string>>> = {
  customer: "Account",
  contract: "Contract",
  contract_product: "Product",
};

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

/** Values of one field, by thing: the external mapping where there is one, else the custom field. */
async function readMapped(
  ctx: OperationContext,
  { entity, mapping }: CurrentField,
  ids: readonly string[],
  configurationId: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const mapped = MAPPED_AS[entity];
  if (mapping === undefined) return new Map();
  assert(mapped !== undefined, `external mappings know ${entity}`);
  const environmentId = ctx.environment.id;
  return listExternalIds(ctx.db, {
    environmentId,
    entity: mapped,
    ...mapping,
    configurationId,
    entityIds: ids,
  });
}

/**
 * The invoice with what its provider reads of things of ours as they stand now: mappings, not content. Over an
 * integration configuration external mappings of that one come first, then those of all.
 */
export async function withCurrentFields(
  ctx: OperationContext,
  { currentFields: asked = [] }: AnyProvider,
  invoice: DeliverableInvoice,
  configurationId: string | undefined,
): Promise<DeliverableInvoice> {
  if (asked.length === 0) return invoice;
  const found: Record<string, Record<string, CustomFields>> = {};
  for (const field of asked) {
    const { entity, key } = field;
    const ids = idsOf(invoice, entity);
    const values = await listCustomFields(ctx.db, ctx.environment.id, entity, ids);
    const ofEntity = { ...Object.fromEntries(values), ...found[entity] };
    for (const [id, value] of await readMapped(ctx, field, ids, configurationId)) {
      ofEntity[id] = { ...ofEntity[id], [key]: value };
    }
    found[entity] = ofEntity;
  }
  return { ...invoice, currentFields: found, productNames: await productNames(ctx, invoice) };
}
