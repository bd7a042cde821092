import { createHmac, timingSafeEqual } from "node:crypto";
import type { CoreDb } from "../db/database.ts";
import { notFound } from "../errors.ts";
import { findEnvironmentOfInvoice } from "../store/environments.ts";
import { getInvoice } from "../store/invoices.ts";
import type { OperationContext, Services } from "./context.ts";
import { type InvoiceParts, readInvoiceParts } from "./read-invoice-document.ts";

const TOKEN = /^inv_([\w-]{64})$/;
const ID_BYTES = 16;

/** Only who has the instance's key can make one: the invoice's id and a MAC over it and its environment. */
function toToken({ vault }: Services, environmentId: string, invoiceId: string): string {
  const mac = createHmac("sha256", vault.deriveKey("invoice-page"))
    .update(`${environmentId}/${invoiceId}`)
    .digest();
  const id = Buffer.from(invoiceId.replaceAll("-", ""), "hex");
  return `inv_${Buffer.concat([id, mac]).toString("base64url")}`;
}

const toUuid = (hex: string): string =>
  hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

const noSuchPage = () => notFound("page", "of this link");

/** The address of an invoice's page, always the same. Throws not found. */
export async function linkInvoicePage(ctx: OperationContext, invoiceId: string): Promise<string> {
  const { id } = await getInvoice(ctx.db, ctx.environment.id, invoiceId);
  return invoicePageUrl(ctx, id);
}

/** The address of the page of an invoice that is there. */
export const invoicePageUrl = (
  { services, environment }: OperationContext,
  invoiceId: string,
): string => `${services.publicUrl()}/i/${toToken(services, environment.id, invoiceId)}`;

/** Whether an address can be of a page of ours. */
export const isPageToken = (token: string): boolean => TOKEN.test(token);

/**
 * What the page behind a link shows. undefined: the link is right and the invoice a draft, which has no
 * page yet. Throws not found for any other link.
 */
export async function openInvoicePage(
  db: CoreDb,
  services: Services,
  token: string,
): Promise<InvoiceParts | undefined> {
  const [, text] = TOKEN.exec(token) ?? [];
  if (text === undefined) throw noSuchPage();
  const invoiceId = toUuid(Buffer.from(text, "base64url").subarray(0, ID_BYTES).toString("hex"));
  const environment = await findEnvironmentOfInvoice(db, invoiceId);
  const right = toToken(services, environment?.id ?? "", invoiceId);
  const isRight = timingSafeEqual(Buffer.from(right), Buffer.from(token));
  if (environment === undefined || !isRight) throw noSuchPage();
  const now = await services.clock.now(environment.name);
  const ctx: OperationContext = { db, environment, now, actor: "page", services };
  const { status } = await getInvoice(db, environment.id, invoiceId);
  return status === "DRAFT" ? undefined : readInvoiceParts(ctx, invoiceId);
}
