// What a poll's screen shows besides its head and the question for a name: whoever follows its link for the first time
// can read and join while this is still on its way.
import { AnswerSection } from "./answer-section.js";
import { GroupSection } from "./group-section.js";
import { WindowsPanel } from "../windows/panel.js";
import { decideAfterAsking, declineAfterAsking, takeBackAfterAsking } from "../windows/decide.js";
import { SharePanel } from "../share.js";
import { OrganiserPanel } from "../organiser/panel.js";

export { AnswerSection, GroupSection, OrganiserPanel, SharePanel, WindowsPanel, decideAfterAsking, declineAfterAsking, takeBackAfterAsking };
