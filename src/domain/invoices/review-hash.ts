import { contentHash } from "./canonical.ts";
import type { RatedInvoice } from "./invoice.ts";

/**
 * What somebody who approves a draft has seen of it: lines and totals, without the steps behind them.
 * Another hash when it is finalized means that the approval was of something else.
 */
export const reviewHash = ({ lines, subtotal, total }: RatedInvoice): string =>
  contentHash({ lines: lines.map(({ trace: _, ...line }) => line), subtotal, total });
