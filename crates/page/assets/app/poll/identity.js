import { rememberedPoll, rememberPoll } from "../store.js";

/**
 * Who this browser is in a poll.
 * @typedef {{adminToken?: string, participant?: {id: string, token: string, name: string}}} Identity
 */

/**
 * Takes over the tokens behind `#` in the address, which no log and no Referer ever has, and gives who this browser is.
 * They are taken out of the address, so that a link that is copied from there gives nothing away.
 * @returns {Identity}
 */
export function adoptIdentity(id) {
  const given = new URLSearchParams(location.hash.slice(1));
  const adminToken = given.get("admin");
  const [participantId, token] = given.get("edit")?.split(".") ?? [];
  if (adminToken) rememberPoll({ id, adminToken });
  if (participantId && token) rememberPoll({ id, participant: { id: participantId, token, name: "" } });
  if (adminToken || participantId) history.replaceState(null, "", location.pathname);
  const { adminToken: admin, participant } = rememberedPoll(id) ?? {};
  return { adminToken: admin, participant };
}

/** The token to read a poll with: the one that shows most. */
export const readingToken = (identity) => identity.adminToken ?? identity.participant?.token;

/** The link by which the same answer is changed on another device. */
export const editLink = (id, participant) => `${location.origin}/p/${id}#edit=${participant.id}.${participant.token}`;
