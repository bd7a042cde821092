/** One value that an option can have. */
export interface OptionChoice {
  readonly id: string;
  readonly label: string;
}

export type OptionRead = { readonly value: unknown } | { readonly expected: string };

/**
 * One option of an integration: how a page shows it and what it accepts. The description that the API
 * gives and the check of what it is given are this one object, so that they cannot differ.
 */
export interface OptionField {
  readonly label: string;
  readonly description: string;
  readonly type: "BOOLEAN" | "STRING" | "CHOICE" | "LIST" | "EXPRESSION" | "SECRET";
  /** What holds when nothing is said. */
  readonly initial: unknown;
  /** What can be chosen, where that is always the same. */
  readonly choices?: readonly OptionChoice[];
  /** What can be chosen is a question of its own: it depends on what there is. */
  readonly hasValues?: boolean;
  readonly maxLength?: number;
  /** The value as it is stored, or what it should have been. */
  readonly read: (given: unknown) => OptionRead;
}

/** Options by their name on the wire. */
export type OptionFields = Readonly<Record<string, OptionField>>;

type Shown = Pick<OptionField, "label" | "description">;

/** A switch: true, false, or their text. */
export const flagOption = (shown: Shown, initial: boolean): OptionField => ({
  ...shown,
  type: "BOOLEAN",
  initial,
  read: (given) => {
    const text = typeof given === "string" ? given.trim().toLowerCase() : String(given);
    if (typeof given !== "string" && typeof given !== "boolean") {
      return { expected: "true or false" };
    }
    return text === "true" || text === "false"
      ? { value: text === "true" }
      : { expected: "true or false" };
  },
});

const isText = (given: unknown): given is string =>
  typeof given === "string" && given.isWellFormed() && !given.includes("\0");

export interface TextRule {
  readonly maxLength: number;
  /** What it must look like, and in words. */
  readonly form?: { readonly pattern: RegExp; readonly expected: string };
  readonly type?: "STRING" | "EXPRESSION" | "SECRET";
  readonly hasValues?: boolean;
}

/** Text; blank text is none. */
export const textOption = (
  shown: Shown,
  { maxLength, form, type = "STRING", hasValues = false }: TextRule,
): OptionField => ({
  ...shown,
  type,
  initial: null,
  maxLength,
  hasValues,
  read(given) {
    const expected = form?.expected ?? `text of at most ${maxLength} characters`;
    if (!isText(given) || given.trim().length > maxLength) return { expected };
    const value = given.trim();
    if (value === "") return { value: null };
    return form === undefined || form.pattern.test(value) ? { value } : { expected };
  },
});

/** "Aggregation ID", "aggregation-id" and "AGGREGATION_ID" are one word. */
const fold = (text: string): string =>
  text
    .trim()
    .toUpperCase()
    .replaceAll(/[\s_-]+/g, "_");

const findChoice = (choices: readonly OptionChoice[], given: unknown): OptionChoice | undefined =>
  typeof given === "string" ? choices.find(({ id }) => fold(id) === fold(given)) : undefined;

const namesOf = (choices: readonly OptionChoice[]): string =>
  choices.map(({ id }) => id).join(", ");

/** One of `choices`, in any case; the first holds when nothing is said. */
export const choiceOption = (
  shown: Shown,
  choices: readonly [OptionChoice, ...OptionChoice[]],
): OptionField => ({
  ...shown,
  type: "CHOICE",
  initial: choices[0].id,
  choices,
  read(given) {
    const found = findChoice(choices, given);
    return found === undefined ? { expected: `one of ${namesOf(choices)}` } : { value: found.id };
  },
});

const MAX_ENTRIES = 10_000;

/** A list as it came: an array, or text with commas. Entries that are no text are undefined. */
function entriesOf(given: unknown): readonly (string | undefined)[] | undefined {
  const entries = typeof given === "string" ? given.split(",") : given;
  if (!Array.isArray(entries) || entries.length > MAX_ENTRIES) return undefined;
  return entries
    .map((entry) => (isText(entry) ? entry.trim() : undefined))
    .filter((entry) => entry !== "");
}

const listOption = (
  shown: Shown,
  rest: Partial<OptionField>,
  { readEntry, expected }: { readEntry: (text: string) => string | undefined; expected: string },
): OptionField => ({
  ...shown,
  ...rest,
  type: "LIST",
  initial: [],
  read(given) {
    const entries = entriesOf(given)?.map((entry) => entry && readEntry(entry));
    if (entries === undefined || entries.includes(undefined)) return { expected };
    return { value: [...new Set(entries)] };
  },
});

/** Several of `choices`, each once. */
export const choicesOption = (shown: Shown, choices: readonly OptionChoice[]): OptionField =>
  listOption(
    shown,
    { choices },
    {
      readEntry: (text) => findChoice(choices, text)?.id,
      expected: `a list of ${namesOf(choices)}`,
    },
  );

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Several ids of ours, each once. Whether they exist is for whoever can look. */
export const idsOption = (shown: Shown, what: string): OptionField =>
  listOption(
    shown,
    { hasValues: true },
    {
      readEntry: (text) => (UUID.test(text.toLowerCase()) ? text.toLowerCase() : undefined),
      expected: `a list of at most ${MAX_ENTRIES} ids of ${what}`,
    },
  );
