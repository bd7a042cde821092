/** A document as it is shown and printed: texts are final, amounts formatted. It knows nothing of billing. */
export interface Printable {
  /** "Invoice". */
  readonly title: string;
  /** Who it is from and to: lines of text. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** "Number", "AB12CD34-0001". */
  readonly facts: readonly PrintableFact[];
  readonly lines: readonly PrintableLine[];
  readonly totals: readonly PrintableTotal[];
  /** Paragraphs below the totals: how to pay, a memo, a footer. */
  readonly notes: readonly string[];
  /** What it is marked with: "Paid", "Void", "Test mode". */
  readonly marks: readonly string[];
  /** Written large across each page: "DRAFT". */
  readonly stamp?: string | undefined;
  /** The seller's picture, PNG or JPEG. */
  readonly logo?: Uint8Array | undefined;
}

export interface PrintableFact {
  readonly label: string;
  readonly value: string;
}

export interface PrintableLine {
  /** Stands above the line when it is the first of its group. */
  readonly heading?: { readonly title: string; readonly detail: string } | undefined;
  readonly description: string;
  /** "Jan 1 to Feb 1, 2024"; empty: none. */
  readonly detail: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
}

export interface PrintableTotal {
  readonly label: string;
  readonly amount: string;
  readonly strong: boolean;
}

export type Paper = "A4" | "LETTER";
