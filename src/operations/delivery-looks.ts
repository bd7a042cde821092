import { instantText, Temporal } from "../domain/time.ts";
import type {
  AcceptedWrite,
  Known,
  ProviderRequest,
  Step,
  WriteResult,
} from "../providers/delivery-step.ts";
import type { AnyProvider } from "../providers/provider.ts";
import type { ProviderConnection } from "../providers/provider-connection.ts";

/** What stands at the provider, and the real time at which the look, or the write that told it, began. */
export interface Look {
  readonly observed: unknown;
  readonly observedAt: string;
}

/** The looks and writes of one delivery. */
export interface DeliveryLooks {
  /** What stands there: what the last write told, when that is enough, else a look. */
  look(known: Known): Promise<Look>;
  execute(request: ProviderRequest, idempotencyKey: string): Promise<WriteResult>;
  /**
   * After a refusal of a step that was decided from what a write told: somebody may have changed what
   * stands there since, so a look decides. True when it leads to another step; the next `look` is it.
   */
  leadsElsewhere(step: Extract<Step, { step: "write" }>): Promise<boolean>;
}

const realNow = (): string => instantText(Temporal.Now.instant());

/** Opens the looks at what stands at the provider for a document. */
export function openLooks(
  provider: AnyProvider,
  connection: ProviderConnection,
  document: unknown,
): DeliveryLooks {
  let next: Look | undefined;
  /** The last write, while nothing was looked at since. */
  let written: (AcceptedWrite & { readonly writtenAt: string }) | undefined;
  let last: (Look & { readonly known: Known; readonly isTold: boolean }) | undefined;

  async function lookNow(known: Known): Promise<Look> {
    const observedAt = realNow();
    return { observed: await provider.observe(connection, document, known), observedAt };
  }

  function tell(known: Known): Look | undefined {
    if (last === undefined || written === undefined) return undefined;
    const observed = provider.afterWrite?.(document, last.observed, written, known);
    return observed && { observed, observedAt: written.writtenAt };
  }

  return {
    async look(known) {
      const told = next ?? tell(known);
      next = undefined;
      written = undefined;
      last = { ...(told ?? (await lookNow(known))), known, isTold: told !== undefined };
      return last;
    },
    async execute(request, idempotencyKey) {
      const writtenAt = realNow();
      next = undefined;
      written = undefined;
      const result = await provider.execute(connection, request, idempotencyKey);
      if (result.outcome !== "accepted" || result.reply === undefined) return result;
      const { reply, ...rest } = result;
      written = { request, reply, writtenAt };
      return rest;
    },
    async leadsElsewhere({ name }) {
      if (last === undefined || !last.isTold) return false;
      next = await lookNow(last.known);
      const step = provider.nextStep(document, next.observed);
      return step.step !== "write" || step.name !== name;
    },
  };
}
