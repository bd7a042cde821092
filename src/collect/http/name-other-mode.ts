import { CollectError } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { isInOtherMode } from "../store/other-mode.ts";

/**
 * The same refusal, with the reason when the object that is missing exists in the account's other
 * mode (Stripe's words). The transaction must still be able to read.
 */
export async function nameOtherMode(scope: Scope, error: unknown): Promise<unknown> {
  if (!(error instanceof CollectError) || error.sought === undefined) return error;
  const { what, id } = error.sought;
  if (!(await isInOtherMode(scope, what, id))) return error;
  const [here, there] = scope.livemode ? ["live", "test"] : ["test", "live"];
  return new CollectError(
    error.kind,
    error.type,
    error.code,
    `${error.message}; a similar object exists in ${there} mode, but a ${here} mode key was used to make this request.`,
    error.field === undefined ? {} : { param: error.field },
  );
}
