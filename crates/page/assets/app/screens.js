// The screens besides that of a poll.
import { CreateScreen } from "./create/screen.js";
import { MyPollsScreen } from "./my-polls.js";
import { StatusScreen } from "./status.js";

export { CreateScreen, MyPollsScreen, StatusScreen };
