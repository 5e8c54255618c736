/**
 * Takes over the link of a mail from behind `#` in the address, which no log and no Referer ever has. It is taken out of
 * the address and kept nowhere, so that nobody finds it there later.
 * @returns {{token: string, email: string}|null} null when the address has none; parts that were cut off are empty
 */
export function takeSignInLink() {
  // In an address `+` is no space.
  const given = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
  if (!given.has("sign-in")) return null;
  history.replaceState(null, "", location.pathname);
  return { token: given.get("sign-in"), email: given.get("email") ?? "" };
}

/** Takes out of the address why a provider's word has signed nobody in; null when it says nothing of that. */
export function takeProviderFailure() {
  const code = new URLSearchParams(location.hash.slice(1)).get("sign-in-failed");
  if (code !== null) history.replaceState(null, "", location.pathname);
  return code;
}
