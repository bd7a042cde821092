import type { StoredStep } from "./stored-step.ts";

const between = (start: string, end: string): string => `from ${start} to ${end}`;

/** "7 - 3": what came on top, when something was there before. */
const added = (before: string, after: string): string =>
  before === "0" ? after : `${after} - ${before}`;

/**
 * One step of an amount in one sentence, for people. Amounts are in the unit of the line's credit type
 * (cents for USD).
 */
export function stepText(step: StoredStep): string {
  switch (step.step) {
    case "usage": {
      const { aggregation, valueAtStart, valueAtEnd, windowStart, windowEnd, eventCount } = step;
      const events = eventCount === null ? "" : ` (${eventCount} events)`;
      return `${aggregation} of usage ${between(windowStart, windowEnd)}: ${added(valueAtStart, valueAtEnd)}${events}`;
    }
    case "stated": {
      const parts = step.windowCount === 1 ? "" : `, in ${step.windowCount} parts`;
      return `Imported quantity ${between(step.windowStart, step.windowEnd)}: ${step.quantity}${parts}`;
    }
    case "conversion":
      return `Converted: ${step.operation.toLowerCase()} by ${step.factor}: ${added(step.valueAtStart, step.valueAtEnd)}`;
    case "rounding": {
      const method = step.method.toLowerCase().replaceAll("_", " ");
      return `Quantity, ${method} to ${step.decimalPlaces} decimal places: ${added(step.valueAtStart, step.valueAtEnd)}`;
    }
    case "rate":
      return `Rate ${step.rateId} of the rate card, ${step.rateType}, in force since ${step.rateStartingAt}`;
    case "access":
      return `Override ${step.overrideId} opens the product to the contract`;
    case "commit-rate":
      return `The commit pays at its own price, ${step.rateType}`;
    case "override":
      return `Override ${step.overrideId} (${step.overrideType}${step.isCommitSpecific ? ", of what a commit pays" : ""}) changes the listed price`;
    case "tier": {
      const size = step.size === null ? "without end" : `of ${step.size}`;
      return `Tier ${step.level}, ${size}, begins at ${step.startingAt}: the period's quantity from ${step.quantityBefore} to ${step.quantityAfter} falls into it`;
    }
    case "package":
      return `Blocks of ${step.packageSize}: ${added(step.blocksBefore, step.blocksAfter)} for ${added(step.unitsBefore, step.unitsAfter)} units`;
    case "volume":
      return `The period's whole quantity, ${step.periodQuantity}, picks the tier of all units`;
    case "tier-fee":
      return `Fee of the tier, ${step.fee}: ${step.amount}`;
    case "maximum":
      return `The rate's maximum of ${step.maximum}, of which ${step.spentBefore} was used up, leaves ${step.amount} of ${step.ofAmount}`;
    case "minimum":
      return `To the rate's minimum of ${step.minimum} there was ${step.spent}: ${step.amount} is missing`;
    case "spend":
      return `What ${step.productIds.length} products cost: ${added(step.spendBefore, step.spendAfter)}`;
    case "price":
      return `${step.quantity} x ${step.unitPrice} = ${step.amount}`;
    case "commit":
      return `Commit ${step.commitId} pays ${step.amount}: its balance goes from ${step.before} to ${step.after}`;
    case "cpu-conversion":
      return `${step.priced} of the pricing unit, less ${step.burned} that commits paid: ${step.quantity} x ${step.fiatPerUnit} = ${step.amount}`;
    case "true-up": {
      const moved = step.rolledOver === undefined ? "" : `, less ${step.rolledOver} that moved on`;
      return `Committed ${step.committed}, used ${step.applied}${moved}: ${step.amount} is left to pay`;
    }
    case "split":
      return `The ${step.part === "covered" ? "part that a commit covers" : "rest that no commit covers"}: ${step.quantity} of ${step.ofQuantity}, ${step.amount} of ${step.ofAmount}`;
    case "proration":
      return `From ${step.startingAt} to ${step.endingBefore}, ${step.part} of ${step.whole} (${step.basis}): ${step.price} becomes ${step.unitPrice}`;
    case "proration-rounding":
      return `The price of one unit, ${step.price}, is rounded to ${step.unitPrice}`;
    case "recurring-period":
      return `From ${step.countedFrom} to ${step.countedUntil}, ${step.part} of ${step.whole} (${step.basis}) of ${step.quantity} x ${step.unitPrice}: ${step.amount}`;
    case "threshold":
      return `The ${step.measure === "balance" ? "balance" : "unpaid usage"} stood at ${step.measured}, the threshold is ${step.threshold}: ${step.grants} is granted for ${step.amount}`;
    case "correction":
      return `Invoice ${step.invoiceId} and corrections of it billed ${step.billed}; with the usage that is known now it is ${step.due}: ${step.amount}`;
    case "tax":
      return `Tax as it was given: ${step.amount}`;
    case "schedule":
      return `Scheduled at ${step.at}: ${step.quantity} x ${step.unitPrice}, billed ${step.amount}`;
  }
}
