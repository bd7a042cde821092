/** How a charge of a test card ends. */
export type ChargeOutcome =
  | { readonly outcome: "succeeds" }
  | {
      readonly outcome: "declines";
      readonly code: string;
      readonly declineCode: string;
      readonly message: string;
    }
  /** Only the customer in person can approve it; an automatic charge fails. */
  | { readonly outcome: "needs_authentication" };

export interface TestCard {
  /** The canonical id that names it in requests: "pm_card_visa". */
  readonly name: string;
  readonly number: string;
  readonly brand: "amex" | "discover" | "mastercard" | "visa";
  readonly charge: ChargeOutcome;
  /** False: already attaching it to a customer is declined. */
  readonly attaches: boolean;
}

const SUCCEEDS: ChargeOutcome = { outcome: "succeeds" };
const NEEDS_AUTHENTICATION: ChargeOutcome = { outcome: "needs_authentication" };

const declines = (code: string, declineCode: string, message: string): ChargeOutcome => ({
  outcome: "declines",
  code,
  declineCode,
  message,
});

const cardDeclined = (declineCode: string, message: string): ChargeOutcome =>
  declines("card_declined", declineCode, message);

const GENERIC = cardDeclined("generic_decline", "Your card was declined.");

const card = (
  name: string,
  number: string,
  charge: ChargeOutcome = SUCCEEDS,
  { brand = "visa", attaches = charge.outcome !== "declines" }: Partial<TestCard> = {},
): TestCard => ({ name, number, brand, charge, attaches });

/** Stripe docs: Testing, "Test card numbers". */
const TEST_CARDS: readonly TestCard[] = [
  card("pm_card_visa", "4242424242424242"),
  card("pm_card_visa_debit", "4000056655665556"),
  card("pm_card_mastercard", "5555555555554444", SUCCEEDS, { brand: "mastercard" }),
  card("pm_card_amex", "378282246310005", SUCCEEDS, { brand: "amex" }),
  card("pm_card_discover", "6011111111111117", SUCCEEDS, { brand: "discover" }),
  card("pm_card_visa_chargeDeclined", "4000000000000002", GENERIC),
  card(
    "pm_card_visa_chargeDeclinedInsufficientFunds",
    "4000000000009995",
    cardDeclined("insufficient_funds", "Your card has insufficient funds."),
  ),
  card(
    "pm_card_visa_chargeDeclinedLostCard",
    "4000000000009987",
    cardDeclined("lost_card", "Your card was declined."),
  ),
  card(
    "pm_card_visa_chargeDeclinedStolenCard",
    "4000000000009979",
    cardDeclined("stolen_card", "Your card was declined."),
  ),
  card(
    "pm_card_chargeDeclinedExpiredCard",
    "4000000000000069",
    declines("expired_card", "expired_card", "Your card has expired."),
  ),
  card(
    "pm_card_chargeDeclinedIncorrectCvc",
    "4000000000000127",
    declines("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
  ),
  card(
    "pm_card_chargeDeclinedProcessingError",
    "4000000000000119",
    declines(
      "processing_error",
      "processing_error",
      "An error occurred while processing your card. Try again in a little bit.",
    ),
  ),
  card("pm_card_chargeCustomerFail", "4000000000000341", GENERIC, { attaches: true }),
  card("pm_card_authenticationRequired", "4000002760003184", NEEDS_AUTHENTICATION),
  card("pm_card_threeDSecure2Required", "4000000000003220", NEEDS_AUTHENTICATION),
];

/** Shorter names for the same cards. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"],
  ["pm_card_chargeDeclinedInsufficientFunds", "pm_card_visa_chargeDeclinedInsufficientFunds"],
  ["pm_card_chargeDeclinedLostCard", "pm_card_visa_chargeDeclinedLostCard"],
  ["pm_card_chargeDeclinedStolenCard", "pm_card_visa_chargeDeclinedStolenCard"],
]);

const byName = new Map(TEST_CARDS.map((card) => [card.name, card]));
const byNumber = new Map(TEST_CARDS.map((card) => [card.number, card]));

/** The test card of a canonical id, or undefined when it names none. */
export const findTestCard = (name: string): TestCard | undefined =>
  byName.get(ALIASES.get(name) ?? name);

/** The test card of a number; blanks and dashes do not count. */
export const findTestCardByNumber = (number: string): TestCard | undefined =>
  byNumber.get(number.replace(/[ -]/g, ""));

/** The test card of a token ("tok_visa"), as clients use them in `card[token]`. */
export const findTestCardByToken = (token: string): TestCard | undefined =>
  findTestCard(token.replace(/^tok_/, "pm_card_"));

/** The last four digits, which is all of a number that is ever shown. */
export const lastFour = (card: TestCard): string => card.number.slice(-4);
