// What the platform is asked to sign somebody in and out. Who is signed in it knows by a cookie that no script can read.
import { dataOf, request } from "../api.js";
import { MAIL_LANGUAGES, language } from "../i18n.js";

const sessionPath = (id) => `/users/account/sessions/${encodeURIComponent(id)}`;

/** Has a mail with a link sent by which its receiver signs in. */
export const requestSignIn = (email) =>
  request("POST", "/users/sign-ins", { body: { email, ...(MAIL_LANGUAGES.includes(language()) && { language: language() }) } });

/** Signs in by a link; it fails with the status 401 when the link does not hold. */
export const signIn = (link) => dataOf(request("POST", "/users/sessions", { body: link }));

/** Who is signed in and where; it fails with the status 401 when nobody is. */
export async function readAccount() {
  const account = await dataOf(request("GET", "/users/account"));
  const { sessions } = await dataOf(request("GET", "/users/account/sessions"));
  return { ...account, sessions };
}

/** Ends a session; what is at `provider_sign_out` of the reply, if anything, ends that at its provider. */
export const endSession = (id) => dataOf(request("DELETE", sessionPath(id)));

/** All that is stored of who is signed in, and the jobs that they have ordered. */
export async function readOwnData() {
  const [stored, jobs] = await Promise.all([dataOf(request("GET", "/users/account/export")), dataOf(request("GET", "/worker/account/export"))]);
  return { stored, jobs };
}

/** Deletes the account, and erases all that is stored of its address. */
export const eraseAccount = () => request("DELETE", "/users/account");

/** The polls of the account: `{id, title, organiser, participants: {id, name}[]}`, the newest first. */
export const readPolls = async () => (await dataOf(request("GET", "/users/account/polls"))).polls;

/** Takes polls over into the account, each by a token that this browser has. */
export const takePollsOver = (polls) => dataOf(request("POST", "/users/account/polls", { body: { polls } }));

/** Has tokens of a poll of the account made for this browser. */
export const openPoll = (id) => dataOf(request("POST", `/users/account/polls/${encodeURIComponent(id)}/tokens`));
export const removePoll = (id) => request("DELETE", `/users/account/polls/${encodeURIComponent(id)}`);

/** The providers of identities by which people can sign in. */
export const readProviders = async () => (await dataOf(request("GET", "/users/identity-providers"))).providers;

/** Where the browser goes to sign in by a provider. */
export async function beginProviderSignIn(name) {
  const path = `/users/identity-providers/${encodeURIComponent(name)}/sign-ins`;
  return (await dataOf(request("POST", path, { body: { return_path: location.pathname } }))).location;
}
