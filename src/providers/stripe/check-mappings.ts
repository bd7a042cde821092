import { invalid } from "../../errors.ts";
import type { CheckedMapping, EntityMapping } from "../entity-mappings.ts";
import {
  isInvoiceEntity,
  isLineEntity,
  MAPPED_ENTITIES,
  type MappingTarget,
  maxLengthOf,
  TARGETS,
  toTarget,
} from "./mapping-target.ts";

/** Stripe docs: "Metadata", and the custom fields of an invoice. */
const MAX_NAME = 40;
export const MAX_CUSTOM_FIELDS = 4;
export const MAX_METADATA_KEYS = 50;

/** How many rules a place takes: what Stripe allows, less what stands there already. */
const PLACES = [
  { prefix: "invoice.custom_field.", most: MAX_CUSTOM_FIELDS, ours: 0, what: "custom fields" },
  { prefix: "invoice.metadata.", most: MAX_METADATA_KEYS, ours: 3, what: "keys of metadata" },
  { prefix: "invoiceitem.metadata.", most: MAX_METADATA_KEYS, ours: 1, what: "keys of metadata" },
  { prefix: "invoiceitem.price.metadata.", most: MAX_METADATA_KEYS, ours: 0, what: "keys" },
] as const;

/** What tells our own documents and lines at Stripe from others. */
const isReserved = (key: string): boolean =>
  key === "metronome_id" || key.startsWith("ledgerline_");

function checkName(target: MappingTarget, field: string): void {
  if (target.as === "product") return;
  if (target.name.length > MAX_NAME || !target.name.isWellFormed()) {
    throw invalid(`${field} must name a key of at most ${MAX_NAME} characters`, field);
  }
  if (target.as === "custom_field") return;
  if (/[[\]]/.test(target.name)) {
    throw invalid(`${field} must name a key of metadata without square brackets`, field);
  }
  if (isReserved(target.name)) {
    throw invalid(`${field} must not name ${target.name}, which is set by the server`, field);
  }
}

function checkOne({ entity, key, target }: EntityMapping, at: string): CheckedMapping {
  const field = `${at}.target`;
  if (!isInvoiceEntity(entity) && !isLineEntity(entity)) {
    throw invalid(`${at}.entity must be one of ${MAPPED_ENTITIES.join(", ")}`, `${at}.entity`);
  }
  const place = toTarget(target);
  if (place === undefined) throw invalid(`${field} must be ${TARGETS}`, field);
  checkName(place, field);
  if (place.on === "invoice" && isLineEntity(entity)) {
    throw invalid(
      `${field} must be on invoiceitem: the lines of an invoice may be of several of ${entity}`,
      field,
    );
  }
  if (place.as === "product" && isInvoiceEntity(entity)) {
    throw invalid(
      `${field} must not be invoiceitem.price for ${entity}: what every line shares names no product`,
      field,
    );
  }
  return { entity, key, target, maxLength: maxLengthOf(place) };
}

/**
 * A whole list of mapping rules, checked one by one and together (docs/stripe.md, "Mapping rules").
 * Throws invalid, naming the rule.
 */
export function checkMappings(mappings: readonly EntityMapping[]): CheckedMapping[] {
  const checked = mappings.map((mapping, index) => checkOne(mapping, `data[${index}]`));
  for (const [index, { target }] of mappings.entries()) {
    const first = mappings.findIndex((each) => each.target === target);
    if (first === index) continue;
    const field = `data[${index}].target`;
    throw invalid(`${field} must be another than that of data[${first}]: ${target}`, field);
  }
  for (const { prefix, most, ours, what } of PLACES) {
    const count = mappings.filter(({ target }) => target.startsWith(prefix)).length;
    if (count <= most - ours) continue;
    const own = ours === 0 ? "" : ` beside ${ours} of the server's own`;
    throw invalid(
      `data must have at most ${most - ours} rules to ${prefix}: Stripe takes ${most} ${what}${own}`,
      "data",
    );
  }
  return checked;
}
