import type { Static } from "typebox";
import { addOffsets, type Offset } from "../../domain/contracts/offset.ts";
import { type Instant, instant, instantText } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import type { CreateContract } from "../../operations/create-contract.ts";
import { type CreateContractBody, fromCreateContract } from "./create-contract.ts";
import type { PackageTerms } from "./create-package.ts";

type ContractBody = Static<typeof CreateContractBody>;

/** What a contract from a package says of itself. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "customer_id",
  "starting_at",
  "package_id",
  "package_alias",
  "uniqueness_key",
  "transition",
  "custom_fields",
]);

/** Refuses terms beside a package: they are the package's. */
export function refuseOwnTerms(body: Readonly<Record<string, unknown>>): void {
  const own = Object.entries(body).find(([name, value]) => !OWN_FIELDS.has(name) && value !== null);
  if (own === undefined) return;
  throw invalid(`${own[0]} cannot be given with a package, whose terms the contract has`, own[0]);
}

type OwnTerms = Pick<
  ContractBody,
  "customer_id" | "starting_at" | "uniqueness_key" | "transition" | "custom_fields"
>;

/**
 * The contract that a package comes to for a customer and a start: the body that would create it by
 * hand. Offsets are counted from the contract's start, durations from there on (offset.ts).
 */
export function toContractBody(terms: PackageTerms, own: OwnTerms): ContractBody {
  const { name: _, contract_name, uniqueness_key: __, aliases, duration, ...rest } = terms;
  const { billing_provider, delivery_method, ...parts } = rest;
  const start = instant(own.starting_at);
  return {
    ...(toDates(parts, start) as Partial<ContractBody>),
    ...(contract_name === undefined ? {} : { name: contract_name }),
    ...(duration ? { ending_before: instantText(addOffsets(start, duration)) } : {}),
    ...(billing_provider || delivery_method
      ? {
          billing_provider_configuration: {
            ...(billing_provider ? { billing_provider } : {}),
            ...(delivery_method ? { delivery_method } : {}),
          },
        }
      : {}),
    customer_id: own.customer_id,
    starting_at: own.starting_at,
    ...(own.uniqueness_key == null ? {} : { uniqueness_key: own.uniqueness_key }),
    ...(own.transition == null ? {} : { transition: own.transition }),
    ...(own.custom_fields === undefined ? {} : { custom_fields: own.custom_fields }),
  };
}

/** As toContractBody, as operations take it. */
export const fromPackage = (terms: PackageTerms, own: OwnTerms): CreateContract =>
  fromCreateContract(toContractBody(terms, own));

/** Whose values have names of the user's own. */
const isOpaque = (name: string): boolean =>
  name === "custom_fields" || name.endsWith("_group_values");

function toDates(value: unknown, start: Instant): unknown {
  if (Array.isArray(value)) return value.map((item) => toDates(item, start));
  if (typeof value !== "object" || value === null) return value;
  const { starting_at_offset, duration, date_offset, ...rest } = value as Record<string, unknown>;
  const { invoice_generation_starting_at_offset: generation, ...others } = rest;
  const at = (...offsets: unknown[]) =>
    instantText(addOffsets(start, ...(offsets.filter((offset) => offset != null) as Offset[])));
  return {
    ...Object.fromEntries(
      Object.entries(others).map(([name, inner]) => [
        name,
        isOpaque(name) ? inner : toDates(inner, start),
      ]),
    ),
    ...(starting_at_offset == null ? {} : { starting_at: at(starting_at_offset) }),
    ...(duration == null ? {} : { ending_before: at(starting_at_offset, duration) }),
    ...(date_offset == null ? {} : { timestamp: at(date_offset) }),
    ...(generation == null ? {} : { invoice_generation_starting_at: at(generation) }),
  };
}
