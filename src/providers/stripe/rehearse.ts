import type { ProviderRequest } from "../provider.ts";
import type { StripeDocument } from "./document.ts";
import { toAddLines, toBatches, toCreate, toFinalize } from "./next-step.ts";

const PLACEHOLDER = "{invoice.id}";

/** The writes of a first delivery, exactly as they would be sent. Pure. */
export function rehearseDelivery(
  document: StripeDocument,
): { name: string; request: ProviderRequest }[] {
  const batches = toBatches(document.lines).map((batch) => {
    const first = batch[0];
    return {
      name: `lines-${first === undefined ? 0 : document.lines.indexOf(first)}`,
      request: toAddLines(PLACEHOLDER, batch, document.currency),
    };
  });
  return [
    { name: "create", request: toCreate(document) },
    ...batches,
    ...(document.leaveAsDraft ? [] : [{ name: "finalize", request: toFinalize(PLACEHOLDER) }]),
  ];
}
