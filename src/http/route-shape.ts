/** Two routes are the same when only the names of their parameters differ. */
export const routeShape = (method: string, url: string): string =>
  `${method} ${url.replaceAll(/:\w+/g, ":")}`;
