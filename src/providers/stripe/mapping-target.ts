import type { CustomFieldEntity } from "../../domain/custom-fields/entity.ts";

/** A place at Stripe that takes the value of a custom field. */
export type MappingTarget =
  | { readonly on: "invoice"; readonly as: "metadata" | "custom_field"; readonly name: string }
  | { readonly on: "line"; readonly as: "metadata" | "price_metadata"; readonly name: string }
  | { readonly on: "line"; readonly as: "product" };

/** Custom fields that every line of an invoice shares. */
const OF_INVOICE = ["contract", "rate_card", "customer", "invoice"] as const;
/** Custom fields of what one line is of. */
const OF_LINE = [
  "contract_product",
  "commit",
  "contract_credit",
  "subscription",
  "scheduled_charge",
] as const;

export type InvoiceEntity = (typeof OF_INVOICE)[number];
export type LineEntity = (typeof OF_LINE)[number];

const isOneOf = <T extends string>(values: readonly T[], value: string): value is T =>
  (values as readonly string[]).includes(value);

export const isInvoiceEntity = (
  entity: CustomFieldEntity,
): entity is InvoiceEntity & typeof entity => isOneOf(OF_INVOICE, entity);
export const isLineEntity = (entity: CustomFieldEntity): entity is LineEntity & typeof entity =>
  isOneOf(OF_LINE, entity);

export const MAPPED_ENTITIES: readonly string[] = [...OF_INVOICE, ...OF_LINE];

/** Longer prefixes first: "invoiceitem.price" begins two kinds of targets. */
const NAMED = [
  ["invoiceitem.price.metadata.", "line", "price_metadata"],
  ["invoiceitem.metadata.", "line", "metadata"],
  ["invoice.metadata.", "invoice", "metadata"],
  ["invoice.custom_field.", "invoice", "custom_field"],
] as const;

export const TARGETS =
  "invoiceitem.price, invoiceitem.metadata.<key>, invoiceitem.price.metadata.<key>, invoice.metadata.<key> or invoice.custom_field.<name>";

/** The place that a text names, or undefined. */
export function toTarget(text: string): MappingTarget | undefined {
  if (text === "invoiceitem.price") return { on: "line", as: "product" };
  for (const [prefix, on, as] of NAMED) {
    if (!text.startsWith(prefix)) continue;
    const name = text.slice(prefix.length);
    return name.trim() === "" ? undefined : ({ on, as, name } as MappingTarget);
  }
  return undefined;
}

/** The most characters that a place takes (Stripe docs: "Metadata", and custom fields of invoices). */
export const maxLengthOf = ({ as }: MappingTarget): number =>
  ({ custom_field: 140, metadata: 500, price_metadata: 500, product: 255 })[as];
