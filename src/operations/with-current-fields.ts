import type { CustomFieldEntity, CustomFields } from "../domain/custom-fields/entity.ts";
import { versionAt } from "../domain/pricing/version-runs.ts";
import { assert } from "../errors.ts";
import type {
  DeliverableInvoice,
  EntityFields,
  EntityIds,
} from "../providers/deliverable-invoice.ts";
import type { AnyProvider, CurrentField, CurrentMapping } from "../providers/provider.ts";
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

/** The custom fields that a provider asks for. */
async function readFields(
  ctx: OperationContext,
  asked: readonly CurrentField[],
  invoice: DeliverableInvoice,
): Promise<EntityFields> {
  const found: Record<string, Record<string, CustomFields>> = {};
  for (const entity of new Set(asked.map((each) => each.entity))) {
    const ids = idsOf(invoice, entity);
    const values = await listCustomFields(ctx.db, ctx.environment.id, entity, ids);
    found[entity] = Object.fromEntries(values);
  }
  return found;
}

/** What external mappings call the things that a provider asks for; a blank name is none. */
async function readExternalIds(
  ctx: OperationContext,
  asked: readonly CurrentMapping[],
  invoice: DeliverableInvoice,
  configurationId: string | undefined,
): Promise<EntityIds> {
  const found: Record<string, Record<string, string>> = {};
  for (const { entity, system, table } of asked) {
    const mapped = MAPPED_AS[entity];
    assert(mapped !== undefined, `external mappings know ${entity}`);
    const ids = await listExternalIds(ctx.db, {
      environmentId: ctx.environment.id,
      entity: mapped,
      entityIds: idsOf(invoice, entity),
      system,
      table,
      configurationId,
    });
    const named = [...ids].map(([id, name]) => [id, name.trim()] as const);
    found[entity] = Object.fromEntries(named.filter(([, name]) => name !== ""));
  }
  return found;
}

/**
 * The invoice with what its provider reads of things of ours as they stand now: mappings, not content. Over an
 * integration configuration external mappings of that one come first, then those of all.
 */
export async function withCurrentFields(
  ctx: OperationContext,
  { currentFields: fields = [], currentMappings: mappings = [] }: AnyProvider,
  invoice: DeliverableInvoice,
  configurationId: string | undefined,
): Promise<DeliverableInvoice> {
  const externalIds = await readExternalIds(ctx, mappings, invoice, configurationId);
  if (fields.length === 0) return { ...invoice, externalIds };
  const currentFields = await readFields(ctx, fields, invoice);
  return { ...invoice, currentFields, externalIds, productNames: await productNames(ctx, invoice) };
}
