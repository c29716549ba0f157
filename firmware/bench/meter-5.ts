// Version 5 of the meter: a unit changed in its state.

import { meter } from "firmware/bench/meter";

export default meter({ version: "5.0.0", schema: 5, answer: (taken) => taken });
