import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { CurrentField } from "../provider.ts";
import { SYSTEM } from "./mapping-tables.ts";

/** Custom fields of ours that name things of the company (guide "Invoice with other systems"). */
export const CUSTOMER_FIELD = "qbo_customer_id";
export const ITEM_FIELD = "qbo_item_id";
export const MEMO_FIELD = "qbo_memo_ref";

type MappedEntity = "customer" | "contract_product" | "contract";

/** The fields that a delivery reads as they stand now, so that a mapping can be mended after the fact. */
export const MAPPED_FIELDS: readonly (CurrentField & { readonly entity: MappedEntity })[] = [
  { entity: "customer", key: CUSTOMER_FIELD },
  {
    entity: "contract_product",
    key: ITEM_FIELD,
    mapping: { system: SYSTEM, table: "Item" },
  },
  { entity: "contract", key: MEMO_FIELD },
];

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
