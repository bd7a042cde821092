import type { Authorization, OAuthAccess } from "../oauth.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { ProviderReadError } from "../read-error.ts";
import type { Settings } from "../setting-fields.ts";
import { readFacts } from "./check-preferences.ts";
import { callCompany, type QuickBooksParts } from "./client.ts";
import { quickBooksOAuth } from "./oauth.ts";
import { QUICKBOOKS_SETTINGS } from "./settings.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The settings that a company's preferences decide; what they do not tell, or tell unreadably, is not there. Pure. */
export function settingsOf(preferences: Fields): Settings {
  const { CurrencyPrefs: currency } = preferences;
  if (typeof currency !== "object" || currency === null) return {};
  const { multicurrency, homeCurrency } = readFacts({}, preferences);
  const home = QUICKBOOKS_SETTINGS.home_currency?.read(homeCurrency);
  return {
    multicurrency,
    ...(home !== undefined && "value" in home ? { home_currency: home.value } : {}),
  };
}

/**
 * Of the company that was just chosen. A consent is good once: one whose preferences cannot be read counts
 * all the same, and the test of the connection tells what does not fit.
 */
async function readCompanySettings(
  parts: QuickBooksParts,
  { id, environment, builtIn, settings }: ProviderConnection,
  given: Authorization,
): Promise<Settings> {
  const { credential } = given;
  const chosen = {
    id,
    environment,
    builtIn,
    credential,
    settings: { ...settings, ...given.settings },
  };
  try {
    const answer = await callCompany(parts, chosen, { method: "GET", path: "/preferences" });
    return answer.outcome === "failed" ? {} : settingsOf((answer.body.Preferences ?? {}) as Fields);
  } catch (error) {
    if (error instanceof ProviderReadError) return {};
    throw error;
  }
}

/** Consent to a company of QuickBooks: its tokens, and the currencies that it keeps its books in. */
export function quickBooksConsent(parts: QuickBooksParts): OAuthAccess {
  const oauth = quickBooksOAuth(parts.hosts);
  return {
    ...oauth,
    async exchange(connection, answer) {
      const given = await oauth.exchange(connection, answer);
      const decided = await readCompanySettings(parts, connection, given);
      return { ...given, settings: { ...decided, ...given.settings } };
    },
  };
}
