import { createHash } from "node:crypto";
import type { NamedRequest, ProviderRequest } from "../delivery-step.ts";
import type { StripeDocument, StripeLine } from "./document.ts";
import { waitedTax } from "./tax-step.ts";
import { toAddLines, toCreate } from "./to-requests.ts";

/** In the metadata of a draft that may be revised, and of its lines: what they were made of. */
export const TERMS_DIGEST = "ledgerline_terms";
export const LINE_DIGEST = "ledgerline_line_digest";

export type Params = Readonly<Record<string, unknown>>;

const DIGEST_LENGTH = 16;

export const digestOf = (content: unknown): string =>
  createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, DIGEST_LENGTH);

/**
 * What a write is called. A key knows only the content that it was first used with, so where the
 * content may change the name says which one it is.
 */
export const nameOf = (
  { revises }: StripeDocument,
  name: string,
  { params }: ProviderRequest,
): string => (revises ? `${name}-${digestOf(params)}` : name);

const named = (document: StripeDocument, name: string, request: ProviderRequest): NamedRequest => ({
  name: nameOf(document, name, request),
  request,
});

/** The parameters of the draft; Stripe's own tax is on when tax is computed for it there. */
export function toDraftParams(document: StripeDocument): Params {
  const { params } = toCreate(document);
  const enabled = waitedTax(document.tax) !== undefined;
  const wanted = { ...params, automatic_tax: { enabled } };
  if (!document.revises) return wanted;
  const metadata = { ...document.metadata, [TERMS_DIGEST]: digestOf(wanted) };
  return { ...wanted, metadata };
}

/** Creates the draft. */
export const createDraft = (document: StripeDocument): NamedRequest =>
  named(document, "create", { ...toCreate(document), params: toDraftParams(document) });

/** One line's parameters. */
export function toDraftLine(document: StripeDocument, line: StripeLine): Params {
  const { params } = toAddLines("", [line], document.currency);
  const [wanted] = params.lines as readonly Params[];
  if (wanted === undefined) throw new Error("Every line has its parameters");
  if (!document.revises) return wanted;
  const metadata = { ...(wanted.metadata as Params), [LINE_DIGEST]: digestOf(wanted) };
  return { ...wanted, metadata };
}

/** Adds lines to the draft `id`; named after the first of them, so that each batch has keys of its own. */
export function addLines(
  document: StripeDocument,
  id: string,
  lines: readonly StripeLine[],
): NamedRequest {
  const first = lines[0] === undefined ? 0 : document.lines.indexOf(lines[0]);
  const request = toAddLines(id, lines, document.currency);
  const params = { ...request.params, lines: lines.map((line) => toDraftLine(document, line)) };
  return named(document, `lines-${first}`, { ...request, params });
}
