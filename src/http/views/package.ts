import { USD_CREDIT_TYPE_ID } from "../../domain/credit-type.ts";
import { dec } from "../../domain/decimal.ts";
import { uuidV5 } from "../../domain/invoices/invoice-id.ts";
import type { PackageAlias, PackageRow } from "../../store/packages.ts";
import type { PackageTerms } from "../schemas/create-package.ts";
import { present } from "./commit.ts";
import { toCreditTypeView, type UnitNames } from "./credit-type.ts";

/** What a package is shown with. */
export interface PackageParts {
  readonly aliases: readonly PackageAlias[];
  /** What products are called now, by id. */
  readonly productNames: ReadonlyMap<string, string>;
  readonly units: UnitNames;
}

type Json = Readonly<Record<string, unknown>>;

/** Fields that arrive as decimal text and are shown as numbers. */
const NUMBERS: ReadonlySet<string> = new Set([
  "amount",
  "initial_quantity",
  "multiplier",
  "price",
  "priority",
  "quantity",
  "recharge_to_amount",
  "rollover_fraction",
  "size",
  "threshold_amount",
  "unit_price",
  "payment_fraction",
]);

/** What commits and subscriptions of the package are called, in the place of their temporary ids. */
const TEMPLATE_IDS: Readonly<Record<string, string>> = {
  commit_ids: "commit_template_ids",
  recurring_commit_ids: "recurring_commit_template_ids",
  any_commit_or_credit_ids: "any_commit_or_credit_template_ids",
  subscription_id: "subscription_template_id",
};

/** The products that the parts of a package are of. */
export function productsOf(terms: PackageTerms): string[] {
  const { commits = [], credits = [], scheduled_charges = [], overrides = [] } = terms;
  const { recurring_commits = [], recurring_credits = [], subscriptions = [] } = terms;
  const parts = [...commits, ...credits, ...scheduled_charges, ...overrides];
  return [
    ...[...parts, ...recurring_commits, ...recurring_credits].map((part) => part.product_id),
    ...subscriptions.map(({ subscription_rate: rate }) => rate.product_id),
  ].filter((id) => id != null);
}

/**
 * A package as the API shows it. Its parts have ids that follow from the package and their place; what
 * the request called by temporary ids is named by them.
 */
export function toPackageView(row: PackageRow, { aliases, productNames, units }: PackageParts) {
  const terms = JSON.parse(row.terms) as PackageTerms;
  const idAt = (path: string) => uuidV5(row.id, path);
  const templates = new Map<string, string>();
  const lists = {
    commits: terms.commits ?? [],
    credits: terms.credits ?? [],
    recurring_commits: terms.recurring_commits ?? [],
    recurring_credits: terms.recurring_credits ?? [],
    subscriptions: terms.subscriptions ?? [],
    scheduled_charges: terms.scheduled_charges ?? [],
    overrides: terms.overrides ?? [],
  };
  for (const [field, parts] of Object.entries(lists)) {
    for (const [n, part] of parts.entries()) {
      const id = "temporary_id" in part ? part.temporary_id : null;
      if (id != null) templates.set(id, idAt(`${field}/${n}`));
    }
  }
  const show = { productNames, units, templates, idAt };
  const { name, contract_name, duration, rate_card_id, net_payment_terms_days } = terms;
  return {
    id: row.id,
    name,
    ...present({
      contract_name: contract_name ?? null,
      uniqueness_key: row.uniqueness_key,
      archived_at: row.archived_at,
      rate_card_id: rate_card_id ?? null,
      rate_card_alias: terms.rate_card_alias ?? null,
      duration: duration ?? null,
      net_payment_terms_days: net_payment_terms_days ?? null,
      billing_provider: terms.billing_provider?.toLowerCase() ?? null,
      delivery_method: terms.delivery_method?.toLowerCase() ?? null,
      scheduled_charges_on_usage_invoices: terms.scheduled_charges_on_usage_invoices ?? null,
    }),
    aliases: aliases.map(({ name: alias, startingAt, endingBefore }) => ({
      name: alias,
      ...present({ starting_at: startingAt, ending_before: endingBefore }),
    })),
    usage_statement_schedule: terms.usage_statement_schedule ?? {
      frequency: "MONTHLY",
      day: "FIRST_OF_MONTH",
    },
    multiplier_override_prioritization:
      terms.multiplier_override_prioritization ?? "LOWEST_MULTIPLIER",
    ...Object.fromEntries(
      Object.entries(lists).map(([field, parts]) => [
        field,
        parts.map((part, n) => toPart(part, `${field}/${n}`, show)),
      ]),
    ),
    ...present({
      prepaid_balance_threshold_configuration: plain(
        terms.prepaid_balance_threshold_configuration,
        show,
      ),
      spend_threshold_configuration: plain(terms.spend_threshold_configuration, show),
    }),
    created_at: row.created_at,
    created_by: row.created_by,
  };
}

interface Showing {
  readonly productNames: ReadonlyMap<string, string>;
  readonly units: UnitNames;
  readonly templates: ReadonlyMap<string, string>;
  readonly idAt: (path: string) => string;
}

function toPart(part: Json, path: string, show: Showing): Json {
  const { temporary_id: _, product_id, subscription_rate: rate, tiers, ...rest } = part;
  return {
    id: show.idAt(path),
    ...toProduct(product_id, show),
    ...(isJson(rate)
      ? {
          subscription_rate: {
            billing_frequency: rate.billing_frequency,
            ...toProduct(rate.product_id, show),
          },
        }
      : {}),
    ...(tiers == null ? {} : { override_tiers: plain(tiers, show) }),
    ...("starting_at_offset" in part && path.startsWith("overrides/")
      ? { override_specifiers: [] }
      : {}),
    ...Object.fromEntries(
      Object.entries(rest)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [
          name,
          isJson(value) && name.endsWith("schedule")
            ? toSchedule(value, `${path}/${name}`, show)
            : plainField(name, value, show),
        ]),
    ),
  };
}

const toProduct = (id: unknown, { productNames }: Showing) =>
  typeof id === "string" ? { product: { id, name: productNames.get(id) ?? "" } } : {};

function toSchedule(schedule: Json, path: string, show: Showing): Json {
  const { credit_type_id: creditTypeId, schedule_items: items, ...rest } = schedule;
  return {
    credit_type: toCreditTypeView(String(creditTypeId ?? USD_CREDIT_TYPE_ID), show.units),
    schedule_items: (items as Json[]).map(({ amount, ...item }, n) => ({
      id: show.idAt(`${path}/${n}`),
      // An amount that is billed is one unit at that price.
      ...("date_offset" in item && amount !== undefined
        ? { unit_price: dec(String(amount)), quantity: dec("1") }
        : amount === undefined
          ? {}
          : { amount: dec(String(amount)) }),
      ...(plain(item, show) as Json),
    })),
    ...(path.endsWith("invoice_schedule") ? { do_not_invoice: rest.do_not_invoice ?? false } : {}),
  };
}

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function plain(value: unknown, show: Showing): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, show));
  if (!isJson(value)) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const template = TEMPLATE_IDS[name];
      return template === undefined
        ? [name, plainField(name, inner, show)]
        : [template, toTemplateIds(inner, show)];
    }),
  );
}

function plainField(name: string, value: unknown, show: Showing): unknown {
  if (name === "custom_fields" || name.endsWith("_group_values")) return value;
  if (NUMBERS.has(name) && typeof value === "string") return dec(value);
  return plain(value, show);
}

const toTemplateIds = (ids: unknown, { templates }: Showing): unknown =>
  Array.isArray(ids)
    ? ids.map((id) => templates.get(String(id)) ?? id)
    : (templates.get(String(ids)) ?? ids);
