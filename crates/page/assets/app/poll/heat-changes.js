import { answerOfEvent, levelsOfAnswer } from "./answer-values.js";

/**
 * The heat map after a change that was told by an event, without asking for anything.
 * @param {object} heat as heatOf gives it, with everybody in it
 * @param {object} change the data of the event
 * @returns {object} another heat map; the one that was given stays as it is
 */
export function heatAfter(heat, change, layout) {
  const yes = heat.yes.slice();
  const ifNeeded = heat.ifNeeded.slice();
  const people = [...heat.people];
  const count = (view, by) => {
    for (let cell = 0; cell < view.length; cell++) {
      if (view[cell] === 2) yes[cell] += by;
      else if (view[cell] === 1) ifNeeded[cell] += by;
    }
  };
  for (const told of change.participants) {
    const { id, name, answered } = told;
    const view = levelsOfAnswer(answerOfEvent(told), layout);
    const at = people.findIndex((person) => person.id === id);
    if (at >= 0) count(people[at].view, -1);
    count(view, 1);
    people[at >= 0 ? at : people.length] = { id, name, answered, view };
  }
  return { yes, ifNeeded, people, participants: change.participants_total, answered: change.answered };
}

/** The poll after a change: what is described anew, and who takes part now. */
export function pollAfter(poll, change) {
  const described = { ...poll, ...change.poll, version: change.version };
  described.participants = poll.participants && [...poll.participants];
  for (const { ranges, weekly, ...participant } of change.participants ?? []) {
    const at = described.participants?.findIndex((known) => known.id === participant.id) ?? -1;
    if (at >= 0) described.participants[at] = participant;
    else described.participants?.push(participant);
  }
  described.participants_total = change.participants_total ?? poll.participants_total;
  described.answered = change.answered ?? poll.answered;
  return described;
}
