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

/** What external mappings say in the place of one field, by thing. */
async function readMapped(
  ctx: OperationContext,
  { entity, mapping }: CurrentField,
  entityIds: readonly string[],
  configurationId: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  if (mapping === undefined) return new Map();
  const mapped = MAPPED_AS[entity];
  assert(mapped !== undefined, `external mappings know ${entity}`);
  const environmentId = ctx.environment.id;
  const of = { environmentId, entity: mapped, entityIds, configurationId };
  return listExternalIds(ctx.db, { ...of, ...mapping });
}

/** The fields with what is mapped in the place of one of them. */
function withMapped(
  fields: Readonly<Record<string, CustomFields>>,
  { key, mapping }: CurrentField,
  mapped: ReadonlyMap<string, string>,
): Record<string, CustomFields> {
  const changed = [...mapped].map(([id, value]) => {
    const { [mapping?.beside ?? ""]: _ofTheField, ...others } = fields[id] ?? {};
    return [id, { ...others, [key]: value }] as const;
  });
  return { ...fields, ...Object.fromEntries(changed) };
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
  for (const [entity, fields] of Map.groupBy(asked, (each) => each.entity)) {
    const ids = idsOf(invoice, entity);
    const values = await listCustomFields(ctx.db, ctx.environment.id, entity, ids);
    let ofEntity = Object.fromEntries(values);
    for (const field of fields) {
      const mapped = await readMapped(ctx, field, ids, configurationId);
      ofEntity = withMapped(ofEntity, field, mapped);
    }
    found[entity] = ofEntity;
  }
  return { ...invoice, currentFields: found, productNames: await productNames(ctx, invoice) };
}
