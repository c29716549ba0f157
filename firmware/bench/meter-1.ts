// Version 1 of the meter: its first state.

import { meter } from "firmware/bench/meter";

export default meter({ version: "1.0.0", schema: 1, answer: (taken) => taken });
