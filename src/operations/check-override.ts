import type { OverrideSpecifierRow } from "../db/tables/contract-overrides.ts";
import { dec, ZERO } from "../domain/decimal.ts";
import type { MultiplierPrioritization, PriceChange } from "../domain/overrides/override.ts";
import type { ProductType } from "../domain/pricing/product.ts";
import type { ProductState } from "../domain/pricing/product-history.ts";
import { type Instant, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import type { OverrideTerms } from "./add-overrides.ts";
import { checkOverwriteCreditType } from "./check-overwrite-credit-type.ts";
import { checkReach } from "./check-reach.ts";
import { checkSubscriptionOverride } from "./check-subscription-override.ts";
import { checkTiers, type Refuse } from "./check-tiers.ts";

/** What group keys a product is priced and shown by. */
export interface PricedGroups {
  readonly type: ProductType;
  /** What the card prices it in; undefined for percentages. */
  readonly creditTypeId: string | undefined;
  readonly at: (at: Instant) => Pick<ProductState, "pricingGroupKey" | "presentationGroupKey">;
}

/** What an override must fit to. */
export interface OverrideFrame {
  /** By the products on the rate card. */
  readonly groups: ReadonlyMap<string, PricedGroups>;
  readonly commits: ReadonlyMap<string, "COMMIT" | "CREDIT">;
  /** Those of the contract that spawn commits or credits. */
  readonly recurring: ReadonlyMap<string, "COMMIT" | "CREDIT">;
  readonly creditTypeId: string;
  readonly prioritization: MultiplierPrioritization;
  /** Names it in messages: "overrides[0].". */
  readonly path: string;
}

type ChangeType = PriceChange["type"] | null;

/** Refuses an override that could not be understood in one way; answers what it changes. */
export function checkOverride(terms: OverrideTerms, frame: OverrideFrame): ChangeType {
  const { path } = frame;
  const refuse: Refuse = (field, message) =>
    invalid(`${path}${field} ${message}`, `${path}${field}`);
  const type = typeOf(terms, refuse);
  checkReach(terms.startingAt, `${path}starting_at`);
  if (terms.endingBefore !== null) {
    checkReach(terms.endingBefore, `${path}ending_before`);
    if (!isBefore(terms.startingAt, terms.endingBefore)) {
      throw refuse("ending_before", "must be after starting_at");
    }
  }
  checkPriority(terms, type, frame.prioritization, refuse);
  checkTarget(terms, refuse);
  if (type === "TIERED") checkTiers(terms.tiers ?? [], refuse);
  if (terms.overwriteRate?.type === "TIERED") {
    checkTiers(terms.overwriteRate.tiers, refuse, "overwrite_rate.tiers");
  }
  for (const [field, specifier] of scopeOf(terms, refuse)) {
    checkSpecifier(specifier, terms, type, frame, (name, message) =>
      refuse(name === "" ? field : `${field}${name}`, message),
    );
    checkOverwriteCreditType(terms, specifier, frame, refuse);
  }
  return type;
}

/** The type is given or follows from what the override consists of; then nothing else may be there. */
function typeOf(terms: OverrideTerms, refuse: Refuse): ChangeType {
  const contents = [
    { type: "OVERWRITE", field: "overwrite_rate", value: terms.overwriteRate },
    { type: "MULTIPLIER", field: "multiplier", value: terms.multiplier },
    { type: "TIERED", field: "tiers", value: terms.tiers },
  ] as const;
  const given = contents.filter(({ value }) => value !== null);
  const type = terms.type ?? given[0]?.type ?? null;
  for (const content of contents) {
    const isWanted = content.type === type;
    if (isWanted && content.value === null) throw refuse(content.field, `is required for ${type}`);
    if (!isWanted && content.value !== null) {
      throw refuse(content.field, `is only for type ${content.type}`);
    }
  }
  if (type === null && terms.entitled === null) {
    throw refuse("type", "is missing: an override changes a price or entitled");
  }
  return type;
}

function checkPriority(
  { priority }: OverrideTerms,
  type: ChangeType,
  prioritization: MultiplierPrioritization,
  refuse: Refuse,
): void {
  if (priority !== null && dec(priority).lte(ZERO)) throw refuse("priority", "must be above 0");
  if (type !== "MULTIPLIER" && type !== "TIERED") return;
  if (prioritization === "EXPLICIT") {
    if (priority === null) throw refuse("priority", "is required under EXPLICIT prioritization");
  } else if (type === "TIERED") {
    throw refuse("type", "TIERED needs multiplier_override_prioritization EXPLICIT");
  }
}

function checkTarget({ isCommitSpecific, target, entitled }: OverrideTerms, refuse: Refuse): void {
  if (target === "COMMIT_RATE" && !isCommitSpecific) {
    throw refuse("target", "COMMIT_RATE needs is_commit_specific");
  }
  if (isCommitSpecific && entitled === false) {
    throw refuse("entitled", "false is not for commit-specific overrides: access is for all");
  }
}

/** The specifiers, each with the path of its fields; exactly one kind of scope must be given. */
function scopeOf(terms: OverrideTerms, refuse: Refuse): [string, OverrideSpecifierRow][] {
  const { productId, applicableProductTags: tags, specifiers } = terms;
  const scopes: [string, OverrideSpecifierRow][][] = [
    productId === null ? [] : [["", { product_id: productId }]],
    tags === null ? [] : [["applicable_", { product_tags: tags }]],
    (specifiers ?? []).map((specifier, n) => [`override_specifiers[${n}].`, specifier]),
  ];
  const given = scopes.filter((scope) => scope.length > 0);
  const [scope] = given;
  if (scope === undefined || given.length > 1) {
    throw refuse(
      "override_specifiers",
      "or product_id or applicable_product_tags must be given, one of the three",
    );
  }
  return scope;
}

function checkSpecifier(
  specifier: OverrideSpecifierRow,
  terms: OverrideTerms,
  type: ChangeType,
  { groups, ...payers }: OverrideFrame,
  refuse: Refuse,
): void {
  const { startingAt, isCommitSpecific, overwriteRate } = terms;
  const { product_id: productId, pricing_group_values: pricing = {} } = specifier;
  const { presentation_group_values: presentation = {} } = specifier;
  checkCommits(specifier, isCommitSpecific, payers, refuse);
  const hasValues = Object.keys({ ...pricing, ...presentation }).length > 0;
  if (productId === undefined && specifier.product_tags === undefined && !hasValues) {
    throw refuse("product_id", "or product_tags or group values must be given");
  }
  const product = productId === undefined ? undefined : groups.get(productId);
  if (productId !== undefined && product === undefined) {
    throw refuse("product_id", "must be of a product on the contract's rate card");
  }
  checkSubscriptionOverride(specifier, terms, type, product, refuse);
  const keys = product?.at(startingAt);
  if (keys !== undefined) {
    checkKeys(pricing, keys.pricingGroupKey, "pricing_group_values", refuse);
    checkKeys(presentation, keys.presentationGroupKey, "presentation_group_values", refuse);
  }
  if (type !== "OVERWRITE") return;
  if (specifier.product_tags !== undefined) {
    throw refuse("product_tags", "are not for overwrites, which are for one product");
  }
  if (product === undefined) throw refuse("product_id", "is required for an overwrite");
  if ((product.type === "COMPOSITE") !== (overwriteRate?.type === "PERCENTAGE")) {
    throw refuse("overwrite_rate", "PERCENTAGE is for COMPOSITE products, which take no other");
  }
  if (Object.keys(presentation).length > 0) {
    throw refuse("presentation_group_values", "are only for multipliers");
  }
  const missing = (keys?.pricingGroupKey ?? []).filter((name) => !Object.hasOwn(pricing, name));
  if (missing.length > 0) {
    throw refuse("pricing_group_values", `of an overwrite must name ${missing.join(", ")} too`);
  }
}

function checkKeys(
  values: Readonly<Record<string, string>>,
  known: readonly string[],
  field: string,
  refuse: Refuse,
): void {
  const unknown = Object.keys(values).find((name) => !known.includes(name));
  if (unknown !== undefined) throw refuse(field, `has ${unknown}, which the product has not`);
}

/** Lists of payers in a specifier, what they hold, and which kinds of it. */
const PAYER_LISTS = [
  { field: "commit_ids", spawned: false, kinds: ["COMMIT"], what: "commits" },
  { field: "recurring_commit_ids", spawned: true, kinds: ["COMMIT"], what: "recurring commits" },
  {
    field: "any_commit_or_credit_ids",
    spawned: null,
    kinds: ["COMMIT", "CREDIT"],
    what: "commits and credits, recurring or not,",
  },
] as const;

function checkCommits(
  specifier: OverrideSpecifierRow,
  isCommitSpecific: boolean,
  { commits, recurring }: Pick<OverrideFrame, "commits" | "recurring">,
  refuse: Refuse,
): void {
  const given = PAYER_LISTS.filter(({ field }) => specifier[field] !== undefined);
  const [first] = given;
  if (first === undefined) return;
  if (!isCommitSpecific) throw refuse(first.field, "needs is_commit_specific");
  if (given.length > 1 && specifier.any_commit_or_credit_ids !== undefined) {
    throw refuse("any_commit_or_credit_ids", `stands in place of ${first.field}, not beside it`);
  }
  for (const { field, spawned, kinds, what } of given) {
    const known = [...(spawned === true ? [] : commits), ...(spawned === false ? [] : recurring)];
    const fitting = new Set(
      known.filter(([, kind]) => kinds.some((k) => k === kind)).map(([id]) => id),
    );
    const unknown = specifier[field]?.find((id) => !fitting.has(id));
    if (unknown === undefined) continue;
    throw refuse(field, `has ${unknown}, which is none of the ${what} that the contract can burn`);
  }
}
