const MAX_CHARACTERS = 160;

/** Names longer than 160 characters are cut, not refused (Metronome docs: "Create a customer"). */
export const toCustomerName = (name: string): string => [...name].slice(0, MAX_CHARACTERS).join("");
