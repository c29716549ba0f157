// Version 6 of the meter: the state of version 5, and another behaviour.

import { meter } from "firmware/bench/meter";

export default meter({ version: "6.0.0", schema: 5, answer: (taken) => taken * 2 });
