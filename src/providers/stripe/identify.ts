import Stripe from "stripe";
import { fromReadError } from "./errors.ts";

const NAMED_ACCOUNT = /account '(acct_\w+)'/;

/** A restricted key need not have the right to its own account, but then the refusal names it. */
function accountOfRefusal(error: unknown): string | null | undefined {
  if (!(error instanceof Stripe.errors.StripeError)) return undefined;
  if (error.statusCode !== 403 || error.code === "account_invalid") return undefined;
  return NAMED_ACCOUNT.exec(error.message)?.[1] ?? null;
}

/** The account that the key opens; null where the key may not know. Throws ProviderReadError. */
export async function identifyAccount(
  stripe: Stripe,
): Promise<{ readonly accountId: string | null }> {
  try {
    const { id } = await stripe.accounts.retrieveCurrent();
    return { accountId: id };
  } catch (error) {
    const accountId = accountOfRefusal(error);
    if (accountId === undefined) throw fromReadError(error);
    return { accountId };
  }
}
