import type { Commit } from "../commits/commit.ts";
import { priceOf } from "../pricing/list-price.ts";
import type { Rate, RatePrice } from "../pricing/rate.ts";
import { changedPrice } from "./changed-price.ts";
import { chooseAccess, chooseOverride } from "./choose-override.ts";
import type { MultiplierPrioritization, Override } from "./override.ts";
import { concernsUsage, type OverridableUsage, type OverridePayer } from "./override-scope.ts";

/** A price and how it came about. */
export interface AgreedPrice {
  readonly price: RatePrice;
  /** What the rate card lists: the price itself when no override made it. */
  readonly listed: RatePrice;
  readonly basis: "LIST_RATE" | "COMMIT_RATE";
  readonly override: Override | null;
}

type Payer = OverridePayer & Pick<Commit, "rateType">;

/** What one contract pays for the usage of one line: a rate of the card as its overrides have it. */
export interface AgreedRate extends AgreedPrice {
  /** As the card has it. */
  readonly listedRate: Rate;
  /** As it is billed: its price and access are what the contract makes of them. */
  readonly rate: Rate;
  /** The override that decided on access; null: the card did. */
  readonly accessOverride: Override | null;
  /** What holds when a commit or credit pays; undefined: the same. null: the same for all. */
  readonly priceFor: ((commit: Payer) => AgreedPrice | undefined) | null;
  /** Equal for two hours that are priced alike. */
  readonly key: string;
}

/**
 * Applies the overrides that are in force at the hour to the rate that is in force. Of all that
 * concern the usage one makes the price (see chooseOverride).
 *
 * Who pays decides too: for usage that a commit pays for, its commit-specific overrides go first. A
 * commit of rate type COMMIT_RATE burns at the rate's commit rate, which only commit-specific
 * overrides with that target change; where the card has no commit rate it burns as any other.
 */
export function agreeRate(
  rate: Rate,
  inForce: readonly Override[],
  usage: OverridableUsage,
  prioritization: MultiplierPrioritization,
): AgreedRate {
  const concerned = inForce.filter((override) => concernsUsage(override, usage));
  const general = concerned.filter(({ isCommitSpecific }) => !isCommitSpecific);
  const specific = concerned.filter(({ isCommitSpecific }) => isCommitSpecific);
  const access = chooseAccess(concerned);
  const override = chooseOverride(general, prioritization);
  const isSame = specific.length === 0 && rate.commitRate === null;
  const agreed = toAgreed(rate, "LIST_RATE", override);
  const entitled = access?.entitled ?? rate.entitled;
  const priced = withPrice(rate, agreed);
  return {
    ...agreed,
    listedRate: rate,
    rate: entitled === rate.entitled ? priced : { ...priced, entitled },
    accessOverride: access ?? null,
    priceFor: isSame
      ? null
      : (commit) => agreeForCommit(rate, specific, usage, commit, prioritization),
    key: [rate.id, override?.id, access?.id, ...specific.map(({ id }) => id).sort()].join("/"),
  };
}

function agreeForCommit(
  rate: Rate,
  specific: readonly Override[],
  usage: OverridableUsage,
  commit: Payer,
  prioritization: MultiplierPrioritization,
): AgreedPrice | undefined {
  const own = commit.rateType === "COMMIT_RATE" ? rate.commitRate : null;
  const basis = own === null ? "LIST_RATE" : "COMMIT_RATE";
  const candidates = specific.filter(
    (override) => override.target === basis && concernsUsage(override, usage, commit),
  );
  const override = chooseOverride(candidates, prioritization);
  if (own === null && override === null) return undefined;
  return toAgreed(own ?? rate, basis, override);
}

function toAgreed(
  listedRate: RatePrice,
  basis: AgreedPrice["basis"],
  override: Override | null,
): AgreedPrice {
  if (!override?.change) return { listed: listedRate, price: listedRate, basis, override: null };
  const listed = priceOf(listedRate);
  return { listed, price: changedPrice(listed, override.change), basis, override };
}

/**
 * The rate with another price. An overwrite is a price of its own: the limits of the card's do not
 * go with it, nor does what the rate charges elsewhere in the period count towards them.
 */
function withPrice(rate: Rate, { price, override }: AgreedPrice): Rate {
  if (override === null) return rate;
  const bare = { price: null, tiers: null, mode: null, packageSize: null, ...rate };
  const { type: _, price: _p, tiers: _t, mode: _m, packageSize: _s, ...dated } = bare;
  if (override.change?.type !== "OVERWRITE") return { ...dated, ...price };
  const { minimum: _min, maximum: _max, ...unlimited } = dated;
  return { ...unlimited, ...price, id: `${rate.id}/${override.id}` };
}
