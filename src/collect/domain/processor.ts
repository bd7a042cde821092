import { type ChargeOutcome, findTestCard } from "./test-cards.ts";

/** Who takes the money of payments. */
export interface Processor {
  /** Whether payments are attempted by themselves; else money arrives elsewhere and is recorded. */
  readonly collects: boolean;
  /** Tries to charge a method, named by its row in the table of test cards; undefined: it cannot be charged. */
  charge(method: string): ChargeOutcome | undefined;
}

/** Test mode: a table says how each card ends. It answers at once and on this machine. */
const testProcessor: Processor = {
  collects: true,
  charge: (method) => findTestCard(method)?.charge,
};

/** Live mode: nothing is charged. Payments are recorded when they have arrived, in whole or in part. */
const outOfBand: Processor = { collects: false, charge: () => undefined };

/** The processor of a mode. */
export const processorOf = ({ livemode }: { readonly livemode: boolean }): Processor =>
  livemode ? outOfBand : testProcessor;
