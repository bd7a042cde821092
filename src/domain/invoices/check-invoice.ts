import { type Decimal, dec, plus, toText, ZERO } from "../decimal.ts";
import { traceFaults } from "./check-trace.ts";
import type { StoredStep } from "./stored-step.ts";

/** A final invoice as it is stored, and what is posted of it. Decimals are canonical text. */
export interface StoredInvoice {
  readonly creditTypeId: string;
  readonly subtotal: string;
  readonly total: string;
  readonly lines: readonly {
    readonly lineKey: string;
    readonly type: string;
    readonly creditTypeId: string;
    readonly total: string;
    readonly commit: { readonly segmentId: string; readonly type: string } | null;
  }[];
  readonly traces: Readonly<Record<string, readonly StoredStep[]>>;
  /** What its entries took of each segment, true-ups and credit notes left out; undefined: it is void. */
  readonly taken: ReadonlyMap<string, Decimal> | undefined;
  /** What credit notes have given back of it. */
  readonly credited: Decimal;
}

/** Whether an invoice's columns still have the hash that was stored with them is asked elsewhere. */
export function invoiceFaults(invoice: StoredInvoice): string[] {
  return [
    ...totalFaults(invoice),
    ...invoice.lines.flatMap((line) => traceFaults(line, invoice.traces[line.lineKey] ?? [])),
    ...takenFaults(invoice),
    ...creditFaults(invoice),
  ];
}

const isOffset = ({ type }: StoredInvoice["lines"][number]): boolean =>
  type === "applied_commit_or_credit";

/** subtotal = what is sold; total = that less what is paid before (postpaid offsets are paid later). */
function totalFaults({ creditTypeId, lines, subtotal, total }: StoredInvoice): string[] {
  const own = lines.filter((line) => line.creditTypeId === creditTypeId);
  const sumOf = (some: typeof own) => some.reduce((all, line) => plus(all, dec(line.total)), ZERO);
  const sold = sumOf(own.filter((line) => !isOffset(line)));
  const paid = sumOf(own.filter((line) => isOffset(line) && line.commit?.type !== "POSTPAID"));
  const due = plus(sold, paid);
  return [
    ...(sold.eq(dec(subtotal))
      ? []
      : [`its subtotal is ${subtotal}, and its lines come to ${toText(sold)}`]),
    ...(due.eq(dec(total)) ? [] : [`its total is ${total}, and its lines come to ${toText(due)}`]),
  ];
}

/** What was posted to each segment is what the offset lines say. */
function takenFaults({ lines, taken }: StoredInvoice): string[] {
  if (taken === undefined) return [];
  const stated = new Map<string, Decimal>();
  for (const line of lines.filter(isOffset)) {
    const segmentId = line.commit?.segmentId ?? "";
    stated.set(segmentId, (stated.get(segmentId) ?? ZERO).minus(dec(line.total)));
  }
  return [...new Set([...stated.keys(), ...taken.keys()])].flatMap((segmentId) => {
    const [said, posted] = [stated.get(segmentId) ?? ZERO, taken.get(segmentId) ?? ZERO];
    if (said.eq(posted)) return [];
    return [
      `its lines take ${toText(said)} of segment ${segmentId}, and ${toText(posted)} is posted`,
    ];
  });
}

const creditFaults = ({ total, credited }: StoredInvoice): string[] =>
  credited.gt(ZERO) && credited.gt(dec(total))
    ? [`credit notes give back ${toText(credited)} of its ${total}`]
    : [];
