// Version 2 of the meter: a field added to its state.

import { meter } from "firmware/bench/meter";

export default meter({ version: "2.0.0", schema: 2, answer: (taken) => taken });
