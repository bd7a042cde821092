import type { StoredCustomFields } from "../../db/tables/invoices.ts";
import { toText } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { COMMIT_WORDS, PRODUCT_WORDS } from "../../domain/invoices/line-words.ts";
import { instantText } from "../../domain/time.ts";
import { toCreditTypeView, type UnitNames } from "./credit-type.ts";
import { toListPriceView } from "./rate.ts";

/** The values that one thing has, {} when it has none. */
export const fieldsOf = (fields: StoredCustomFields, entity: string, id: string) =>
  fields[entity]?.[id] ?? {};

/** What a line is shown with. */
export interface LineViewOptions {
  readonly fields: StoredCustomFields;
  readonly units: UnitNames;
  readonly withListPrices: boolean;
}

/** A line as the wire shows it: fields that its type does not have are absent. */
export function toInvoiceLineView(
  line: InvoiceLine,
  { fields, units, withListPrices }: LineViewOptions,
) {
  return {
    name: line.name,
    type: line.type,
    total: line.total,
    credit_type: toCreditTypeView(line.creditTypeId, units),
    ...toProductView(line, fields),
    ...(line.quantity === null ? {} : { quantity: line.quantity }),
    ...(line.unitPrice === null ? {} : { unit_price: line.unitPrice }),
    ...(line.startingAt === null ? {} : { starting_at: instantText(line.startingAt) }),
    ...(line.endingBefore === null ? {} : { ending_before: instantText(line.endingBefore) }),
    ...toGroupsView(line),
    ...toTierView(line),
    ...toCommitView(line, fields),
    ...toScheduledView(line, fields),
    ...toSubscriptionView(line, fields),
    ...(withListPrices && line.listPrice !== undefined
      ? { list_price: toListPriceView(line.listPrice, units) }
      : {}),
  };
}

const toProductView = (
  { productId, productType, productTags }: InvoiceLine,
  fields: StoredCustomFields,
) =>
  productId === null || productType === null
    ? {}
    : {
        product_id: productId,
        product_type: PRODUCT_WORDS[productType],
        product_tags: productTags,
        product_custom_fields: fieldsOf(fields, "contract_product", productId),
      };

const toGroupsView = ({ pricingGroupValues, presentationGroupValues }: InvoiceLine) => ({
  ...(pricingGroupValues === null ? {} : { pricing_group_values: pricingGroupValues }),
  ...(presentationGroupValues === null
    ? {}
    : { presentation_group_values: presentationGroupValues }),
});

/** Texts except the level, as the official client types them. */
const toTierView = ({ tier }: InvoiceLine) =>
  tier === null
    ? {}
    : {
        tier: {
          level: tier.level,
          starting_at: toText(tier.startingAt),
          size: tier.size === null ? null : toText(tier.size),
        },
      };

function toCommitView({ commit, purchasedCommitId }: InvoiceLine, fields: StoredCustomFields) {
  if (purchasedCommitId !== null) {
    return {
      commit_id: purchasedCommitId,
      commit_custom_fields: fieldsOf(fields, "commit", purchasedCommitId),
      ...(commit === null ? {} : { postpaid_commit: { id: purchasedCommitId } }),
    };
  }
  if (commit === null) return {};
  const { commitId, segmentId, type } = commit;
  return {
    commit_id: commitId,
    commit_segment_id: segmentId,
    commit_type: COMMIT_WORDS[type],
    commit_custom_fields: fieldsOf(
      fields,
      type === "CREDIT" ? "contract_credit" : "commit",
      commitId,
    ),
    applied_commit_or_credit: { id: commitId, type },
  };
}

const toSubscriptionView = ({ subscription }: InvoiceLine, fields: StoredCustomFields) =>
  subscription === null
    ? {}
    : {
        subscription_id: subscription.id,
        is_prorated: subscription.isProrated,
        subscription_custom_fields: fieldsOf(fields, "subscription", subscription.id),
      };

const toScheduledView = ({ scheduledChargeId }: InvoiceLine, fields: StoredCustomFields) =>
  scheduledChargeId === null
    ? {}
    : {
        scheduled_charge_id: scheduledChargeId,
        scheduled_charge_custom_fields: fieldsOf(fields, "scheduled_charge", scheduledChargeId),
      };
