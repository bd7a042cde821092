const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * How an event's customer is written down and looked up: an id in lower case, so that both
 * spellings of a uuid are one customer; an alias exactly as it was given.
 */
export const toCustomerReference = (idOrAlias: string): string =>
  UUID.test(idOrAlias) ? idOrAlias.toLowerCase() : idOrAlias;
