import type { InvoiceLine } from "../../domain/invoices/line.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import { type EntityMapping, readMappings } from "../entity-mappings.ts";
import type { PlannedConnection } from "../provider-connection.ts";
import type { StripeLine } from "./document.ts";
import type { LinePiece } from "./line-pieces.ts";
import {
  type InvoiceEntity,
  isInvoiceEntity,
  isLineEntity,
  type LineEntity,
  type MappingTarget,
  maxLengthOf,
  toTarget,
} from "./mapping-target.ts";

/** A rule, with the place that it names. */
export interface MappingRule extends EntityMapping {
  readonly place: MappingTarget;
}

/** The rules that an account's invoices are made with. */
export const toRules = ({ settings }: Pick<PlannedConnection, "settings">): MappingRule[] =>
  readMappings(settings).flatMap((mapping) => {
    const place = toTarget(mapping.target);
    return place === undefined ? [] : [{ ...mapping, place }];
  });

const OF_INVOICE = {
  contract: ({ contractId }) => contractId,
  customer: ({ customerId }) => customerId,
  invoice: ({ id }) => id,
  // The one behind the contract: fields of no other are frozen with an invoice.
  rate_card: ({ customFields }) => Object.keys(customFields.rate_card ?? {})[0],
} as const satisfies Record<InvoiceEntity, (invoice: DeliverableInvoice) => string | undefined>;

const OF_LINE = {
  contract_product: ({ productId }) => productId,
  commit: ({ purchasedCommitId, commit }) =>
    purchasedCommitId ?? (commit?.type === "CREDIT" ? null : commit?.commitId),
  contract_credit: ({ commit }) => (commit?.type === "CREDIT" ? commit.commitId : null),
  subscription: ({ subscription }) => subscription?.id,
  scheduled_charge: ({ scheduledChargeId }) => scheduledChargeId,
} as const satisfies Record<LineEntity, (line: InvoiceLine) => string | null | undefined>;

/** The value that a rule finds for a line, or without a line for the invoice. Empty ones are none. */
function findValue(
  { entity, key }: MappingRule,
  invoice: DeliverableInvoice,
  line: InvoiceLine | undefined,
): string | undefined {
  const id = isInvoiceEntity(entity)
    ? OF_INVOICE[entity](invoice)
    : isLineEntity(entity) && line !== undefined
      ? OF_LINE[entity](line)
      : undefined;
  const fields = id == null ? undefined : invoice.customFields[entity]?.[id];
  // A key may be named like a property that every object inherits.
  return (fields !== undefined && Object.hasOwn(fields, key) && fields[key]) || undefined;
}

/** The Stripe product that an external mapping names for the line's product, before any rule does. */
const externalProduct = (
  { externalIds }: DeliverableInvoice,
  line: InvoiceLine | undefined,
): string | undefined =>
  line?.productId == null ? undefined : externalIds?.contract_product?.[line.productId];

const PRODUCT_ID = /^[\x21-\x7e]+$/;

interface UnfitValue {
  readonly code: string;
  readonly message: string;
}

/** Why the product that an external mapping names cannot be sent with one of the lines that were made. */
export function findUnfitMapping(
  made: readonly Pick<StripeLine, "productId">[],
  invoice: DeliverableInvoice,
  lines: readonly InvoiceLine[],
): UnfitValue | undefined {
  const named = new Set(made.map(({ productId }) => productId));
  const unfit = lines.find((line) => {
    const mapped = externalProduct(invoice, line);
    return mapped !== undefined && named.has(mapped) && !PRODUCT_ID.test(mapped);
  });
  if (unfit === undefined) return undefined;
  const message = `The external mapping of product ${unfit.productId} ("${unfit.name}") to Product of Stripe names no id of a Stripe product. Correct the mapping, then retry.`;
  return { code: "mapped_value_invalid", message };
}

/** Why the value of a rule cannot be sent, before anything is. */
export function findUnfitValue(
  rules: readonly MappingRule[],
  invoice: DeliverableInvoice,
  lines: readonly InvoiceLine[],
): UnfitValue | undefined {
  for (const rule of rules) {
    const values = [undefined, ...lines].map((line) => findValue(rule, invoice, line));
    const what = `The rule from ${rule.entity}.${rule.key} to ${rule.target}`;
    const most = maxLengthOf(rule.place);
    const tooLong = values.find((value) => value !== undefined && value.length > most);
    if (tooLong !== undefined) {
      const message = `${what} found a value of ${tooLong.length} characters; Stripe takes ${most}.`;
      return { code: "mapped_value_too_long", message };
    }
    if (rule.place.as !== "product") continue;
    if (values.some((value) => value !== undefined && !PRODUCT_ID.test(value))) {
      const message = `${what} found a value that is no id of a Stripe product.`;
      return { code: "mapped_value_invalid", message };
    }
  }
  return undefined;
}

type Named = readonly (readonly [name: string, value: string])[];

/** What the rules say of the invoice itself. */
export function mapInvoice(
  rules: readonly MappingRule[],
  invoice: DeliverableInvoice,
  as: "metadata" | "custom_field",
): Named {
  return rules.flatMap((rule): Named => {
    const { place } = rule;
    if (place.on !== "invoice" || place.as !== as) return [];
    const value = findValue(rule, invoice, undefined);
    return value === undefined ? [] : [[place.name, value]];
  });
}

/** What all lines have; undefined: they do not agree, or have none. */
function agreedOn<Value>(
  lines: readonly InvoiceLine[],
  find: (line: InvoiceLine | undefined) => Value,
): Value | undefined {
  const [value, ...others] = new Set((lines.length === 0 ? [undefined] : lines).map(find));
  return others.length > 0 ? undefined : value;
}

/**
 * What external mappings and rules say of a line. Several of our lines in one get what they agree on: a
 * value that is true of all of them.
 */
export function mapLine(
  rules: readonly MappingRule[],
  invoice: DeliverableInvoice,
  { of }: LinePiece,
): Pick<StripeLine, "productId" | "metadata" | "priceMetadata"> {
  const metadata: [string, string][] = [];
  const priceMetadata: [string, string][] = [];
  for (const rule of rules) {
    const { place } = rule;
    if (place.on !== "line" || place.as === "product") continue;
    const value = agreedOn(of, (line) => findValue(rule, invoice, line));
    if (value === undefined) continue;
    (place.as === "metadata" ? metadata : priceMetadata).push([place.name, value]);
  }
  const productRule = rules.find(({ place }) => place.as === "product");
  return {
    productId: agreedOn(
      of,
      (line) =>
        externalProduct(invoice, line) ?? (productRule && findValue(productRule, invoice, line)),
    ),
    metadata: Object.fromEntries(metadata),
    priceMetadata: Object.fromEntries(priceMetadata),
  };
}
