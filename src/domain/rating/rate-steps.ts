import type { TraceStep } from "../invoices/trace.ts";
import type { AgreedPrice, AgreedRate } from "../overrides/agreed-rate.ts";
import type { Rate } from "../pricing/rate.ts";

/**
 * How a price came about: the rate of the card, then what the contract made of it. `agreed` is
 * absent where a contract changes nothing; `price` is that of a commit where it has one of its own.
 */
export function rateSteps(
  rate: Rate,
  agreed: AgreedRate | undefined,
  price: AgreedPrice | undefined = agreed,
): TraceStep[] {
  const { id, type, startingAt } = agreed?.listedRate ?? rate;
  const steps: TraceStep[] = [
    { step: "rate", rateId: id, rateType: type, rateStartingAt: startingAt },
  ];
  const access = agreed?.accessOverride;
  if (access) steps.push({ step: "access", overrideId: access.id });
  if (price?.basis === "COMMIT_RATE") {
    steps.push({ step: "commit-rate", rateType: price.listed.type });
  }
  if (price?.override) {
    const { id: overrideId, change, isCommitSpecific } = price.override;
    steps.push({
      step: "override",
      overrideId,
      overrideType: change?.type ?? "OVERWRITE",
      isCommitSpecific,
      listed: price.listed,
      price: price.price,
    });
  }
  return steps;
}
