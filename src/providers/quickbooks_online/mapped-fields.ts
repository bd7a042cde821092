import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { LearnedField } from "../delivery-step.ts";
import type { CurrentField, CurrentMapping } from "../provider.ts";
import { SYSTEM } from "./mapping-tables.ts";

/** Custom fields of ours that name things of the company (guide "Invoice with other systems"). */
export const CUSTOMER_FIELD = "qbo_customer_id";
export const ITEM_FIELD = "qbo_item_id";
export const MEMO_FIELD = "qbo_memo_ref";
/** In which company a delivery found or made what the field beside it names: "9130/58". */
const FOUND_FIELD = "qbo_found_in";

type MappedEntity = "customer" | "contract_product" | "contract";

/** The fields that a delivery reads as they stand now, so that a mapping can be mended after the fact. */
export const MAPPED_FIELDS: readonly (CurrentField & { readonly entity: MappedEntity })[] = [
  { entity: "customer", key: CUSTOMER_FIELD },
  { entity: "contract_product", key: ITEM_FIELD },
  { entity: "contract", key: MEMO_FIELD },
  { entity: "customer", key: FOUND_FIELD },
  { entity: "contract_product", key: FOUND_FIELD },
];

/** External mappings of products come before their field. */
export const ITEM_MAPPINGS: readonly CurrentMapping[] = [
  { entity: "contract_product", system: SYSTEM, table: "Item" },
];

const ID_FIELDS = { customer: CUSTOMER_FIELD, contract_product: ITEM_FIELD } as const;

/** The present value of a mapped field, without blanks around it; undefined: there is none. */
export function fieldOf(
  { currentFields = {} }: Pick<DeliverableInvoice, "currentFields">,
  entity: MappedEntity,
  id: string,
  key: string,
): string | undefined {
  const value = currentFields[entity]?.[id]?.[key]?.trim();
  return value === "" ? undefined : value;
}

/**
 * The id that a thing of ours has in a company. One that a delivery learned in another company says nothing here: ids
 * are counted anew in each. One that a person wrote holds wherever it is read, in an external mapping or the field.
 */
export function mappedIn(
  invoice: Pick<DeliverableInvoice, "currentFields" | "externalIds">,
  realmId: string,
  entity: keyof typeof ID_FIELDS,
  ourId: string,
): { readonly id: string | undefined; readonly isMappedElsewhere: boolean } {
  const external = invoice.externalIds?.[entity]?.[ourId];
  if (external !== undefined) return { id: external, isMappedElsewhere: false };
  const id = fieldOf(invoice, entity, ourId, ID_FIELDS[entity]);
  const found = fieldOf(invoice, entity, ourId, FOUND_FIELD);
  const isMappedElsewhere =
    id !== undefined && found !== `${realmId}/${id}` && found?.endsWith(`/${id}`) === true;
  return { id: isMappedElsewhere ? undefined : id, isMappedElsewhere };
}

/** What is kept of an id that was learned: the id, and where it holds. */
export const toLearned = (
  realmId: string,
  entity: keyof typeof ID_FIELDS,
  entityId: string,
  id: string,
): LearnedField[] => [
  { entity, entityId, key: FOUND_FIELD, value: `${realmId}/${id}` },
  { entity, entityId, key: ID_FIELDS[entity], value: id },
];
