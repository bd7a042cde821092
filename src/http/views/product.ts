import type { CustomFields } from "../../domain/custom-fields/entity.ts";
import type { ProductType } from "../../domain/pricing/product.ts";
import {
  type ProductState,
  productStateAt,
  productVersions,
} from "../../domain/pricing/product-history.ts";
import { type Instant, instant, instantText, sameInstant } from "../../domain/time.ts";
import {
  type ProductRecord,
  type ProductVersionRecord,
  toProductUpdate,
} from "../../store/products.ts";

/** A product as the API shows it, with its state at `now` and its history. */
export function toProductView(product: ProductRecord, now: Instant, customFields: CustomFields) {
  const versions = productVersions(product.initial.state, product.updates.map(toProductUpdate));
  const current = productStateAt(versions, now);
  const source = product.updates.findLast(
    ({ startingAt }) => startingAt !== null && sameInstant(instant(startingAt), current.startingAt),
  );
  const conversionName = latestConversionName(product, now);
  return {
    id: product.id,
    type: product.type,
    initial: {
      ...toState(product.type, product.initial.state, product.initial.conversionName),
      created_at: product.initial.createdAt,
      created_by: product.initial.createdBy,
    },
    current: {
      ...toState(product.type, current, conversionName),
      created_at: product.initial.createdAt,
      created_by: product.initial.createdBy,
      ...(source === undefined ? {} : { starting_at: instantText(current.startingAt) }),
    },
    updates: product.updates.map((update) => toUpdate(product.type, update)),
    archived_at: product.archivedAt,
    custom_fields: customFields,
  };
}

function toState(type: ProductType, state: ProductState, conversionName: string | null) {
  const named = { name: state.name, tags: state.tags };
  if (type === "COMPOSITE") {
    return {
      ...named,
      composite_product_ids: state.compositeProductIds ?? [],
      composite_tags: state.compositeTags ?? [],
      exclude_free_usage: state.excludeFreeUsage ?? false,
    };
  }
  if (type !== "USAGE") return named;
  const { quantityConversion: conversion, quantityRounding: rounding } = state;
  return {
    ...named,
    billable_metric_id: state.metricId,
    pricing_group_key: state.pricingGroupKey,
    presentation_group_key: state.presentationGroupKey,
    quantity_conversion: conversion && {
      conversion_factor: conversion.factor,
      operation: conversion.operation,
      ...(conversionName === null ? {} : { name: conversionName }),
    },
    quantity_rounding: rounding && {
      rounding_method: rounding.method,
      decimal_places: rounding.decimalPlaces,
    },
  };
}

/** Only what the update set. */
function toUpdate(type: ProductType, update: ProductVersionRecord) {
  const state = Object.entries(toState(type, update.state, update.conversionName));
  const changed: readonly string[] = update.changed;
  return {
    ...Object.fromEntries(state.filter(([field]) => changed.includes(field))),
    starting_at: update.startingAt,
    created_at: update.createdAt,
    created_by: update.createdBy,
  };
}

/** The caller's name for the conversion in force: names are shown and price nothing. */
function latestConversionName(product: ProductRecord, now: Instant): string | null {
  const naming = product.updates
    .filter(({ changed }) => changed.includes("quantity_conversion"))
    .filter(
      ({ startingAt }) =>
        startingAt !== null && instant(startingAt).epochMilliseconds <= now.epochMilliseconds,
    )
    .sort((a, b) => (a.startingAt ?? "").localeCompare(b.startingAt ?? ""));
  return (naming.at(-1) ?? product.initial).conversionName;
}
